import Glibc
import PluginAPI
import Session
import Shell

let program = CommandLineProgram(language: languagePlugins, plugins: builtinPlugins)
exit(program.run(Array(CommandLine.arguments.dropFirst())))
