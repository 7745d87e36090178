import Diagnostics
import Tensors

/// What a plug-in's layers, transforms, schedulers, callbacks, optimizers and metrics must keep to, as checks: at the
/// prompt `check_layer(nn_squeeze(8))`, in Swift `try checks.layer(layer, input: x)`.
///
/// Each check runs the object on a little data of its own and throws an error of kind `.plugin` for the first thing that
/// is wrong: what was expected and what came. Both random streams are as before afterwards. The same checks are run, in
/// a process of their own, on everything a compiled plug-in registers before it is loaded for the first time.
public struct Checks {
    /// The session they run in.
    public let context: Context
    /// Told what is about to run, so that a crash can be blamed on it.
    let note: (String) -> Void

    /// Checks in a session.
    public init(_ context: Context, note: @escaping (String) -> Void = { _ in }) {
        self.context = context
        self.note = note
    }

    /// What a check has found.
    public struct Report: Sendable {
        /// What was checked: `nn_squeeze(8)`.
        public let subject: String
        /// What holds, a line each.
        public let facts: [String]

        /// The lines as they are printed.
        public var text: String { "\(subject): \(facts.joined(separator: "\n  "))\n" }
    }

    /// A check of the author's own.
    /// - Throws: the message, if the condition does not hold.
    public func expect(_ condition: Bool, _ message: @autoclosure () -> String) throws {
        if !condition { throw WorkbenchError(.plugin, message()) }
    }

    /// The value of R code; `torch`, `torchvision`, `luz` and the plug-in's own namespace are attached in a self-test.
    public func value(of code: String, _ variables: [(name: String, value: Value)] = []) throws -> Value {
        let frame = Environment(parent: context.globalEnvironment)
        for variable in variables { frame.define(Symbol.named(variable.name), variable.value) }
        var result = Value.null
        for expression in try context.parse(code) { result = try context.evaluate(expression, in: frame) }
        return result
    }

    /// Runs a body whose random numbers are its own, with gradients recorded, and whose errors of R are Swift's.
    func running<Result>(_ subject: String, _ body: () throws -> Result) throws -> Result {
        try attempt(subject, body).get()
    }

    /// The same for what may fail, its error a value. Ctrl-C and `q()` are no errors and pass.
    func attempt<Success>(_ subject: String, _ body: () throws -> Success) throws -> Result<Success, WorkbenchError> {
        let torch = context.tensors.generator.stateBytes
        let base = context.random.state
        defer {
            try? context.tensors.generator.restore(torch)
            try? context.random.restore(base)
        }
        context.tensors.generator.seed(Checks.seed)
        context.random.seed(Int32(Checks.seed))
        // Also where whoever calls the check records none: in with_no_grad(), in a hook.
        let mode = context.tensors.gradMode
        let wasEnabled = mode.isEnabled
        mode.isEnabled = true
        defer { mode.isEnabled = wasEnabled }
        return try context.withGradMode {
            try context.catching(["error"], { .success(try body()) }) { unwind in
                let message = unwind.condition.conditionMessage + context.causes(of: unwind.condition)
                let isOwn = unwind.origin?.kind == .plugin && message.hasPrefix(subject + ": ")
                var error = WorkbenchError(
                    .plugin, isOwn ? message : "\(subject): \(message)", hint: unwind.origin?.hint)
                error.trail = unwind.origin?.trail ?? []
                error.span = unwind.origin?.span
                return .failure(error)
            }
        }
    }

    static let seed: UInt64 = 20

    func fail(_ subject: String, _ message: String, hint: String? = nil) -> WorkbenchError {
        WorkbenchError(.plugin, "\(subject): \(message)", hint: hint)
    }

    /// A value with tensors of its own, also in lists: whoever has given it may change his.
    static func copy(_ value: Value) throws -> Value {
        if let tensor = value.asTensor { return .tensor(try withoutGradients { try tensor.detached().clone() }) }
        guard case .list(var list) = value else { return value }
        list.elements = try list.elements.map { try copy($0) }
        return .list(list)
    }

    /// Whether all sizes lie in a range and the elements are at most so many: sizes come from users, and products overflow.
    func isSmall(_ shape: [Int], sizes: ClosedRange<Int>, elements: Int) -> Bool {
        var count = 1
        for size in shape {
            guard sizes.contains(size), count <= elements / size else { return false }
            count *= size
        }
        return true
    }

    /// `[2, 8, 6, 6]`.
    func text(_ shape: [Int]) -> String { "[" + shape.map(String.init).joined(separator: ", ") + "]" }
}

extension Tensor {
    /// Elements in double precision, row-major.
    var doubles: [Double] { toArray(of: Double.self) }

    /// Takes elements in their place, row-major; history does not notice.
    func put(_ elements: [Double]) throws {
        _ = try withoutGradients { try detached().copy_(try Tensor(elements, shape: shape, dtype: dtype)) }
    }
}
