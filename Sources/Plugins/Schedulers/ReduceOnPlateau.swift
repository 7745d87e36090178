import Diagnostics
import PluginAPI

/// `lr_reduce_on_plateau()`: times factor when a metric has not improved for more than `patience` epochs.
final class ReduceOnPlateau: Scheduler, @unchecked Sendable {
    private let isMinimum: Bool
    private let factor: Double
    private let patience: Int
    private let threshold: Double
    private let isRelative: Bool
    private let cooldown: Int
    private let floors: [Double]
    private let eps: Double
    private var best: Double
    private var badEpochs = 0
    private var cooling = 0

    init(_ args: Arguments) throws {
        let optimizer = try args.optimizer("optimizer")
        factor = try args.number("factor")
        guard factor < 1 else { throw WorkbenchError(.value, "Factor should be < 1.0") }
        let mode = try args.string("mode")
        guard mode == "min" || mode == "max" else {
            throw WorkbenchError(.value, "mode \(mode) is unknown!", hint: "min or max")
        }
        isMinimum = mode == "min"
        let kind = try args.string("threshold_mode")
        guard kind == "rel" || kind == "abs" else {
            throw WorkbenchError(.value, "threshold mode \(kind) is unknown!", hint: "rel or abs")
        }
        isRelative = kind == "rel"
        patience = try args.int("patience")
        threshold = try args.number("threshold")
        cooldown = try args.int("cooldown")
        let low = try args.required("min_lr").asDoubles().elements
        guard low.count == 1 || low.count == optimizer.groups.count else {
            throw WorkbenchError(.value, "expected \(optimizer.groups.count) min_lrs, got \(low.count)")
        }
        floors = optimizer.groups.indices.map { low.count == 1 ? low[0] : low[$0] }
        eps = try args.number("eps")
        best = isMinimum ? .infinity : -.infinity
        try super.init("lr_reduce_on_plateau", optimizer, verbose: try args.flag("verbose"))
        lastEpoch = 0
    }

    override var takesMetric: Bool { true }

    private func isBetter(_ value: Double) -> Bool {
        switch (isMinimum, isRelative) {
        case (true, true): return value < best * (1 - threshold)
        case (true, false): return value < best - threshold
        case (false, true): return value > best * (threshold + 1)
        case (false, false): return value > best + threshold
        }
    }

    override func step(_ context: Context, metric: Double? = nil) throws {
        lastRates = try currentRates()
        // Made without a metric: nothing to compare yet.
        guard let metric else { return }
        lastEpoch += 1
        // NaN is no improvement.
        if isBetter(metric) || (best.isInfinite && !metric.isNaN) {
            best = metric
            badEpochs = 0
        } else {
            badEpochs += 1
        }
        if cooling > 0 {
            cooling -= 1
            badEpochs = 0
        }
        guard badEpochs > patience else { return }
        for (place, group) in optimizer.groups.enumerated() {
            let old = try group.number("lr")
            // Groups that were added later have the floor of the last one.
            let new = max(old * factor, place < floors.count ? floors[place] : floors.last ?? 0)
            guard old - new > eps else { continue }
            group["lr"] = .number(new)
            if isVerbose {
                try context.message(
                    "Epoch \(lastEpoch): reducing learning rate of group \(place + 1) to \(formatDouble(new, conversion: "e", precision: 4))\n"
                )
            }
        }
        cooling = cooldown
        badEpochs = 0
        lastRates = try currentRates()
    }

    override var memory: [(name: String, value: Value)] {
        get { [("best", .number(best)), ("num_bad_epochs", .int(badEpochs)), ("cooldown_counter", .int(cooling))] }
        set {
            for entry in newValue {
                guard let number = try? entry.value.asDoubles().elements.first else { continue }
                switch entry.name {
                case "best": best = number
                case "num_bad_epochs": badEpochs = Int(exactly: number) ?? 0
                case "cooldown_counter": cooling = Int(exactly: number) ?? 0
                default: break
                }
            }
        }
    }
}

func registerReduceOnPlateau(_ torch: Namespace) {
    torch.scheduler(
        "lr_reduce_on_plateau",
        [
            .value("optimizer"), .value("mode", "min"), .value("factor", 0.1), .value("patience", 10, help: "epochs"),
            .value("threshold", 1e-4), .value("threshold_mode", "rel"), .value("cooldown", 0), .value("min_lr", 0),
            .value("eps", 1e-8), .value("verbose", false),
        ], help: "Times factor when a metric stops improving"
    ) { args in try ReduceOnPlateau(args) }
}
