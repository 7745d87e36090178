import Diagnostics
import FitStates
import Glibc
import PluginAPI

/// `luz_callback_model_checkpoint()`: writes the state of the fit after each epoch, or after the best ones.
final class ModelCheckpoint: SettingsCallback, @unchecked Sendable {
    private var best: Double?
    private var fields: FieldStates?

    init(_ args: Arguments) throws {
        super.init(["model_checkpoint_callback", "monitor_metrics"], args)
        _ = try Improvement(self, args.context)
        _ = try flag("save_best_only")
        _ = try text("monitor")
        let path = try text("path")
        if path.hasSuffix("/") || path.hasSuffix("\\") {
            try setField(
                "path", .string(path + "epoch-{epoch:02d}-{self$monitor}-{monitor:.3f}.pt"), context: args.context)
        }
    }

    override func prepare(_ training: TrainingContext) throws {
        try Monitor(text: text("monitor")).check(training)
        fields = training.session.isAsPublished ? nil : try FieldStates(training)
    }

    override func finish(_ training: TrainingContext, error: (any Error)?) { fields?.end(training) }

    override func progressState(_ training: TrainingContext) throws -> Value? {
        best.map { .named([("best", .number($0))]) }
    }

    override func restoreProgress(_ state: Value, _ training: TrainingContext) throws {
        best = try TrainingContext.element(state, "best")?.asDoubles().elements.first
    }

    override func listens(to event: TrainingEvent) -> Bool { event == .epochEnd }

    override func handle(_ event: TrainingEvent, _ training: TrainingContext) throws {
        guard event == .epochEnd else { return }
        let value = try Monitor(text: text("monitor")).value(training)
        if try flag("save_best_only") {
            let improvement = try Improvement(self, training.session)
            if let known = best {
                guard
                    try improvement.isBetter(value, than: known, asPublished: training.session.isAsPublished)
                else { return }
            }
            best = value.isNaN ? nil : value
        }
        let path = try path(training, value)
        try makeFolder(of: path)
        // The best value is part of what is saved, so it is set before.
        let kept = try fields.map { try $0.value(training, $0.outerChanges(training)) } ?? .null
        try Checkpoint(of: training, FitFacts(training), fields: kept).write(to: path)
        training.noteCheckpoint(path)
    }

    private func path(_ training: TrainingContext, _ value: Double) throws -> String {
        let environment = Environment(parent: training.session.globalEnvironment)
        environment.define(Symbol.named("epoch"), .int(training.epoch))
        environment.define(Symbol.named("monitor"), .number(value))
        environment.define(Symbol.named("ctx"), .object(training))
        environment.define(Symbol.selfObject, .object(self))
        return training.session.resolvedPath(
            try PathTemplate(text: text("path")).filled(in: environment, training.session))
    }
}

/// Makes the folder a file goes into, and those above it.
func makeFolder(of path: String) throws {
    var place = path.utf8.startIndex
    while let slash = path.utf8[place...].firstIndex(of: UInt8(ascii: "/")) {
        let folder = String(path[..<slash])
        if !folder.isEmpty, mkdir(folder, 0o777) != 0, errno != EEXIST {
            throw WorkbenchError(.data, "cannot make the folder '\(folder)': \(String(cString: strerror(errno)))")
        }
        place = path.utf8.index(after: slash)
    }
}

func registerModelCheckpoint(_ luz: Namespace) {
    luz.callback(
        "luz_callback_model_checkpoint",
        [
            .value(
                "path",
                help: "a folder ending in \"/\", or a file name; {epoch:02d}, {monitor:.3f}, {ctx$…} are filled in"),
            .value("monitor", "valid_loss", help: "train_ or valid_ and the name of a metric"),
            .value("save_best_only", false),
            .value("mode", "min", help: "min, max or zero: where the metric should go"),
            .value("min_delta", 0, help: "less than this is no improvement"),
        ], help: "Saves weights, optimizer and records after each epoch"
    ) { args in try ModelCheckpoint(args) }
}
