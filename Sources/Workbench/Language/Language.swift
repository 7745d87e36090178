enum LanguageModule {}
