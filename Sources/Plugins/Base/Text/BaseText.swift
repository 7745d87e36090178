import PluginAPI

/// Base R, part "text": printing, formatting, files and connections.
public enum BaseText: Plugin {
    /// Name in `plugins()`.
    public static var name: String { "base-text" }

    /// Adds the functions.
    public static func register(in registry: Registry) {
        let base = registry.attachedNamespace("base")
        registerPrint(base)
        registerPrintClasses(base)
        registerPrintDataFrame(base)
        registerFormat(base)
        registerCat(base)
        registerFormatC(base)
        registerTextForms(base)
        registerWrapping(base)
        registerNumberBases(base)
        registerFiles(registry, base)
    }

    private static func registerFiles(_ registry: Registry, _ base: Namespace) {
        let utils = registry.attachedNamespace("utils")
        registerConnections(base, utils)
        registerLines(base)
        registerBinary(base)
        registerPaths(base, registry.namespace("tools"))
        registerFileSystem(base, utils)
        registerFileInfo(base)
        registerListing(base)
        registerCapture(base, utils)
        registerDput(base)
        registerFormatTimes(base)
        registerStr(utils)
        registerTextProgress(utils, base)
        // R's names of what the generics do without a method: calls in messages bear them.
        for name in ["str"] {
            utils.alias(name + ".default", of: name)
        }
    }
}
