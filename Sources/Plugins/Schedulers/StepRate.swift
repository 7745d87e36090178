import Diagnostics
import PluginAPI

/// `lr_step()`: times gamma every `step_size` epochs.
final class StepRate: Scheduler, @unchecked Sendable {
    private let stepSize: Int
    private var gamma: Double

    init(_ args: Arguments) throws {
        stepSize = try args.int("step_size")
        gamma = try args.number("gamma")
        guard stepSize >= 1 else { throw WorkbenchError(.value, "`step_size` must be at least 1, not \(stepSize)") }
        try super.init("lr_step", try args.optimizer("optimizer"), lastEpoch: try args.int("last_epoch"))
    }

    override func rates(_ context: Context) throws -> [Double] {
        let rates = try currentRates()
        return lastEpoch == 0 || lastEpoch % stepSize != 0 ? rates : rates.map { $0 * gamma }
    }

    override var memory: [(name: String, value: Value)] {
        get { [("gamma", .number(gamma)), ("step_size", .int(stepSize))] }
        set {
            for entry in newValue where entry.name == "gamma" {
                gamma = (try? entry.value.asDoubles().elements.first) ?? gamma
            }
        }
    }
}

func registerStep(_ torch: Namespace) {
    torch.scheduler(
        "lr_step",
        [.value("optimizer"), .value("step_size", help: "epochs"), .value("gamma", 0.1), .value("last_epoch", -1.0)],
        help: "Times gamma every step_size epochs"
    ) { args in try StepRate(args) }
}
