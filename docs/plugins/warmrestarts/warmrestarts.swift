import Diagnostics
import Glibc
import PluginAPI

/// `lr_cosine_warm_restarts()`: a cosine from the initial rate down to `eta_min`, again and again, each one `T_mult` times
/// as long as the last.
///
/// Loshchilov & Hutter, "SGDR" (2017); the rates are those of PyTorch's CosineAnnealingWarmRestarts.
final class WarmRestarts: Scheduler, @unchecked Sendable {
    private let first: Int
    private let factor: Int
    private let floor: Double

    init(_ args: Arguments) throws {
        first = try args.int("T_0")
        factor = try args.int("T_mult")
        floor = try args.number("eta_min")
        guard (1...1_000_000_000).contains(first) else {
            throw WorkbenchError(.value, "`T_0` must be a whole number of steps from 1, not \(first)")
        }
        guard (1...1000).contains(factor) else {
            throw WorkbenchError(.value, "`T_mult` must be from 1 to 1000, not \(factor)")
        }
        guard floor.isFinite, floor >= 0 else {
            throw WorkbenchError(.value, "`eta_min` must be 0 or more, not \(floor)")
        }
        try super.init(
            "lr_cosine_warm_restarts", try args.optimizer("optimizer"), lastEpoch: try args.int("last_epoch"),
            verbose: try args.flag("verbose"))
    }

    /// Where `lastEpoch` stands in its cycle, from 0, and how long that is.
    private var place: (step: Int, length: Int) {
        var step = max(0, lastEpoch)
        var length = first
        if factor == 1 { return (step % length, length) }
        while step >= length {
            step -= length
            let (next, overflow) = length.multipliedReportingOverflow(by: factor)
            length = overflow ? Int.max : next
        }
        return (step, length)
    }

    override func rates(_ context: Context) throws -> [Double] {
        let (step, length) = place
        let share = (1 + cos(.pi * Double(step) / Double(length))) / 2
        return baseRates.map { floor + ($0 - floor) * share }
    }
}

enum WarmRestartsPlugin: Plugin {
    static let name = "warmrestarts"

    static func register(in registry: Registry) {
        let restarts = registry.namespace("warmrestarts")
        restarts.scheduler(
            "lr_cosine_warm_restarts",
            [
                .value("optimizer"), .value("T_0", help: "steps of the first cycle"),
                .value("T_mult", 1, help: "how many times longer each cycle is than the one before"),
                .value("eta_min", 0, help: "lowest rate"), .value("last_epoch", -1.0), .value("verbose", false),
            ], help: "A cosine from the initial rate to eta_min that begins anew after T_0, T_0 * T_mult, … steps"
        ) { args in try WarmRestarts(args) }
        restarts.trial("lr_cosine_warm_restarts", "lr_cosine_warm_restarts(optimizer, T_0 = 4, T_mult = 2)")
    }
}

@c(workbench_plugin)
public func entry(_ host: UnsafeMutableRawPointer, _ abi: Int32) -> Int32 {
    load(WarmRestartsPlugin.self, into: host, abi: abi)
}
