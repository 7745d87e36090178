import PluginAPI

/// What a function sets outside of itself with `<<-`, and which names it mentions, without running it.
///
/// A name that a function around the `<<-` has as parameter or local variable is that function's own business, as
/// `i` in `function() { i <- 0; function() i <<- i + 1 }`.
struct OuterAssignments {
    private(set) var targets: [Symbol] = []
    private(set) var mentioned: [Symbol] = []

    private struct Scope {
        let parent: Int?
        var locals: Set<Int>
    }

    init(_ closure: Closure) {
        var scopes = [Scope(parent: nil, locals: Set(closure.formals.names.map { $0.id }))]
        var assigned: [(symbol: Symbol, scope: Int)] = []
        var seen: Set<Int> = []
        // A list of what is to be looked at, not recursion: code may be nested deeply.
        var open: [(value: Value, scope: Int)] = [(closure.body, 0)] + closure.formals.defaults.map { ($0, 0) }
        while let (value, scope) = open.popLast() {
            switch value {
            case .symbol(let symbol):
                if seen.insert(symbol.id).inserted { mentioned.append(symbol) }
            case .character(let text):
                // `do.call("tick", list())`, `get("tick")()`
                guard text.count == 1, let name = text[0]?.string, !name.isEmpty, name.utf8.count <= 60 else {
                    continue
                }
                let symbol = Symbol.named(name)
                if seen.insert(symbol.id).inserted { mentioned.append(symbol) }
            case .call(let call):
                switch call.name?.name {
                case "function":
                    guard let first = call.arguments.first else { continue }
                    let formals = Formals(first.value)
                    scopes.append(Scope(parent: scope, locals: Set(formals.names.map { $0.id })))
                    let inner = scopes.count - 1
                    open += formals.defaults.map { ($0, inner) } + call.arguments.dropFirst().map { ($0.value, inner) }
                    continue
                case "<-", "=", "for":
                    if let target = OuterAssignments.target(call) { scopes[scope].locals.insert(target.id) }
                case "<<-":
                    if let target = OuterAssignments.target(call) { assigned.append((target, scope)) }
                default: break
                }
                open += call.parts.map { ($0.value, scope) }
            default: break
            }
        }
        var known: Set<Int> = []
        for (symbol, scope) in assigned.reversed() {
            var around = scopes[scope].parent
            while let here = around, !scopes[here].locals.contains(symbol.id) { around = scopes[here].parent }
            if around == nil, known.insert(symbol.id).inserted { targets.append(symbol) }
        }
    }

    /// The variable that an assignment is to: `x` in `names(x)[2] <<- "b"`.
    private static func target(_ call: Call) -> Symbol? {
        var place = call.arguments.first?.value
        while case .call(let inner)? = place { place = inner.arguments.first?.value }
        switch place {
        case .symbol(let symbol): return symbol
        case .character(let text):
            return text.elements.first??.string.isEmpty == false ? (text[0]?.string).map { Symbol.named($0) } : nil
        default: return nil
        }
    }
}
