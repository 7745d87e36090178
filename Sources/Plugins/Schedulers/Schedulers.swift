enum SchedulersModule {}
