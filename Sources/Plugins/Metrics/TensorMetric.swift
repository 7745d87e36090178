import Diagnostics
import PluginAPI
import Tensors

/// A metric of predictions and targets that are tensors.
class TensorMetric: Metric, @unchecked Sendable {
    private let label: String

    init(_ label: String) { self.label = label }

    override var abbreviation: String { label }

    final override func update(_ predictions: Value, _ target: Value, _ context: Context) throws {
        guard let predictions = predictions.asTensor, let target = target.asTensor else {
            let isMixed = target.names?.contains(Text("ys")) ?? false
            throw WorkbenchError(
                .type,
                "the metric \(label) takes tensors, not predictions of type '\(predictions.typeName)' and a target of type '\(target.typeName)'",
                hint: isMixed
                    ? "mixup makes a list of the target: luz_metric_set(valid_metrics = …) leaves training out" : nil)
        }
        try withoutGradients { try update(predictions.detached(), target.detached()) }
    }

    /// Numbers of a saved state.
    /// - Throws: `.data` when there are not so many.
    func savedNumbers(_ state: Value, _ count: Int? = nil) throws -> [Double] {
        let numbers = try state.asDoubles().elements
        guard count == nil || numbers.count == count else {
            throw WorkbenchError(.data, "the saved state of the metric \(label) is that of another one")
        }
        return numbers
    }

    /// Takes a batch in.
    func update(_ predictions: Tensor, _ target: Tensor) throws {}
}

extension Tensor {
    /// The sum in double precision.
    func total() throws -> Double { try sum(dtype: .float64).item().doubleValue }
}
