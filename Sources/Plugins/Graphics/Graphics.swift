enum GraphicsModule {}
