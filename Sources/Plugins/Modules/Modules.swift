enum ModulesModule {}
