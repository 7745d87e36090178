import Diagnostics
import PluginAPI

/// What `plugins()` shows.
struct PluginListing {
    private let context: Context
    private let registry: Registry

    init(_ context: Context) {
        self.context = context
        registry = context.registry
    }

    /// One row a plug-in.
    func plugins() throws -> Value {
        var rows: [(name: String, version: String, from: String, isLoaded: Bool, names: Int)] = []
        for name in registry.plugins
        where !rows.contains(where: { $0.name == name }) && registry.loadedPlugins.plugin(name) == nil {
            rows.append((name, "", "in the box", true, names(of: name).count))
        }
        for plugin in registry.loadedPlugins.plugins {
            rows.append((plugin.name, plugin.version, plugin.path, true, names(of: plugin.name).count))
        }
        let folders = context.pluginFolders
        for name in folders.names() where !rows.contains(where: { $0.name == name }) {
            let descriptor: PluginDescriptor
            do {
                guard let found = try folders.descriptor(name) else { continue }
                descriptor = found
            } catch {
                let why = (error as? WorkbenchError)?.message ?? "\(error)"
                rows.append((name, "", "cannot be used: \(why)", false, 0))
                continue
            }
            let from = descriptor.path + (folders.isBlocked(name, in: context) || folders.isClosed ? " (blocked)" : "")
            rows.append((name, descriptor.version, from, false, descriptor.signatures.count))
        }
        return try frame([
            ("plugin", .strings(rows.map { $0.name })), ("version", .strings(rows.map { $0.version })),
            ("loaded", .logical(Vector(rows.map { $0.isLoaded }))), ("names", .ints(rows.map { $0.names })),
            ("from", .strings(rows.map { $0.from })),
        ])
    }

    /// One row a name: those of a plug-in, or all that are called so.
    /// - Throws: when there is neither.
    func names(_ name: String) throws -> Value {
        var found = registry.plugins.contains(name) || registry.loadedPlugins.plugin(name) != nil ? names(of: name) : []
        if found.isEmpty { found = latest.filter { $0.name == name } }
        if found.isEmpty, let installed = try installed(name) { return installed }
        guard !found.isEmpty else {
            let known = Set(registry.plugins + latest.map { $0.name } + context.pluginFolders.names())
            throw WorkbenchError(
                .name, "there is neither a plug-in nor a registered name \"\(name)\"",
                hint: didYouMean(name, among: known))
        }
        return try frame([
            ("name", .strings(found.map { $0.name })), ("kind", .strings(found.map { $0.kind.rawValue })),
            ("namespace", .strings(found.map { $0.namespace })), ("plugin", .strings(found.map { $0.plugin })),
            ("version", .strings(found.map { registry.loadedPlugins.plugin($0.plugin)?.version ?? "" })),
        ])
    }

    /// The names of a plug-in that is installed and not loaded, as far as they are known without loading it; nil if there
    /// is none. Also the plug-in that would provide a function.
    /// - Throws: for one whose descriptor cannot be used.
    private func installed(_ name: String) throws -> Value? {
        guard !context.pluginFolders.isClosed else { return nil }
        var plugin = try context.pluginFolders.descriptor(name)
        var found = plugin?.signatures ?? []
        if plugin == nil, let provider = context.pluginProviding(name) {
            plugin = try context.pluginFolders.descriptor(provider)
            found = plugin?.signatures.filter { $0.name == name } ?? []
        }
        guard let plugin else { return nil }
        let state = context.pluginFolders.isBlocked(plugin.name, in: context) ? "blocked" : "not loaded"
        return try frame([
            ("name", .strings(found.map { $0.name })), ("kind", .strings(found.map { $0.kind.rawValue })),
            ("namespace", .strings(found.map { $0.namespace })),
            ("plugin", .strings(found.map { _ in plugin.name })),
            ("version", .strings(found.map { _ in "\(plugin.version) (\(state))" })),
        ])
    }

    /// Of each name in each namespace who registered it last.
    private var latest: [Registration] {
        var seen: Set<String> = []
        return registry.registrations.reversed().filter { seen.insert("\($0.namespace) \($0.name)").inserted }
            .reversed()
    }

    /// Names with a dot in front stay inside a plug-in in R.
    private func names(of plugin: String) -> [Registration] {
        latest.filter {
            $0.plugin == plugin
                && ($0.name.utf8.first != UInt8(ascii: ".")
                    || registry.existingNamespace($0.namespace)?.exportsDotNames != false)
        }
    }

    private func frame(_ columns: [(String, Value)]) throws -> Value {
        try context.call(
            "data.frame",
            columns.map { Argument($0.1, name: Symbol.named($0.0)) } + [Argument(false, name: "stringsAsFactors")])
    }
}

extension Context {
    /// Where this session looks for plug-ins.
    public var pluginFolders: PluginFolders {
        get { storage(SessionPluginFolders.self) { SessionPluginFolders() }.folders }
        set {
            storage(SessionPluginFolders.self) { SessionPluginFolders() }.folders = newValue
            registry.loadedPlugins.closure =
                newValue.isClosed
                ? (
                    "is left out by --no-plugins",
                    "start without --no-plugins, and restore what was saved once more: nothing of it is lost"
                ) : nil
        }
    }

    /// The installed plug-in that would provide a function, if there is one.
    func pluginProviding(_ function: String) -> String? {
        let known = storage(SessionPluginFolders.self) { SessionPluginFolders() }
        return known.index.provider(of: function, in: known.folders)
    }
}

private final class SessionPluginFolders {
    var folders = PluginFolders()
    let index = PluginIndex()
}
