import Glibc
import PluginAPI
import Session
import Shell

exit(CommandLineProgram(plugins: builtinPlugins).run(Array(CommandLine.arguments.dropFirst())))
