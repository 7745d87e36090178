enum OptimizersModule {}
