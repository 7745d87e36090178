import Diagnostics
import RRuntime

/// R's `packageNotFoundError`, with what there is as a hint.
package func noPackage(_ name: String, _ context: Context, call: Call? = nil) throws -> any Error {
    let names = context.registry.namespaces.map { $0.name }.inByteOrder()
    let message = "there is no package called \u{2018}\(name)\u{2019}"
    let near = didYouMean(name, among: names)
    var origin = WorkbenchError(.name, message, hint: near ?? "there are: " + names.joined(separator: ", "))
    let call = call ?? Call("loadNamespace", [.symbol(Symbol.named("x"))])
    origin.span = call.span
    let condition = Value.named([
        ("message", .string(message)), ("call", .call(call)), ("package", .string(name)), ("lib.loc", .null),
    ]).setting(Symbol.classAttribute, .strings(["packageNotFoundError", "error", "condition"]))
    return try context.raise(condition, origin: origin)
}
