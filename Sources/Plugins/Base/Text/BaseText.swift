import PluginAPI

/// Base R, part "text": printing, formatting, strings, regular expressions, files and connections.
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
        registerPaste(base)
        registerSprintf(base)
        registerFormatC(base)
        registerTextForms(base)
        registerWrapping(base)
        registerNumberBases(base)
        registerSubstrings(base)
        registerCaseAndTrim(base)
        registerEncoding(base)
        registerNames(base)
        registerSearch(base)
        registerSubstitution(base)
        registerLocating(base)
        registerMatches(base)
        registerSplitting(base)
        registerFiles(registry, base)
    }

    private static func registerFiles(_ registry: Registry, _ base: Namespace) {
        let utils = registry.attachedNamespace("utils")
        registerConnections(base, utils)
        registerLines(base)
        registerBinary(base)
        registerPaths(base, registry.namespace("tools"))
        registerFileSystem(base)
        registerFileInfo(base)
        registerListing(base)
        registerCapture(base, utils)
        registerDput(base)
        registerFormatTimes(base)
        registerStr(utils)
        registerURLs(utils)
        registerTextProgress(utils, base)
    }
}
