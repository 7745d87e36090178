enum TorchModule {}
