import Diagnostics
import Language
import PluginAPI

/// A plug-in written in R: a file whose top-level assignments are what it provides, those that begin with a dot stay
/// inside.
///
/// Its code runs in a namespace of its own, around which are torch, torchvision, luz and R itself, attached or not, but
/// nothing of the session: what a user has called `c` or `train` does no harm. Other plug-ins are reached by `NAME::f`.
struct ScriptedPlugin {
    let descriptor: PluginDescriptor

    init(_ descriptor: PluginDescriptor) { self.descriptor = descriptor }

    /// Runs the code and opens the namespace; nothing is registered if it fails.
    /// - Throws: what the code throws, and names that are taken: with the plug-in's name, file and line.
    func load(into context: Context, override: Bool) throws {
        guard case .script(let path) = descriptor.code else { return }
        let bytes: [UInt8]
        do {
            bytes = try readContents(of: path, limit: 1 << 24)
        } catch var error as WorkbenchError {
            error.message = "\(descriptor.title): \(error.message)"
            throw error
        }
        let source = SourceText(String(decoding: bytes, as: UTF8.self), file: path)
        let program: ScriptedDefinitions
        do {
            program = try ScriptedDefinitions(source)
        } catch var error as WorkbenchError {
            let line = error.span.map { ":\($0.position.line)" } ?? ""
            error.message = "\(descriptor.title): \(path)\(line): \(error.message)"
            throw error
        }
        for note in program.notes { try context.message("\(descriptor.title): \(path):\(note.line): \(note.text)\n") }
        // Before the code runs, which may take its time; what it assigns in other ways is known behind it.
        if !override { try names(program.definitions.map { $0.name }).refuseIfTaken(in: context) }

        let registry = context.registry
        let namespace = registry.hiddenNamespace(descriptor.name, parent: PluginSurroundings.of(context).environment)
        try context.wrappingErrors(
            as: {
                (
                    makeCondition(
                        "\(descriptor.title) cannot be loaded.", call: nil,
                        classes: ["rlang_error", "error", "condition"]), []
                )
            }
        ) {
            for expression in program.expressions {
                try context.locatingErrors(in: expression.span) {
                    _ = try context.evaluate(
                        program.checkingConstructors(expression, in: namespace), in: namespace.environment)
                }
            }
            for definition in program.definitions { try checkHooks(definition, namespace) }
        }
        let names = names(namespace.environment.names().map { $0.name })
        if !override { try names.refuseIfTaken(in: context) }
        let taken = names.taken(in: context)
        registry.registering(as: descriptor.name) {
            for definition in program.definitions { register(definition, namespace, context) }
            for name in names.names.map({ $0.name }) where !program.definitions.contains(where: { $0.name == name }) {
                guard let value = namespace.environment.local(Symbol.named(name)) else { continue }
                namespace.object(name, value, value.isFunction ? .function : .object)
            }
        }
        registry.open(namespace)
        registry.loadedPlugins.add(
            descriptor.name, version: descriptor.version, path: path, isCompiled: false)
        names.replace(taken, in: context)
    }

    /// Names that others see: those that begin with a dot stay inside.
    private func names(_ all: [String]) -> PluginNames {
        PluginNames(
            names: all.filter { $0.utf8.first != UInt8(ascii: ".") }.map { (descriptor.name, $0) },
            title: descriptor.title, home: descriptor.name)
    }

    /// Gives a definition its kind, documentation and checks; methods of S3 generics are found from anywhere.
    private func register(_ definition: ScriptedDefinitions.Definition, _ namespace: Namespace, _ context: Context) {
        let symbol = Symbol.named(definition.name)
        guard var value = namespace.environment.local(symbol) else { return }
        if case .closure(let closure) = value, !definition.demands.isEmpty {
            value = .closure(closure.with(check: { frame, context in try definition.check(frame, context) }))
        }
        namespace.object(definition.name, value, ScriptedPlugin.kind(definition))
        namespace.document(definition.name, definition.documentation)
        guard value.isFunction else { return }
        // print.thing, format.thing: what stands before a dot is a generic function.
        let parts = definition.name.split(separator: ".", omittingEmptySubsequences: false)
        for count in 1..<max(1, parts.count) {
            let generic = Symbol.named(parts[..<count].joined(separator: "."))
            if let known = context.baseEnvironment.local(generic) ?? namespace.environment.lookup(generic),
                known.isFunction
            {
                context.sessionMethods[symbol] = value
            }
        }
    }

    /// A class of callbacks whose hooks do not exist would never be called.
    private func checkHooks(_ definition: ScriptedDefinitions.Definition, _ namespace: Namespace) throws {
        guard case .object(let object)? = namespace.environment.local(Symbol.named(definition.name)),
            let hooks = (object as? ScriptedClass)?.definition.publicMethods.map({ $0.name.name }).filter({
                $0.hasPrefix("on_")
            }),
            ScriptedPlugin.kind(definition) == .callback
        else { return }
        for hook in hooks where TrainingEvent(rawValue: hook) == nil {
            throw TrainingEvent.unknown(hook, in: "a method of \(definition.name)")
        }
    }

    /// What a definition is, by what makes it or by its name.
    static func kind(_ definition: ScriptedDefinitions.Definition) -> Registration.Kind {
        switch definition.maker {
        case "nn_module": return .module
        case "dataset", "iterable_dataset": return .dataset
        case "lr_scheduler": return .scheduler
        case "luz_callback": return .callback
        case "luz_metric": return .metric
        case "optimizer": return .optimizer
        case "function":
            if definition.name.hasPrefix("transform_") { return .transform }
            return .function
        default: return .object
        }
    }
}
