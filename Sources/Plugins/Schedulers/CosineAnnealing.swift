import Diagnostics
import Glibc
import PluginAPI

/// `lr_cosine_annealing()`: down to `eta_min` over `T_max` epochs, and up again (Loshchilov & Hutter 2017), in torch's
/// recursive form.
final class CosineAnnealing: Scheduler, @unchecked Sendable {
    private let period: Double
    private let floor: Double

    init(_ args: Arguments) throws {
        period = try args.number("T_max")
        floor = try args.number("eta_min")
        guard period >= 1 else { throw WorkbenchError(.value, "`T_max` must be at least 1, not \(numberText(period))") }
        try super.init(
            "lr_cosine_annealing", try args.optimizer("optimizer"), lastEpoch: try args.int("last_epoch"),
            verbose: try args.flag("verbose"))
    }

    override var memory: [(name: String, value: Value)] {
        get { [("eta_min", .number(floor)), ("T_max", .number(period))] }
        set {}
    }

    override func rates(_ context: Context) throws -> [Double] {
        let rates = try currentRates()
        guard lastEpoch > 0 else { return rates }
        let epoch = Double(lastEpoch)
        if (epoch - 1 - period).truncatingRemainder(dividingBy: 2 * period) == 0 {
            return zip(rates, baseRates).map { $0 + ($1 - floor) * (1 - cos(.pi / period)) / 2 }
        }
        let factor = (1 + cos(.pi * epoch / period)) / (1 + cos(.pi * (epoch - 1) / period))
        return rates.map { factor * ($0 - floor) + floor }
    }
}

func registerCosineAnnealing(_ torch: Namespace) {
    torch.scheduler(
        "lr_cosine_annealing",
        [
            .value("optimizer"), .value("T_max", help: "epochs from top to bottom"), .value("eta_min", 0),
            .value("last_epoch", -1.0), .value("verbose", false),
        ], help: "A cosine from the initial rate to eta_min and back"
    ) { args in try CosineAnnealing(args) }
}
