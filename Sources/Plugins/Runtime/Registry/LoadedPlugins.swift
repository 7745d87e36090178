import Diagnostics

/// Plug-ins that are not in the box and were loaded in this session.
public final class LoadedPlugins: @unchecked Sendable {
    /// One of them.
    public struct Entry: Sendable {
        /// Name.
        public let name: String
        /// Version.
        public let version: String
        /// Folder or file it came from.
        public let path: String
        /// A shared object; else R code.
        public let isCompiled: Bool

        /// `plug-in gelu 0.1.0`.
        public var title: String { "plug-in \(name) \(version)" }
    }

    /// In the order of loading.
    public private(set) var plugins: [Entry] = []

    /// Why none is loaded, as it is said of one that is missing: `left out by --no-plugins`; nil where they are.
    package var closure: (reason: String, hint: String)?

    init() {}

    /// Notes one.
    public func add(_ name: String, version: String, path: String, isCompiled: Bool) {
        plugins.append(Entry(name: name, version: version, path: path, isCompiled: isCompiled))
    }

    /// The plug-in of a name; nil for those that come in the box.
    public func plugin(_ name: String) -> Entry? { plugins.first { $0.name == name } }

    /// The plug-in that a source file belongs to, or nil.
    public func plugin(ofFile path: String) -> Entry? {
        plugins.first { !$0.isCompiled && ($0.path == path || path.hasPrefix($0.path + "/")) }
    }
}

extension Registry {
    /// Plug-ins loaded by `library()`.
    public var loadedPlugins: LoadedPlugins { shelf(LoadedPlugins.self) { LoadedPlugins() } }

    /// An error on its way out of something that a plug-in registered: names a plug-in that is not in the box and what
    /// was running.
    public func naming(_ plugin: String, _ function: String, _ error: WorkbenchError) -> WorkbenchError {
        guard let entry = loadedPlugins.plugin(plugin) else { return error }
        let place = "\(entry.title), \(function)()"
        return error.trail.contains(place) ? error : error.passing(place)
    }

    /// Runs what a plug-in registered under a name; an error on its way out names both.
    public func naming<Result>(_ plugin: String, _ function: String, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch {
            guard let known = WorkbenchError(of: error) else { throw error }
            throw naming(plugin, function, known)
        }
    }
}

extension ForeignObject {
    /// The plug-in whose maker made it; empty where no maker did.
    public final var plugin: String { construction?.maker.function.plugin ?? "" }

    /// Runs what the object does; an error on its way out names its plug-in, if that is not in the box.
    public final func naming<Result>(_ context: Context, _ body: () throws -> Result) throws -> Result {
        try context.registry.naming(plugin, construction?.maker.function.name.name ?? "", body)
    }
}
