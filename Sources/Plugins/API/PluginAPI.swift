enum PluginAPIModule {}
