/// What `library(NAME)` loads, and what the built-ins are.
///
/// A plug-in adds functions, S3 methods and objects to namespaces of the registry. It keeps no global state: what it
/// must remember in a session it asks ``Context/storage(_:make:)`` for.
public protocol Plugin: SendableMetatype {
    /// Name under which `plugins()` lists it.
    static var name: String { get }

    /// Adds everything it provides.
    static func register(in registry: Registry)
}

/// Version of the API that a compiled plug-in was built against; emitted into the plug-in, so that the comparison uses
/// the number it was compiled with. Raise it with every change of a public declaration in this module.
@_alwaysEmitIntoClient public var pluginABI: Int32 { 1 }

/// Hands a compiled plug-in the registry, if it was built against the host's API.
///
/// The entry function of a plug-in is `@c(workbench_plugin) public func entry(_ host: UnsafeMutableRawPointer,
/// _ abi: Int32) -> Int32 { load(MyPlugin.self, into: host, abi: abi) }`.
/// - Returns: 0 when registered, 1 when the numbers differ.
@_alwaysEmitIntoClient
public func load(_ plugin: any Plugin.Type, into host: UnsafeMutableRawPointer, abi: Int32) -> Int32 {
    guard abi == pluginABI else { return 1 }
    Unmanaged<Registry>.fromOpaque(host).takeUnretainedValue().register(plugin)
    return 0
}
