import Diagnostics
import Glibc
import PluginAPI

/// A plug-in in a shared object, opened once and never closed: Swift keeps its types for good.
///
/// What can be said without opening it comes first: numbers, compiler, the file's tables, names. Then the probe, in a
/// process of its own, does with it what the session is going to do, and tries it; only then it is opened here.
struct CompiledPlugin {
    let descriptor: PluginDescriptor
    private let library: String
    private let api: Int
    private let oldestAPI: Int
    private let compiler: String

    init(_ descriptor: PluginDescriptor) {
        self.descriptor = descriptor
        if case .library(let library, let api, let oldestAPI, let compiler) = descriptor.code {
            (self.library, self.api, self.oldestAPI, self.compiler) = (library, api, oldestAPI, compiler)
        } else {
            (library, api, oldestAPI, compiler) = ("", 0, 0, "")
        }
    }

    private typealias Entry = @convention(c) (UnsafeMutableRawPointer, Int32) -> Int32

    private func refuse(_ why: String, hint: String? = nil) -> WorkbenchError {
        WorkbenchError(.plugin, "\(descriptor.title): \(why)", hint: hint)
    }

    /// The command that builds it anew.
    private var rebuild: String { "build it again: workbench plugin build \(descriptor.path)" }

    /// Loads it into a session.
    /// - Throws: for whatever speaks against it: names the plug-in and the reason.
    func load(into context: Context, override: Bool) throws {
        if context.pluginFolders.isProbe {
            // A crash of it is contained already.
            _ = try checkFile()
            return try open(into: context, override: override)
        }
        let program = try PluginProbe.program()
        let record = ProbeRecord(descriptor, library: library, program: program, override: override)
        if !record.isPassed {
            let bytes = try checkFile()
            if !record.isPassed(bytes) {
                // Before the probe: it takes seconds, and this is known at once.
                if !override { try names.refuseIfTaken(in: context) }
                let process = ProbeProcess(
                    program: program, folder: descriptor.path, task: .check, override: override)
                _ = try PluginProbe.passed(descriptor, process, for: context)
            }
            record.pass(bytes)
        }
        RunningPlugins.note(descriptor)
        TrapLine.prepare(descriptor, context)
        try open(into: context, override: override)
    }

    private var names: PluginNames {
        PluginNames(
            names: descriptor.provides.map { ($0.namespace, $0.name) }, title: descriptor.title, home: descriptor.name)
    }

    private func open(into context: Context, override: Bool) throws {
        if !override { try names.refuseIfTaken(in: context) }
        let taken = names.taken(in: context)
        let before = context.registry.registrations.count
        try open(into: context.registry)
        context.registry.loadedPlugins.add(
            descriptor.name, version: descriptor.version, path: descriptor.path, isCompiled: true)
        names.replace(taken, in: context)
        names.reveal(context.registry.registrations[before...], in: context)
    }

    /// What can be said about it without opening it.
    /// - Returns: The library.
    /// - Throws: for another API, another compiler, a file that is damaged or of another machine.
    func checkFile() throws -> [UInt8] {
        guard api == Int(pluginABI) else {
            let hint =
                oldestAPI <= Int(pluginABI) && api < Int(pluginABI)
                ? rebuild
                : api > Int(pluginABI) && oldestAPI <= Int(pluginABI)
                    ? rebuild : "it needs a workbench whose API is \(oldestAPI) or later"
            throw refuse("built for API \(api), this workbench has API \(pluginABI)", hint: hint)
        }
        let object: SharedObject
        do {
            object = try SharedObject(library)
            try object.check()
        } catch let error as WorkbenchError {
            throw refuse(error.message, hint: error.hint ?? rebuild)
        }
        if let mine = SharedObject.compilersOfThisProgram, mine.isDisjoint(with: object.compilers) {
            throw refuse(
                "built by another compiler" + (compiler.isEmpty ? "" : " (\(compiler))")
                    + ": \(object.compilers.inByteOrder().first ?? "one without a mark"), the workbench by \(mine.inByteOrder().first ?? "")",
                hint: rebuild)
        }
        return object.bytes
    }

    /// Opens the library and lets it register; it stays open if that fails.
    ///
    /// - Parameter opened: Told between the two.
    /// - Throws: for a library without the entry function, one that needs symbols which are not there, one that was built
    ///   for another API, and one that opens no namespace of the plug-in's name.
    func open(into registry: Registry, opened: () -> Void = {}) throws {
        guard let image = dlopen(library, RTLD_NOW | RTLD_LOCAL) else {
            let reason = String(cString: dlerror())
            let isMissing = reason.split(separator: ":").contains { $0 == " undefined symbol" }
            throw refuse(isMissing ? "it needs what this workbench does not have: \(reason)" : reason, hint: rebuild)
        }
        guard let symbol = dlsym(image, "workbench_plugin") else {
            throw refuse(
                "\(library) has no function workbench_plugin",
                hint: "@c(workbench_plugin) public func entry(_ host: UnsafeMutableRawPointer, _ abi: Int32) -> Int32")
        }
        let entry = unsafeBitCast(symbol, to: Entry.self)
        opened()
        let before = registry.pluginTypes.count
        guard entry(Unmanaged.passUnretained(registry).toOpaque(), pluginABI) == 0 else {
            throw refuse("its library was built for another API than plugin.json says", hint: rebuild)
        }
        if let other = registry.pluginTypes[before...].first(where: { $0.name != descriptor.name }) {
            throw refuse(
                "plugin.json calls it \(descriptor.name), the plug-in itself \(inOneLine(other.name))",
                hint: "static let name = \"\(descriptor.name)\"")
        }
        guard registry.existingNamespace(descriptor.name) != nil else {
            throw refuse(
                "it registered nothing in the namespace \(descriptor.name)",
                hint: "registry.namespace(\"\(descriptor.name)\") opens it")
        }
    }
}
