import Diagnostics
import RRuntime

extension Evaluator {
    /// What to say about `object$name(…)` when that is no function: whether the object has such a member, and which
    /// names are near.
    func hintForNonFunction(
        _ value: Value, named expression: Value, in environment: Environment, _ context: Context
    ) -> String? {
        guard case .call(let call) = expression, call.name === Symbol.dollar, call.arguments.count == 2,
            case .symbol(let member) = call.arguments[1].value,
            let object = try? owner(call.arguments[0].value, in: environment, context)
        else { return nil }
        let text = context.deparse(expression).first ?? member.name
        guard value.isNull else { return "\(text) is of type '\(value.typeName)', not a function" }
        let names = memberNames(of: object, context)
        guard !names.contains(member.name) else { return "\(text) is NULL" }
        var kind = object.classes.first?.string ?? object.typeName
        if case .object = object { kind = "<\(kind)>" }
        let near = didYouMean(member.name, among: names)
        return "\(kind) has no member `\(member.name)`" + (near.map { ": \($0)" } ?? "")
    }

    /// The object before `$`, if looking at it again runs no code but `$` itself.
    private func owner(_ expression: Value, in environment: Environment, _ context: Context) throws -> Value? {
        var inner = expression
        while case .call(let call) = inner {
            guard call.name === Symbol.dollar, let first = call.arguments.first else { return nil }
            inner = first.value
        }
        guard case .symbol = inner else { return nil }
        return try evaluate(expression, in: environment, context)
    }

    private func memberNames(of object: Value, _ context: Context) -> [String] {
        if case .environment(let environment) = object { return environment.names().map { $0.name } }
        guard let names = try? context.call("names", [Argument(object)]).asCharacters().elements else { return [] }
        return names.compactMap { $0?.string }
    }
}
