enum LayersModule {}
