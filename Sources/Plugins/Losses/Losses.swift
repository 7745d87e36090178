enum LossesModule {}
