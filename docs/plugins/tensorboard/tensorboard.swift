import Diagnostics
import Glibc
import PluginAPI

/// `luz_callback_tensorboard()`: the metrics of each epoch as TensorBoard event files, one folder for training and one for
/// validation, so that both are curves of one chart.
final class TensorBoard: SettingsCallback, @unchecked Sendable {
    private var files: [String: EventFile] = [:]

    init(_ args: Arguments) throws {
        super.init(["tensorboard_callback"], args)
        _ = try text("logdir")
        _ = try flag("histograms")
    }

    override func listens(to event: TrainingEvent) -> Bool { event == .epochEnd }

    override func handle(_ event: TrainingEvent, _ training: TrainingContext) throws {
        let folder = training.session.resolvedPath(try text("logdir"))
        for set in ["train", "valid"] {
            guard let metrics = training.metricValues(set, epoch: training.epoch) else { continue }
            let scalars = metrics.namedItems.compactMap { metric -> (tag: String, value: Float)? in
                guard let number = try? metric.value.asDoubles().elements.first else { return nil }
                return (metric.name, Float(number))
            }
            try write(scalars, [], set, folder, training)
        }
        guard try flag("histograms") else { return }
        let weights = training.model.parameters.compactMap { parameter in
            parameter.tensor.map { (tag: parameter.name, elements: $0.toArray(of: Double.self)) }
        }
        try write([], weights, "train", folder, training)
    }

    private func write(
        _ scalars: [(tag: String, value: Float)], _ histograms: [(tag: String, elements: [Double])], _ set: String,
        _ folder: String, _ training: TrainingContext
    ) throws {
        let file = try files[set] ?? EventFile(folder: "\(folder)/\(set)")
        files[set] = file
        try file.add(step: training.epoch, scalars: scalars, histograms: histograms)
    }

    // A copy of the callback, and one that a saved session brings back, write files of their own.
    override func dropReferences() {
        super.dropReferences()
        files = [:]
    }
}

enum TensorBoardPlugin: Plugin {
    static let name = "tensorboard"

    static func register(in registry: Registry) {
        let board = registry.namespace("tensorboard")
        board.callback(
            "luz_callback_tensorboard",
            [
                .value("logdir", "runs", help: "folder; TensorBoard shows it: tensorboard --logdir runs"),
                .value("histograms", false, help: "also write histograms of the model's own parameters"),
            ], help: "Writes metrics as TensorBoard event files"
        ) { args in try TensorBoard(args) }
        board.trial("luz_callback_tensorboard", "luz_callback_tensorboard(tempfile(\"board\"), histograms = TRUE)")
    }
}

@c(workbench_plugin)
public func entry(_ host: UnsafeMutableRawPointer, _ abi: Int32) -> Int32 {
    load(TensorBoardPlugin.self, into: host, abi: abi)
}
