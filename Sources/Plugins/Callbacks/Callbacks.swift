enum CallbacksModule {}
