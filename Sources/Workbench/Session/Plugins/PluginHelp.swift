import PluginAPI

/// What can be said about a function of a plug-in that is not loaded: for help and completion.
public struct PluginHelp: Sendable {
    /// The plug-in.
    public let plugin: String
    /// The function.
    public let name: String
    /// In one word what it is.
    public let kind: String
    /// First line is the summary.
    public let help: String
    /// Parameters with the code of their defaults.
    public let parameters: [(name: String, fallback: String?, help: String)]

    /// The first line of ``help``.
    public var summary: String { help.split(separator: "\n", maxSplits: 1).first.map(String.init) ?? "" }
}

extension PluginFolders {
    /// What the plug-in of a name provides, without loading it; nothing if there is none, or if it cannot be used.
    public func help(of plugin: String) -> [PluginHelp] {
        guard !isClosed, !blocked.contains(plugin), let found = try? descriptor(plugin) else {
            return []
        }
        return found.signatures.map {
            PluginHelp(plugin: plugin, name: $0.name, kind: $0.kind.rawValue, help: $0.help, parameters: $0.parameters)
        }
    }
}
