import RRuntime

/// Base R, part "files": files, folders, connections, and what is written to them.
public enum BaseFiles: Registrant {
    /// Name in `plugins()`.
    public static var name: String { "base-files" }

    /// Adds the functions.
    public static func register(in registry: Registry) {
        let base = registry.attachedNamespace("base")
        let utils = registry.attachedNamespace("utils")
        registerConnections(base, utils)
        registerLines(base)
        registerBinary(base)
        registerPaths(base, registry.namespace("tools"))
        registerFileSystem(base, utils)
        registerFileInfo(base)
        registerListing(base)
        registerCat(base)
        registerCapture(base, utils)
        registerDput(base)
        registerTextProgress(utils, base)
    }
}
