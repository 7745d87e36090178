import Diagnostics
import RRuntime

/// `comment`, `labels`, `isa`.
func registerLabels(_ base: Namespace) {
    let comment = Symbol.named("comment")
    base.function("comment", [.value("x")], help: "The note that a value carries, or NULL.") { args in
        try args.required("x").attribute(comment) ?? .null
    }
    base.function("comment<-", [.value("x"), .value("value")], help: "Gives a value a note, which is not printed.") {
        args in
        switch args["value"] {
        case .null: return args[0].setting(comment, nil)
        case .character: return args[0].setting(comment, args["value"])
        default: throw WorkbenchError(.type, "attempt to set invalid 'comment' attribute", hint: "a note is text")
        }
    }
    base.function("labels", [.value("object"), .dots], help: "Names, or numbers as text.", dispatch: .generic) { args in
        let x = try args.required("object")
        func numbers(_ count: Int) -> Value { .strings((0..<count).map { String($0 + 1) }) }
        guard let dim = x.dim else {
            let names = try args.context.call("names", [Argument(x)], environment: args.environment)
            return names.isNull ? numbers(x.length) : names
        }
        var own: [Value] = []
        if case .list(let list)? = x.attribute(Symbol.dimnames) { own = list.elements }
        return .items(dim.indices.map { d in d < own.count && !own[d].isNull ? own[d] : numbers(dim[d]) })
    }
    base.function("isa", [.value("x"), .value("what")], help: "Whether all classes of a value are among those named.") {
        args in
        let classes = args[0].classes
        let what = try args.required("what").asCharacters().elements
        return .flag(classes.allSatisfy { what.contains($0) })
    }
}
