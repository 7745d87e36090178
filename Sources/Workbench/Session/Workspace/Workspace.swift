import Diagnostics
import Glibc
import PluginAPI
import Tensors

/// A session in a file: every variable of the global environment with what it refers to, both random generators,
/// options, plug-ins and attached namespaces.
struct Workspace {
    let context: Context

    // MARK: Saving

    /// Options that say how this process was started, and are no part of the session.
    private static let optionsOfTheProcess: Set = ["workbench.runs", "workbench.no_save"]

    /// What was saved.
    struct Saved {
        let variables: [String]
        /// Of the file.
        let bytes: Int
        let skipped: [(path: String, reason: String)]
    }

    /// Writes the session.
    ///
    /// - Parameter names: Variables to save; all of them if nil.
    /// - Throws: `.name` for a variable that does not exist, `.data` if the file cannot be written.
    func save(to path: String, only names: [String]? = nil) throws -> Saved {
        let global = context.globalEnvironment
        let all = global.names().map { $0.name }.filter { $0 != ".Random.seed" }
        if let missing = names?.first(where: { !all.contains($0) }) {
            throw WorkbenchError(.name, "object '\(missing)' not found", hint: didYouMean(missing, among: all))
        }
        let writer = SnapshotWriter(context)
        var variables: [(name: String, node: Int)] = []
        for name in (names ?? all).inByteOrder() {
            guard let value = global.local(Symbol.named(name)) else { continue }
            let node = try writer.add(value, at: name)
            if !writer.isLeftOut(node) { variables.append((name, node)) }
        }
        var options: [JSON] = []
        for name in context.options.names where !Workspace.optionsOfTheProcess.contains(name) {
            guard let value = context.options[name] else { continue }
            options.append(.array([.string(name), .number(Double(try writer.add(value, at: ".options")))]))
        }
        let methods = try methods(writer)
        let locked = (names ?? all).filter { global.isLocked(Symbol.named($0)) }
        let random = try writer.add(context.random.state, at: ".random")
        let torch = context.tensors.generator.stateBytes
        let state = try writer.add(.raw(Vector(torch)), at: ".torch")
        let snapshot = try writer.finish([
            ("variables", .array(variables.map { .array([.string($0.name), .number(Double($0.node))]) })),
            ("options", .array(options)), ("methods", .array(methods)), ("random", .number(Double(random))),
            ("torch", .number(Double(state))), ("attached", .array(attached)),
            ("data", .array(WorkspaceData(context: context).records(writer))),
            ("threads", .number(Double(context.computingThreads))),
            ("default_dtype", .string(context.tensors.defaultType.torchName)),
            ("directory", .string(context.workingDirectory)), ("locked", .array(locked.map { .string($0) })),
        ])
        try SnapshotFile.write(snapshot, for: .workspace, to: path)
        context.knownWorkspaces.note(path)
        return Saved(
            variables: variables.map { $0.name }, bytes: size(of: path),
            skipped: snapshot.skipped + (names == nil ? attachedLists : []))
    }

