/// What `library(NAME)` loads, and what the built-ins are.
///
/// A plug-in adds functions, S3 methods and objects to namespaces of the registry. It keeps no global state: what it
/// must remember in a session it asks ``Context/storage(_:make:)`` for.
///
/// Requirements on an implementation:
/// 1. ``register(in:)`` is called once a session, on the thread that evaluates, before anything of the plug-in is used.
///    It only registers: no files, no output, no random numbers. It cannot throw; what can go wrong belongs into the
///    functions it registers.
/// 2. It opens a namespace of its own ``name``; what goes into other namespaces (`torch`, `luz`) must be new there, or
///    the user must have asked for it with `library(NAME, override = TRUE)`.
/// 3. Everything registered throws `WorkbenchError` for what a user can type, feed or load. A trap ends the program.
/// 4. The first load of each build happens in a process of its own, which runs ``selfTest(_:)`` and tries everything
///    that was registered (``Checks``), within a limit of time and memory.
public protocol Plugin: Registrant {
    /// The author's own checks, run after those that every plug-in goes through; an error refuses the plug-in.
    ///
    /// `workbench plugin test` compiles the files of `tests/` with the plug-in: written there, in an extension of the
    /// plug-in's type, it is run by that command alone; written beside the plug-in, also before each first load.
    static func selfTest(_ checks: Checks) throws
}

extension Plugin {
    /// No checks besides those that every plug-in goes through.
    public static func selfTest(_ checks: Checks) throws {}
}

/// Version of the API that a compiled plug-in was built against; emitted into the plug-in, so that the comparison uses
/// the number it was compiled with. `scripts/check-api` fails when a public declaration of what plug-ins compile against
/// changes and this number does not.
@_alwaysEmitIntoClient public var pluginABI: Int32 { 10 }

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
