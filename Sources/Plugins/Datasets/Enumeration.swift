import Diagnostics
import PluginAPI

/// `enumerate()`, the way of going through a loader before `coro::loop`: `for (b in enumerate(dl)) b[[1]]`.
func registerEnumeration(_ registry: Registry) {
    let torch = registry.namespace("torch")
    torch.function("enumerate", [.value("x"), .dots], help: "A dataloader as a list of batches (use coro::loop)") {
        args in
        let loader = try loader(args, "x")
        guard let count = loader.count else {
            throw WorkbenchError(
                .value, "enumerate() needs a dataloader of known length", hint: "coro::loop(for (batch in dl) …)")
        }
        let pass = Pass(loader)
        return .items((0..<count).map { .object(EnumeratedBatch(pass, $0)) })
    }
    // R torch hands on these of coro.
    let coro = registry.namespace("coro").environment
    for name in ["loop", "as_iterator"] {
        if let function = coro.local(Symbol.named(name)) { torch.object(name, function) }
    }
    for name in ["[[", "$"] {
        torch.method(name, for: "enum_env", [.value("x"), .value("i")]) { args in
            guard case .object(let object) = args[0], let batch = object as? EnumeratedBatch else { return .null }
            let value = try batch.value(args.context)
            return try args.context.call(name, [Argument(value), Argument(args[1])], environment: args.environment)
        }
    }
}

/// The pass that the batches of one `enumerate()` share.
private final class Pass {
    let loader: Dataloader
    private var iterator: BatchIterator?
    private var made: [Int: Value] = [:]
    private var next = 0

    init(_ loader: Dataloader) { self.loader = loader }

    func batch(_ number: Int, _ context: Context) throws -> Value {
        let iterator = try self.iterator ?? loader.makeIterator(context)
        self.iterator = iterator
        while next <= number {
            // Only the one asked for is kept.
            made = [next: try iterator.next(context) ?? .null]
            next += 1
        }
        guard let value = made[number] else {
            throw WorkbenchError(.value, "the batches of enumerate() come once, in order")
        }
        return value
    }
}

/// A batch that is made when it is looked at: class `enum_env`.
private final class EnumeratedBatch: ForeignObject, @unchecked Sendable {
    private let pass: Pass
    private let number: Int

    init(_ pass: Pass, _ number: Int) {
        self.pass = pass
        self.number = number
    }

    override var classes: [Text] { ["enum_env"] }
    func value(_ context: Context) throws -> Value { try pass.batch(number, context) }
    override func visitReferences(_ visit: (Value) -> Void) { visit(.object(pass.loader)) }
}
