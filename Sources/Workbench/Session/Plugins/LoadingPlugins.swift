import Diagnostics
import Glibc
import PluginAPI

/// The plug-ins of a session whose loading has begun and is not over: the code of one may ask for others.
final class LoadingPlugins {
    private var entries: [(name: String, thread: pthread_t)] = []

    /// Runs what loads a plug-in.
    /// - Throws: what that throws; for a plug-in that is being loaded already, the chain that leads back to it.
    func loading(_ plugin: PluginDescriptor, _ load: () throws -> Void) throws {
        let me = pthread_self()
        let mine = entries.filter { pthread_equal($0.thread, me) != 0 }.map { $0.name }
        if let place = mine.firstIndex(of: plugin.name) {
            let chain = (mine[place...] + [plugin.name]).joined(separator: " → ")
            throw WorkbenchError(
                .plugin, "\(plugin.title) loads itself: \(chain)", hint: "leave one library() out of the chain")
        }
        // While one is tried the evaluator is free, and a fit in the background may ask for it too.
        guard !entries.contains(where: { $0.name == plugin.name }) else {
            throw WorkbenchError(
                .plugin, "\(plugin.title) is just being loaded by another computation", hint: "ask again in a moment")
        }
        entries.append((plugin.name, me))
        defer { entries.removeAll { $0.name == plugin.name } }
        try load()
    }
}

extension PluginDescriptor {
    /// Loads the plug-in into a session.
    ///
    /// - Parameter override: It may replace names that are there already.
    /// - Throws: why it cannot be loaded: names it.
    func load(into context: Context, override: Bool) throws {
        try context.storage(LoadingPlugins.self) { LoadingPlugins() }.loading(self) {
            switch code {
            case .script: try ScriptedPlugin(self).load(into: context, override: override)
            case .library: try CompiledPlugin(self).load(into: context, override: override)
            }
        }
    }
}
