enum TransformsModule {}
