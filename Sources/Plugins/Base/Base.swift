enum BaseModule {}
