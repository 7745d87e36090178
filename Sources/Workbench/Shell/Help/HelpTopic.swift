import Diagnostics
import PluginAPI

/// Something help can explain: a name and where it was found.
struct HelpTopic {
    /// The name as asked for.
    let name: String
    /// What it stands for.
    let value: Value
    /// Where it lives: a namespace, or `R_GlobalEnv`.
    let home: String
    /// That place is on the search path.
    let isAttached: Bool

    /// Everything that a name stands for: what code would find first, then other namespaces that have it.
    static func all(named name: String, in context: Context, namespace: String? = nil) -> [HelpTopic] {
        let symbol = Symbol.named(name)
        var found: [HelpTopic] = []
        if namespace == nil {
            for environment in context.searchPath.environments {
                guard let value = environment.local(symbol) else { continue }
                found.append(HelpTopic(name: name, value: value, home: home(of: environment), isAttached: true))
            }
        }
        for candidate in context.registry.namespaces where namespace == nil || candidate.name == namespace {
            guard !found.contains(where: { $0.home == candidate.name }),
                let value = candidate.environment.local(symbol)
            else { continue }
            found.append(
                HelpTopic(
                    name: name, value: value, home: candidate.name, isAttached: context.isAttached(candidate.name)))
        }
        return found
    }

    /// All names help knows, in every namespace and in the global environment.
    static func names(in context: Context) -> Set<String> {
        var names: Set<String> = []
        for environment in context.searchPath.environments { names.formUnion(environment.names().map { $0.name }) }
        for namespace in context.registry.namespaces { names.formUnion(namespace.environment.names().map { $0.name }) }
        return names
    }

    private static func home(of environment: Environment) -> String {
        let name = environment.name ?? ""
        return name.hasPrefix("package:") ? String(name.dropFirst("package:".count)) : name
    }

    /// The registered function that help is about: the value itself, or what makes the modules of a layer.
    static func builtin(behind value: Value) -> Builtin? {
        switch value {
        case .builtin(let builtin): return builtin
        case .object(let object): return constructor(of: object)
        default: return nil
        }
    }

    /// The constructor of a layer written in Swift.
    static func constructor(of object: ForeignObject) -> Builtin? {
        guard let generator = object as? ModuleGenerator, case .native(let constructor, _) = generator.kind else {
            return nil
        }
        return constructor
    }

    /// The first line of help, or empty.
    var summary: String {
        guard let builtin = HelpTopic.builtin(behind: value) else { return "" }
        return builtin.help.split(separator: "\n", maxSplits: 1).first.map(String.init) ?? ""
    }
}
