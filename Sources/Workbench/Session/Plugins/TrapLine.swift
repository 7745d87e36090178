import CTraps
import Diagnostics
import PluginAPI

/// The line that a process writes when compiled code traps in it.
enum TrapLine {
    /// Gets it ready before a compiled plug-in is opened. Swift's own handler, which would ask at a terminal what to do
    /// and wait, comes behind it only where `SWIFT_BACKTRACE` asks for it.
    static func prepare(_ descriptor: PluginDescriptor, _ context: Context) {
        let loaded = context.registry.loadedPlugins.plugins.filter { $0.isCompiled }.map { "\($0.name) \($0.version)" }
        let all = loaded + ["\(descriptor.name) \(descriptor.version)"]
        workbench_say_traps(
            "\nworkbench: compiled code trapped (",
            "); loaded: \(all.count == 1 ? "plug-in" : "plug-ins") \(all.joined(separator: ", ")). "
                + "The next start says how to leave \(all.count == 1 ? "it" : "them") out, and which fit "
                + "recover_fit() returns\n",
            environmentVariable("SWIFT_BACKTRACE") == nil ? 0 : 1)
    }
}
