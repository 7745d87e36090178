import Diagnostics
import Glibc
import PluginAPI
import Tensors

/// `lr_finder()`: trains a fresh model with a learning rate that grows at each step, and records rate and loss.
func registerRateFinder(_ luz: Namespace) {
    luz.function(
        "lr_finder",
        [
            .value("object", help: "the result of setup()"), .value("data"), .value("steps", 100),
            .value("start_lr", 1e-7), .value("end_lr", 1e-1), .value("log_spaced_intervals", true), .dots,
            .value("verbose", nil), .value("dataloader_options", nil), .value("accelerator", nil),
        ], help: "Losses over growing learning rates; plot() shows them"
    ) { args in
        for argument in args.dots {
            guard let name = argument.name?.name else { throw unexpectedDots(args) }
            if ["epochs", "callbacks"].contains(name) {
                throw WorkbenchError(
                    .value, "formal argument \"\(name)\" matched by multiple actual arguments",
                    hint: "lr_finder() sets \(name) itself")
            }
            throw unexpectedDots(args)
        }
        let steps = try args.int("steps")
        let start = try args.number("start_lr")
        let end = try args.number("end_lr")
        guard steps >= 1, start > 0, end > start else {
            throw WorkbenchError(
                .value,
                "lr_finder(): steps must be at least 1 and 0 < start_lr < end_lr, not \(steps), \(numberText(start)), \(numberText(end))"
            )
        }
        let sweep = RateSweep(
            steps: steps, start: start, end: end, isLogarithmic: try args.flag("log_spaced_intervals"),
            verbose: args["verbose"].isNull ? args.context.isInteractive : try args.flag("verbose"))
        let module = try generator(args, "object")
        // luz forgets the other settings of the optimizer; here the rate is merged into them.
        let settings = args.context.options.flag("workbench.as_published") ? Value.null : module.setting("opt_hparams")
        let tuned = module.with(
            "opt_hparams", TrainingContext.setting(settings.isNull ? .items([]) : settings, "lr", .number(start)))
        var arguments = [
            Argument(.object(tuned)), Argument(args["data"]), Argument(.number(999_999), name: "epochs"),
            Argument(.items([.object(sweep)]), name: "callbacks"), Argument(false, name: "verbose"),
        ]
        if !args["dataloader_options"].isNull {
            arguments.append(Argument(args["dataloader_options"], name: "dataloader_options"))
        }
        _ = try args.context.call(
            try luzFunction("luz", "fit", args.context), arguments, call: args.call, environment: args.environment)
        let frame = try args.context.call(
            "data.frame",
            [Argument(.numbers(sweep.rates), name: "lr"), Argument(.numbers(sweep.losses), name: "loss")])
        return frame.setting(Symbol.classAttribute, .strings(["lr_records", "data.frame"]))
    }
    luz.method("print", for: "lr_records", [.value("x"), .dots], visible: false) { args in
        _ = try args.context.call("print", [Argument(args[0].setting(Symbol.classAttribute, "data.frame"))] + args.dots)
        return args[0]
    }
}

/// The callback behind lr_finder().
final class RateSweep: Callback, @unchecked Sendable {
    private let steps: Int
    private let start: Double
    private let end: Double
    private let isLogarithmic: Bool
    private let isShown: Bool
    private(set) var rates: [Double] = []
    private(set) var losses: [Double] = []
    private var step = 0
    private let startAt = monotonicSeconds()

    init(steps: Int, start: Double, end: Double, isLogarithmic: Bool, verbose: Bool) {
        self.steps = steps
        self.start = start
        self.end = end
        self.isLogarithmic = isLogarithmic
        isShown = verbose
    }

    override var classNames: [String] { ["lr_finder_callback"] }

    override func prepare(_ training: TrainingContext) throws { training.isSearch = true }

    override func listens(to event: TrainingEvent) -> Bool {
        event == .trainBatchBegin || event == .trainBatchEnd || event == .fitEnd || event == .interrupt
    }

    override func handle(_ event: TrainingEvent, _ training: TrainingContext) throws {
        guard let optimizer = training.optimizers.first?.optimizer else { return }
        switch event {
        case .trainBatchBegin:
            step += 1
            for group in optimizer.groups {
                let rate = try group.number("lr")
                let next =
                    isLogarithmic
                    ? rate * pow(end / start, 1 / Double(steps)) : rate * pow(end / rate, Double(step) / Double(steps))
                group["lr"] = .number(next)
            }
        case .trainBatchEnd:
            rates.append(try optimizer.groups.first?.number("lr") ?? .nan)
            let loss = TrainingContext.element(training.loss, "opt") ?? training.loss.item(1)
            losses.append(try number(loss))
            try show(training)
            if rates.count >= steps { throw StopTraining() }
        case .interrupt:
            if isShown, training.session.console.isInteractiveTerminal {
                training.session.console.writeError("\r\u{1B}[K")
            }
            try training.session.message(
                "Interrupted after \(rates.count) of \(steps) steps; the result holds these, not the whole range.\n")
        default: break
        }
    }

    private func number(_ loss: Value) throws -> Double {
        let plain = try loss.asTensor.map { valueFromScalar(try $0.item()) } ?? loss
        return try plain.asDoubles().elements.first ?? .nan
    }

    /// `Finding the learning rate ■■■■                              10% | ETA:  3m`, drawn over itself.
    private func show(_ training: TrainingContext) throws {
        let console = training.session.console
        guard isShown, console.isInteractiveTerminal else { return }
        let share = Double(rates.count) / Double(steps)
        guard rates.count < steps else { return console.writeError("\r\u{1B}[K") }
        let squares = 1 + Int((30 * share).rounded(.toNearestOrEven))
        let percent = String(Int(100 * share))
        let seconds = (monotonicSeconds() - startAt) / share * (1 - share)
        let left = seconds < 50 ? "\(Int(seconds.rounded()))s" : "\(Int((min(seconds, 1e9) / 60).rounded()))m"
        func padded(_ text: String, to width: Int) -> String {
            String(repeating: " ", count: max(0, width - text.utf8.count)) + text
        }
        console.writeError(
            "\rFinding the learning rate " + String(repeating: "■", count: squares)
                + String(repeating: " ", count: 31 - squares) + padded(percent, to: 5) + "% | ETA:"
                + padded(left, to: 4) + "\u{1B}[K")
    }
}
