import Diagnostics
import PluginAPI

/// Variables outside of the objects of a fit that functions of theirs set with `<<-`: the `n` of
/// `function() n <<- n + 1`, where that function is a method, a field, or called by one.
///
/// What else functions change out there (tensors in place, `assign()`, environments) cannot be known.
struct OuterVariables {
    struct Variable {
        /// The same in every fit of the same code: `global n`, or the object, the name and which of several.
        let key: String
        let symbol: Symbol
        /// Where it is; nil for one that will be made in the global environment.
        let home: Environment?
        /// The object whose function sets it.
        let whose: String

        /// Its value now; nil where it is not there, or not known yet.
        var value: Value? {
            guard case .promise(let promise)? = home?.local(symbol) else { return home?.local(symbol) }
            return promise.value
        }
    }

    /// An object written in R.
    struct Owner {
        /// The same in every fit of the same code.
        let key: String
        let whose: String
        let instance: ClassInstance
    }

    private(set) var all: [Variable] = []
    private static let mostFunctions = 2_000
    private static let reserved: Set<String> = ["self", "private", "super", "ctx"]

    /// Looks through the functions of objects, and through those of the session that they mention.
    init(_ owners: [Owner], _ context: Context) {
        let global = context.globalEnvironment
        var found: Set<String> = []
        for owner in owners {
            var open = OuterVariables.functions(of: owner.instance)
            var seen = Set(open.map { ObjectIdentifier($0) })
            var homes: [String: [Environment]] = [:]
            while let closure = open.popLast(), seen.count < OuterVariables.mostFunctions {
                let assignments = OuterAssignments(closure)
                for symbol in assignments.targets where !OuterVariables.reserved.contains(symbol.name) {
                    let home = closure.environment.owner(of: symbol)
                    var key = "global \(symbol.name)"
                    if let home, home !== global {
                        // What plug-ins keep for themselves.
                        guard home.name == nil else { continue }
                        let same = homes[symbol.name] ?? []
                        let place = same.firstIndex { $0 === home } ?? same.count
                        if place == same.count { homes[symbol.name] = same + [home] }
                        key = "\(owner.key) \(symbol.name) \(place)"
                        if all.contains(where: { $0.symbol === symbol && $0.home === home }) { continue }
                    }
                    guard found.insert(key).inserted else { continue }
                    all.append(Variable(key: key, symbol: symbol, home: home, whose: owner.whose))
                }
                for symbol in assignments.mentioned {
                    guard let home = closure.environment.owner(of: symbol), home.name == nil || home === global else {
                        continue
                    }
                    for function in OuterVariables.functions(in: home.local(symbol) ?? .null)
                    where seen.insert(ObjectIdentifier(function)).inserted {
                        open.append(function)
                    }
                }
            }
        }
    }

    /// Methods, inherited ones, and functions in fields.
    private static func functions(of instance: ClassInstance) -> [Closure] {
        var found: [Closure] = []
        // Methods such as `.getitem` as well, but not what the object itself is made of.
        for home in [instance.members, instance.privates].compactMap({ $0 }) {
            for symbol in home.names() where !symbol.name.hasPrefix(".__") {
                found += functions(in: home.local(symbol) ?? .null)
            }
        }
        var level = instance.enclosure
        for _ in 0..<1000 {
            guard case .environment(let above)? = level.local(Symbol.superObject) else { break }
            found += above.names().flatMap { functions(in: above.local($0) ?? .null) }
            guard case .environment(let next)? = above.local(Symbol.enclosingEnvironment) else { break }
            level = next
        }
        return found
    }

    private static func functions(in value: Value, depth: Int = 0) -> [Closure] {
        switch value {
        case .closure(let closure): return [closure]
        case .promise(let promise): return promise.value.map { functions(in: $0, depth: depth + 1) } ?? []
        case .activeBinding(let binding): return functions(in: binding.function, depth: depth + 1)
        // Lists of functions, not of thousands of items.
        case .list(let list) where depth < 5 && list.count <= 100:
            return list.elements.flatMap { functions(in: $0, depth: depth + 1) }
        default: return []
        }
    }

    // MARK: What a fit changes

    /// Values by key when the fit began, and what tells that they are others.
    struct Begun {
        fileprivate var prints: [String: StatePrint] = [:]
    }

    /// Remembers what there is when a fit begins.
    func begun(_ references: References, _ context: Context) throws -> Begun {
        var begun = Begun()
        for variable in all {
            guard let value = variable.value else { continue }
            begun.prints[variable.key] = try StatePrint(value, references, context)
        }
        return begun
    }

    /// Variables that are others than at the beginning: plain values by key, and in words those that no file can hold.
    func changed(
        since begun: Begun, _ references: References, _ context: Context
    ) throws -> (kept: [(name: String, value: Value)], left: [String]) {
        var kept: [(name: String, value: Value)] = []
        var left: [String] = []
        for variable in all {
            guard let value = variable.value else { continue }
            if let before = begun.prints[variable.key], try before.isSame(as: value, references, context) { continue }
            if references.kind(of: value) == .plain {
                kept.append((variable.key, value))
            } else {
                left.append("the variable \(variable.symbol.name), which \(variable.whose) sets")
            }
        }
        return (kept, left)
    }

    /// Sets what ``changed(since:_:_:)`` kept; variables that are not there any more are passed over.
    func put(_ kept: Value, _ references: References, _ context: Context) {
        for item in kept.namedItems where references.kind(of: item.value) == .plain {
            guard let variable = all.first(where: { $0.key == item.name }) else { continue }
            try? (variable.home ?? context.globalEnvironment).set(variable.symbol, item.value)
        }
    }
}
