import Diagnostics
import RRuntime

/// `...length`, `...elt`, `...names`.
func registerDots(_ base: Namespace) {
    base.function("...length", [], help: "How many arguments `...` stands for") { args in
        .int(try dots(args).count)
    }
    base.function("...elt", [.value("n")], help: "One argument of `...`") { args in
        let place = try args.int("n")
        let all = try dots(args)
        guard place >= 1 else { throw WorkbenchError(.value, "indexing '...' with non-positive index \(place)") }
        guard place <= all.count else {
            throw WorkbenchError(
                .value, "the ... list contains fewer than \(place) element\(place == 1 ? "" : "s")")
        }
        return try args.context.forced(all[place - 1].value)
    }
    base.function("...names", [], help: "The names of the arguments of `...`") { args in
        let all = try dots(args)
        guard all.contains(where: { $0.name != nil }) else { return .null }
        return .character(Vector(all.map { $0.name?.text ?? "" }))
    }
}

private func dots(_ args: Arguments) throws -> [Argument] {
    switch args.environment.lookup(Symbol.dots) {
    case .dots(let dots)?: return dots.arguments
    case .missing?, .null?: return []
    default: throw WorkbenchError(.value, "incorrect context: the current call has no '...' to look in")
    }
}
