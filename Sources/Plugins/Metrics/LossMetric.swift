import Diagnostics
import PluginAPI
import Tensors

/// The loss shown for an epoch: the mean of the batches' losses, each batch counting the same whatever its size, as luz
/// has it.
final class LossMetric: Metric, @unchecked Sendable {
    private weak var training: TrainingContext?
    private var means: [(name: String, mean: Double)] = []
    private var count = 0.0

    static var generator: MetricGenerator {
        MetricGenerator(saved: (kind: "loss metric", parts: .null)) { _ in LossMetric() }
    }

    override var abbreviation: String { "Loss" }

    override func begin(_ training: TrainingContext) throws { self.training = training }

    override func update(_ predictions: Value, _ target: Value, _ context: Context) throws {
        guard let training, case .list(let losses) = training.loss else { return }
        count += 1
        let names = training.loss.names
        for (place, value) in losses.elements.enumerated() {
            let name = names?[place]?.string ?? ""
            let loss = try LossMetric.number(value)
            if let known = means.firstIndex(where: { $0.name == name }) {
                means[known].mean = (count - 1) / count * means[known].mean + loss / count
            } else {
                means.append((name, loss))
            }
        }
    }

    private static func number(_ value: Value) throws -> Double {
        if let tensor = value.asTensor { return try tensor.item().doubleValue }
        guard let number = try value.asDoubles().elements.first else {
            throw WorkbenchError(.value, "ctx$loss holds no number")
        }
        return number
    }

    override func stateDict(_ context: Context) throws -> Value? {
        .named([
            ("names", .strings(means.map { $0.name })), ("means", .numbers(means.map { $0.mean })),
            ("count", .number(count)),
        ])
    }

    override func loadStateDict(_ state: Value, _ context: Context) throws {
        let names = try TrainingContext.element(state, "names")?.asCharacters().elements ?? []
        let numbers = try TrainingContext.element(state, "means")?.asDoubles().elements ?? []
        means = zip(names, numbers).map { ($0?.string ?? "", $1) }
        count = try TrainingContext.element(state, "count")?.asDoubles().elements.first ?? 0
    }

    /// One number; with several optimizers a list of one for each.
    override func compute(_ context: Context) throws -> Value {
        if means.count == 1 { return .number(means[0].mean) }
        return means.isEmpty ? .items([]) : .named(means.map { ($0.name, .number($0.mean)) })
    }
}
