import Tensors

extension BackgroundEvaluation {
    /// A computation with the present state of a session's generators.
    /// - Throws: never in practice: the state of a generator is always one.
    public convenience init(_ name: String, _ context: Context, output: @escaping (String) -> Void) throws {
        try self.init(name, context, own: TensorSession(copying: context.tensors), output: output)
    }

    /// Begins on a thread of its own; the session's generators are seeded anew.
    ///
    /// - Parameter body: Called there with the evaluator lock held. What it throws is its own business.
    /// - Throws: when the system has no thread to give.
    public func start(_ context: Context, _ body: @escaping () -> Void) throws {
        try run(context) {
            let surroundings = LoopSurroundings { loop in context.released(loop) }
            surroundings.bound { context.withGradMode { body() } }
        }
        context.tensors.generator.seed(context.tensors.generator.random64() & (1 << 53 - 1))
    }

    /// Its generator and switches.
    var tensors: TensorSession? { own as? TensorSession }
}
