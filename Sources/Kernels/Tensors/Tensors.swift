enum TensorsModule {}
