import Diagnostics
import PluginAPI

/// What is said where a plug-in is not found although there is something like it: another spelling, plug-ins that are
/// turned off, folders that are not looked into.
struct MissingPlugins {
    private let context: Context
    private let folders: PluginFolders

    init(_ context: Context) {
        self.context = context
        folders = context.pluginFolders
    }

    /// The hint to an error about a package that is not there; nil for any other error, and where there is none to give.
    func hint(to condition: Value) -> String? {
        guard condition.inherits("packageNotFoundError"),
            let name = condition.namedItems.first(where: { $0.name == "package" })?.value,
            case .character(let text) = name,
            let name = text.elements.first??.string
        else { return nil }
        return hint(name)
    }

    private func hint(_ name: String) -> String? {
        let names = folders.names()
        if folders.isClosed {
            return names.contains(name) ? "it is an installed plug-in, and --no-plugins leaves all of them out" : nil
        }
        if !folders.relative.isEmpty {
            return
                "WORKBENCH_PLUGINS takes absolute paths; not looked into: \(folders.relative.joined(separator: ", "))"
        }
        let box = context.registry.namespaces.map { $0.name }
        let loadable = names.filter { !box.contains($0) }
        guard let near = didYouMean(name, among: box + loadable) else { return nil }
        // What is in the box is suggested anyway.
        return loadable.contains { near.contains("`\($0)`") || near.contains($0) } ? near : nil
    }
}
