enum EvaluatorModule {}
