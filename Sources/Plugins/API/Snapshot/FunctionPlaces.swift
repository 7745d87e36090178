import Diagnostics
import Tensors

/// Where functions and objects that plug-ins registered are found: what a snapshot writes in their place.
struct FunctionPlaces {
    private let context: Context
    private var functions: [ObjectIdentifier: [JSON]] = [:]
    private var objects: [ObjectIdentifier: (String, String)] = [:]
    private var environments: [ObjectIdentifier: String] = [:]

    init(_ context: Context) {
        self.context = context
        for namespace in context.registry.namespaces {
            environments[ObjectIdentifier(namespace.environment)] = "namespace:" + namespace.name
            for symbol in namespace.environment.names() {
                guard let value = namespace.environment.local(symbol) else { continue }
                add(value, namespace.name, symbol.name)
            }
        }
        for (symbol, value) in context.registry.methods {
            if case .builtin(let builtin) = value, functions[ObjectIdentifier(builtin)] == nil {
                functions[ObjectIdentifier(builtin)] = [.string("S3"), .string(symbol.name)]
            }
        }
        for environment in context.searchPath.environments {
            guard let name = environment.name else { continue }
            if environment === context.globalEnvironment || environment === context.baseEnvironment { continue }
            let isPackage = name.hasPrefix("package:")
            environments[ObjectIdentifier(environment)] =
                isPackage ? "attached:" + name.dropFirst(8) : "list:" + name
        }
    }

    private mutating func add(_ value: Value, _ namespace: String, _ name: String) {
        switch value {
        case .builtin(let builtin):
            if functions[ObjectIdentifier(builtin)] == nil {
                functions[ObjectIdentifier(builtin)] = [.string("of"), .string(namespace), .string(name)]
            }
        case .object(let object):
            if objects[ObjectIdentifier(object)] == nil { objects[ObjectIdentifier(object)] = (namespace, name) }
            for (part, function) in object.innerFunctions where functions[ObjectIdentifier(function)] == nil {
                functions[ObjectIdentifier(function)] = [
                    .string("in"), .string(namespace), .string(name), .string(part),
                ]
            }
        default: break
        }
    }

    func place(of function: Builtin) -> [JSON]? {
        if let name = context.registry.innerFunctions.name(of: function) { return [.string("inner"), .string(name)] }
        return functions[ObjectIdentifier(function)]
    }

    /// A function that is found again by itself, not as a method of an object.
    func isInner(_ function: Builtin) -> Bool { place(of: function) != nil || function.origin != nil }

    func registered(_ object: ForeignObject) -> (String, String)? { objects[ObjectIdentifier(object)] }

    /// A name for an environment that is there in every session; nil for all others.
    func specialEnvironment(_ environment: Environment) -> String? {
        if environment === context.globalEnvironment { return "global" }
        if environment === context.baseEnvironment { return "base" }
        if environment.name == "R_EmptyEnv", environment.parent == nil, environment.count == 0 { return "empty" }
        return environments[ObjectIdentifier(environment)]
    }

    // MARK: Reading

    /// The function at a place.
    static func function(_ place: [JSON], _ context: Context) throws -> Builtin? {
        func text(_ index: Int) -> String {
            if place.indices.contains(index), case .string(let text) = place[index] { return text }
            return ""
        }
        switch text(0) {
        case "inner": return context.registry.innerFunctions[text(1)]
        case "S3":
            if case .builtin(let builtin)? = context.registry.methods[Symbol.named(text(1))] { return builtin }
        case "of":
            if case .builtin(let builtin)? = try value(text(1), text(2), context) { return builtin }
        case "in":
            if case .object(let object)? = try value(text(1), text(2), context) {
                return object.innerFunctions.first { $0.name == text(3) }?.function
            }
        default: break
        }
        return nil
    }

    /// A variable of a namespace, loaded if need be.
    static func value(_ namespace: String, _ name: String, _ context: Context) throws -> Value? {
        try context.registry.loadedNamespace(namespace)?.environment.local(Symbol.named(name))
    }

    /// The environment of a name that ``specialEnvironment(_:)`` gave.
    static func environment(_ name: String, _ context: Context) throws -> Environment? {
        switch name {
        case "global": return context.globalEnvironment
        case "base": return context.baseEnvironment
        case "empty": return context.emptyEnvironment
        default: break
        }
        guard let colon = name.firstIndex(of: ":") else { return nil }
        let namespace = String(name[name.index(after: colon)...])
        if name.hasPrefix("list:") { return context.searchPath.environments.first { $0.name == namespace } }
        let loaded = try context.registry.loadedNamespace(namespace)
        if name.hasPrefix("attached:"),
            let attached = context.searchPath.environments.first(where: {
                $0.name == "package:" + namespace || $0.name == namespace
            })
        {
            return attached
        }
        return loaded?.environment
    }
}

extension ForeignObject {
    /// Functions of Swift inside a registered object, by names that find them again.
    var innerFunctions: [(name: String, function: Builtin)] {
        var found: [(name: String, function: Builtin)] = []
        func look(_ definition: ClassDefinition?, _ level: Int) {
            guard let definition, level < 100 else { return }
            for member in definition.publicMethods + definition.privateMethods + definition.active {
                let function: Builtin?
                if case .builtin(let builtin) = member.value {
                    function = builtin
                } else {
                    function = DatasetGenerator.builtin(behind: member.value)
                }
                if let function { found.append(("\(level)$\(member.name.name)", function)) }
            }
            look(definition.parent, level + 1)
        }
        switch self {
        case let generator as DatasetGenerator:
            look(generator.definition, 0)
            if let clone = DatasetGenerator.builtin(behind: DatasetGenerator.clone.value) {
                found.append(("clone", clone))
            }
        case let generator as OptimizerGenerator:
            if case .builtin(let constructor) = generator.constructor { found.append(("constructor", constructor)) }
        case let generator as ModuleGenerator:
            if case .native(let constructor, _) = generator.kind { found.append(("constructor", constructor)) }
        default: break
        }
        return found
    }
}
