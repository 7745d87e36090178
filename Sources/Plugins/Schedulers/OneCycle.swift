import Diagnostics
import Glibc
import PluginAPI

/// `lr_one_cycle()`: up to `max_lr` and down far below the start, momentum the other way round (Smith & Topin 2018).
///
/// Step s of T: up = pct_start · T − 1 steps from max_lr / div_factor to max_lr, then down to initial / final_div_factor.
/// At s = T the curve turns up again, as in R torch; a step beyond T holds the lowest rate and warns once (R torch
/// stops with an error; so does the workbench under `options(workbench.as_published = TRUE)`).
final class OneCycle: Scheduler, @unchecked Sendable {
    private let total: Double
    private let up: Double
    private let isLinear: Bool
    private let cyclesMomentum: Bool
    private let usesBetas: Bool
    private let momentum: (base: Double, top: Double)
    private var top: [Double] = []
    private var hasWarned = false

    init(_ args: Arguments) throws {
        let optimizer = try args.optimizer("optimizer")
        if let steps = try args.optionalReal("total_steps") {
            guard steps > 0 else {
                throw WorkbenchError(.value, "Expected positive integer total_steps, but got \(numberText(steps))")
            }
            total = steps
        } else {
            guard let epochs = try args.optionalReal("epochs"), let steps = try args.optionalReal("steps_per_epoch")
            else {
                throw OneCycle.valueError("You must define either total_steps OR (epochs AND steps_per_epoch)")
            }
            guard epochs > 0 else {
                throw OneCycle.valueError("Expected positive integer epochs, but got \(numberText(epochs))")
            }
            guard steps > 0 else {
                throw OneCycle.valueError("Expected positive integer steps_per_epoch, but got \(numberText(steps))")
            }
            total = epochs * steps
        }
        let share = try args.number("pct_start")
        guard share >= 0, share <= 1 else {
            throw OneCycle.valueError("Expected float between 0 and 1 pct_start, but got \(numberText(share))")
        }
        up = share * total - 1
        switch try args.string("anneal_strategy") {
        case "cos": isLinear = false
        case "linear": isLinear = true
        case let word:
            throw OneCycle.valueError("anneal_strategy must by one of 'cos' or 'linear', instead got \(word)")
        }
        cyclesMomentum = try args.flag("cycle_momentum")
        momentum = (try args.number("base_momentum"), try args.number("max_momentum"))
        usesBetas = optimizer.groups.first?["betas"] != nil
        if cyclesMomentum, !usesBetas, optimizer.groups.first?["momentum"] == nil {
            throw OneCycle.valueError("optimizer must support momentum with `cycle_momentum` option enabled")
        }
        let rates = try args.required("max_lr").asDoubles().elements
        let lastEpoch = try args.int("last_epoch")
        guard rates.count == 1 || rates.count == optimizer.groups.count else {
            throw OneCycle.valueError("expected \(optimizer.groups.count) values for max_lr, got \(rates.count)")
        }
        top = optimizer.groups.indices.map { rates.count == 1 ? rates[0] : rates[$0] }
        let divisor = try args.number("div_factor")
        let finalDivisor = try args.number("final_div_factor")
        if lastEpoch == -1 {
            for (group, rate) in zip(optimizer.groups, top) {
                group["initial_lr"] = .number(rate / divisor)
                group["max_lr"] = .number(rate)
                group["min_lr"] = .number(rate / divisor / finalDivisor)
            }
        }
        try super.init(
            "lr_one_cycle", optimizer, lastEpoch: lastEpoch, verbose: try args.flag("verbose"))
    }

    private static func valueError(_ message: String) -> WorkbenchError {
        var error = WorkbenchError(.value, message)
        error.conditionClass = "value_error"
        return error
    }

    private func anneal(_ start: Double, _ end: Double, _ share: Double) -> Double {
        // A straight line would go below zero where the cosine turns up again.
        isLinear ? (end - start) * min(share, 1) + start : end + (start - end) / 2 * (cos(.pi * share) + 1)
    }

    override func rates(_ context: Context) throws -> [Double] {
        var step = Double(lastEpoch)
        if step > total {
            if context.options.flag("workbench.as_published") {
                throw OneCycle.valueError(
                    "Tried to step \(numberText(step + 1)) times. The specified number of total steps is \(numberText(total))"
                )
            }
            if !hasWarned {
                hasWarned = true
                try context.warn(
                    "lr_one_cycle: step \(numberText(step)) of a cycle of \(numberText(total)) steps; the lowest rate is held. Check epochs and steps_per_epoch."
                )
            }
            step = total - 1
        }
        let down = total - up - 1
        return try optimizer.groups.map { group in
            let initial = try group.number("initial_lr")
            let high = try group.number("max_lr")
            let low = try group.number("min_lr")
            let rising = step <= up
            let share = rising ? step / up : (step - up) / down
            if cyclesMomentum {
                let now =
                    rising
                    ? anneal(momentum.top, momentum.base, share) : anneal(momentum.base, momentum.top, share)
                if usesBetas {
                    group["betas"] = .numbers([now, try group.number("betas", at: 1)])
                } else {
                    group["momentum"] = .number(now)
                }
            }
            return rising ? anneal(initial, high, share) : anneal(high, low, share)
        }
    }

    override var memory: [(name: String, value: Value)] {
        get {
            [
                ("use_beta1", .flag(usesBetas)), ("cycle_momentum", .flag(cyclesMomentum)),
                ("step_size_down", .number(total - up - 1)), ("step_size_up", .number(up)),
                ("total_steps", .number(total)),
            ]
        }
        set {}
    }

    override var plannedSteps: Int? { Int(exactly: (total - 1).rounded()) }

    override func field(_ name: String, context: Context) throws -> Value? {
        switch name {
        case "total_steps": return .number(total)
        case "max_lr": return .numbers(top)
        default: return nil
        }
    }
}

func registerOneCycle(_ torch: Namespace) {
    torch.scheduler(
        "lr_one_cycle",
        [
            .value("optimizer"), .value("max_lr", help: "top of the cycle"), .value("total_steps", nil),
            .value("epochs", nil), .value("steps_per_epoch", nil),
            .value("pct_start", 0.3, help: "share of steps going up"),
            .value("anneal_strategy", "cos", help: "cos or linear"), .value("cycle_momentum", true),
            .value("base_momentum", 0.85), .value("max_momentum", 0.95), .value("div_factor", 25),
            .value("final_div_factor", 1e4), .value("last_epoch", -1.0), .value("verbose", false),
        ], help: "One cycle of the learning rate: up, then far down"
    ) { args in try OneCycle(args) }
}
