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

    /// An object whose functions are looked through.
    struct Owner {
        /// The same in every fit of the same code.
        let key: String
        let whose: String
        /// Itself, and what else belongs to it.
        let roots: [Value]
    }

    private(set) var all: [Variable] = []
    /// There were more functions than are looked through.
    private(set) var isCutOff = false
    private static let reserved: Set<String> = ["self", "private", "super", "ctx"]

    /// Looks through the functions of objects, and through those that they mention. Of objects that reach the same one it
    /// belongs to the first.
    /// - Parameter forcing: Evaluates arguments that nobody has asked for yet, which may be functions.
    init(_ owners: [Owner], _ context: Context, forcing: Bool = false) {
        let global = context.globalEnvironment
        var walk = FunctionWalk(context, forcing: forcing)
        var found: Set<String> = []
        for owner in owners {
            for root in owner.roots { walk.add(root) }
            var homes: [String: [Environment]] = [:]
            while let closure = walk.next() {
                let assignments = OuterAssignments(closure)
                for symbol in assignments.targets where !OuterVariables.reserved.contains(symbol.name) {
                    let home = closure.environment.owner(of: symbol)
                    var key = OuterVariables.globalMark + symbol.name
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
                    walk.add(home.local(symbol) ?? .null)
                }
            }
        }
        isCutOff = walk.isCutOff
    }

    private static let globalMark = "global "

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

    /// Plain values by key, and in words those that no file can hold.
    typealias Changes = (kept: [(name: String, value: Value)], left: [String])

    /// Variables that are others than at the beginning.
    func changed(
        since begun: Begun, _ references: References, _ context: Context
    ) throws -> Changes {
        var kept: [(name: String, value: Value)] = []
        var left: [String] = []
        for variable in all {
            guard let value = variable.value else { continue }
            if let before = begun.prints[variable.key], try before.isSame(as: value, references, context) { continue }
            if references.kind(of: value) == .plain {
                kept.append((variable.key, value))
            } else {
                let isNets = references.kind(of: value) == .reference
                left.append(
                    "the variable \(variable.symbol.name), which \(variable.whose) sets"
                        + (isNets ? " (it refers to the fit itself: keep a $clone() of tensors)" : ""))
            }
        }
        if isCutOff { left.append("variables that functions set, of more functions than are looked through") }
        return (kept, left)
    }

    /// Sets what ``changed(since:_:_:)`` kept.
    /// - Returns: Names of those that are not there any more, or cannot be set.
    func put(_ kept: Value, _ references: References, _ context: Context) -> [String] {
        kept.namedItems.filter { references.kind(of: $0.value) == .plain }.compactMap { item in
            guard let variable = all.first(where: { $0.key == item.name }), variable.value?.isFunction != true,
                (try? (variable.home ?? context.globalEnvironment).set(variable.symbol, item.value)) != nil
            else { return OuterVariables.name(of: item.name) }
            return nil
        }
    }

    /// Whether every variable of a list is there.
    func hasAll(_ kept: Value) -> Bool {
        let keys = Set(all.map { $0.key })
        return kept.namedItems.allSatisfy { keys.contains($0.name) }
    }

    /// `n` of `global n`, and of `module net n 0`.
    private static func name(of key: String) -> String {
        if key.hasPrefix(globalMark) { return String(key.dropFirst(globalMark.count)) }
        let words = key.split(separator: " ")
        return words.count > 1 ? String(words[words.count - 2]) : key
    }
}