    private func size(of path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    /// Methods that `registerS3method()` has registered; those that are in variables only are found there.
    private func methods(_ writer: SnapshotWriter) throws -> [JSON] {
        try context.sessionMethods.ordered { $0.key.name < $1.key.name }.compactMap { name, method in
            let node = try writer.add(method, at: "method " + name.name)
            return writer.isLeftOut(node) ? nil : .array([.string(name.name), .number(Double(node))])
        }
    }

    /// Lists attached with `attach()`: what they hold is no variable.
    private var attachedLists: [(path: String, reason: String)] {
        context.searchPath.environments.compactMap { environment in
            guard environment !== context.globalEnvironment, environment !== context.baseEnvironment,
                let name = environment.name, !name.hasPrefix("package:")
            else { return nil }
            return ("what is attached as \(inOneLine(name, most: 60))", "attach() puts it on the search path again")
        }
    }

    /// Namespaces attached with `library()`, in the order in which they were.
    private var attached: [JSON] {
        let registry = context.registry
        let absent = AbsentAttachments.of(context).plugins.map { $0.name }.filter {
            registry.loadedPlugins.plugin($0) == nil
        }
        return absent.map { .string($0) }
            + context.searchPath.environments.reversed().compactMap { environment in
                guard let name = environment.name, name.hasPrefix("package:"),
                    let namespace = registry.existingNamespace(String(name.dropFirst(8))), !namespace.isAttachedAtStart
                else { return nil }
                return .string(namespace.name)
            }
    }

    // MARK: Restoring

    /// What was restored.
    struct Restored {
        let variables: [(name: String, value: Value)]
        /// Things that are not as they were.
        let notes: [String]
    }

    /// Reads a session and puts its variables into the global environment; those of other names stay.
    ///
    /// Evaluates no R code. Nothing is changed if the file cannot be read.
    /// - Parameter moves: Folders of data sets that lie elsewhere now.
    func restore(from path: String, moves: [(name: String, folder: String)]) throws -> Restored {
        let file = try SnapshotFile.read(path, for: .workspace)
        let description = file.description
        func list(_ name: String) throws -> [JSON] {
            guard case .array(let elements)? = description[name] else {
                throw WorkbenchError(.data, "'\(path)' is damaged: its description has no \(name)")
            }
            return elements
        }
        var (notes, absent) = try loadPlugins(try list("plugins"))
        for case .string(let name) in try list("attached") {
            if let version = absent[name] {
                let kept = AbsentAttachments.of(context)
                if !kept.plugins.contains(where: { $0.name == name }) { kept.plugins.append((name, version)) }
                continue
            }
            guard try context.registry.loadedNamespace(name) != nil, context.attach(name) else {
                notes.append("library(\(name)) is not there")
                continue
            }
        }
        let torch = context.tensors.generator.stateBytes
        let type = context.tensors.defaultType
        // Sessions saved by earlier workbenches do not say it.
        if case .string(let name)? = description["default_dtype"] {
            guard let saved = DType.allCases.first(where: { $0.torchName == name }), saved.isFloating else {
                throw WorkbenchError(.data, "'\(path)' is damaged: there is no default type \(JSON.quoted(name))")
            }
            context.tensors.defaultType = saved
        }
        var isWhole = false
        defer { if !isWhole { context.tensors.defaultType = type } }
        let reader: SnapshotReader
        do {
            reader = try SnapshotReader(description, context, tensor: file.tensor)
        } catch {
            // Layers draw their first weights when they are made again.
            try? context.tensors.generator.restore(torch)
            throw error
        }
        var variables: [(name: String, value: Value)] = []
        func pair(_ json: JSON) throws -> (String, Value) {
            guard case .array(let parts) = json, parts.count == 2, case .string(let name) = parts[0] else {
                throw WorkbenchError(.data, "'\(path)' is damaged: its description contradicts itself")
            }
            return (name, try reader.value(parts[1]))
        }
        for entry in try list("variables") { variables.append(try pair(entry)) }
        let options = try list("options").map { try pair($0) }
        // Sessions saved by earlier workbenches have none.
        let methods = try description["methods"] == nil ? [] : list("methods").map { try pair($0) }
        guard case .raw(let state) = try reader.value(description["torch"]) else {
            throw WorkbenchError(.data, "'\(path)' is damaged: it has no generator")
        }
        let random = try reader.value(description["random"])
        for note in reader.notes where !notes.contains(note) { notes.append(note) }
        notes += try WorkspaceData(context: context).settle(
            try list("data"), reader, variables: variables, moves: moves)

        try context.random.restore(random)
        try context.tensors.generator.restore(state.elements)
        for (name, value) in options {
            do {
                try context.setOption(name, value)
            } catch let error as WorkbenchError {
                notes.append("options(\(inOneLine(name, most: 60)) = ) is not set: \(error.message)")
            }
        }
        for (name, method) in methods where method.isFunction { context.sessionMethods[Symbol.named(name)] = method }
        restoreThreads(description["threads"], &notes)
        // Sessions saved by earlier workbenches do not say which variables were locked.
        var locked: Set<String> = []
        if case .array(let names)? = description["locked"] {
            for case .string(let name) in names { locked.insert(name) }
        }
        let global = context.globalEnvironment
        for (name, value) in variables {
            // What is restored takes the place of what is there, a constant as well.
            global.setLock(false, on: Symbol.named(name))
            try global.set(Symbol.named(name), value)
            global.setLock(locked.contains(name), on: Symbol.named(name))
        }
        isWhole = true
        context.knownWorkspaces.note(path)
        return Restored(variables: variables, notes: notes)
    }

    /// Sums of numbers are the same bits with the same number of threads.
    private func restoreThreads(_ saved: JSON?, _ notes: inout [String]) {
        // Sessions saved by earlier workbenches do not say it.
        guard let count = saved.flatMap({ wholeNumber($0) }), (1...256).contains(count) else { return }
        let now = context.computingThreads
        guard count != now else { return }
        context.computingThreads = count
        notes.append(
            "computations use \(count) \(count == 1 ? "thread" : "threads"), as when it was saved: torch_set_num_threads(\(now)) is what there was here"
        )
    }

    /// Loads the plug-ins of a session; a line for each that is not there or is another version, and the names and
    /// versions of those that are not there.
    private func loadPlugins(_ plugins: [JSON]) throws -> (notes: [String], absent: [String: String]) {
        var notes: [String] = []
        var absent: [String: String] = [:]
        for plugin in plugins {
            guard case .string(let name)? = plugin["name"], case .string(let version)? = plugin["version"] else {
                continue
            }
            if let absence = try context.absence(of: name, version: version) {
                absent[name] = version
                notes.append(absence.note)
                continue
            }
            let now = context.registry.loadedPlugins.plugin(name)?.version
            if let now, now != version {
                notes.append("plug-in \(name) is version \(now), the session was saved with \(version)")
            }
        }
        return (notes, absent)
    }
}
