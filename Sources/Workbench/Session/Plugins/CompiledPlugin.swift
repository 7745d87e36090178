import Diagnostics
import Glibc
import PluginAPI

/// A plug-in in a shared object, opened once and never closed: Swift keeps its types for good.
struct CompiledPlugin {
    let descriptor: PluginDescriptor

    init(_ descriptor: PluginDescriptor) { self.descriptor = descriptor }

    private typealias Entry = @convention(c) (UnsafeMutableRawPointer, Int32) -> Int32

    /// Opens the library and lets it register.
    /// - Throws: for another API number, a library that is damaged, of another machine or without the entry function, and
    ///   for one that opens no namespace of the plug-in's name.
    func load(into registry: Registry) throws {
        let name = descriptor.name
        func refuse(_ why: String, hint: String? = nil) -> WorkbenchError {
            WorkbenchError(.data, "plug-in \(name) \(descriptor.version): \(why)", hint: hint)
        }
        guard descriptor.api == Int(pluginABI) else {
            throw refuse(
                "built for API \(descriptor.api), this workbench has API \(pluginABI)", hint: "build it again")
        }
        try SharedObject.check(descriptor.library)
        guard let library = dlopen(descriptor.library, RTLD_NOW | RTLD_LOCAL) else {
            throw refuse(String(cString: dlerror()))
        }
        guard let symbol = dlsym(library, "workbench_plugin") else {
            throw refuse("\(descriptor.library) has no function workbench_plugin")
        }
        let entry = unsafeBitCast(symbol, to: Entry.self)
        guard entry(Unmanaged.passUnretained(registry).toOpaque(), pluginABI) == 0 else {
            throw refuse("its library was built for another API", hint: "build it again")
        }
        guard registry.existingNamespace(name) != nil else {
            throw refuse("it registered nothing in the namespace \(name)")
        }
    }
}
