import Diagnostics
import FitStates
import PluginAPI

/// `luz_callback_resume_from_checkpoint()`: starts a fit from a checkpoint.
///
/// What it restores is up to its arguments; with all four it goes on where the fit was, generators and place in the epoch
/// included.
final class Resumption: SettingsCallback, @unchecked Sendable {
    private static let parts = [
        ("model_state", "weights"), ("records", "records"), ("optimizer_state", "the optimizer's state"),
        ("callbacks_state", "the callbacks' state"),
    ]

    init(_ args: Arguments) throws {
        try args.checkNoDots()
        super.init(["resume_from_checkpoint_callback"], args)
        _ = try text("path")
        for part in Resumption.parts { _ = try flag("restore_" + part.0) }
    }

    override func listens(to event: TrainingEvent) -> Bool { event == .fitBegin }

    override func handle(_ event: TrainingEvent, _ training: TrainingContext) throws {
        guard event == .fitBegin else { return }
        let path = try text("path")
        let context = training.session
        let resolved = context.resolvedPath(path)
        func shown(_ file: String) -> String { path + file.dropFirst(resolved.count) }
        let found = try context.naming(path) { absolute in
            try CheckpointFolder(absolute) { file, reason in
                guard !context.isAsPublished else { throw WorkbenchError(.data, reason) }
                let reason = reason.replacing("'\(file)'", with: "'\(shown(file))'")
                try context.message("passed over: \(reason)\n")
            }
        }
        guard let found else {
            try context.warn(
                context.isAsPublished
                    ? "The checkpoint path does not exist."
                    : "nothing to resume: there is no checkpoint at '\(path)', the fit starts at epoch 1")
            return
        }
        let wanted = try Resumption.parts.filter { try flag("restore_" + $0.0) }
        if wanted.count == Resumption.parts.count, !context.isAsPublished {
            let source = "'\(shown(found.path))'"
            try found.checkpoint.resume(training, source, anew: "without this callback the fit begins at epoch 1")
            return try announce(found.checkpoint, source, training, FitFacts(training))
        }
        let state = found.checkpoint.state
        let names = wanted.map { $0.0 }
        if names.contains("records") { state.restoreRecords(training) }
        if names.contains("optimizer_state") { try state.restoreOptimizers(training) }
        if names.contains("callbacks_state") {
            try state.restoreCallbacks(training)
            try FieldStates.restore(state["fields"], training, modules: false)
        }
        if names.contains("model_state") { try state.restoreModel(training.model) }
        try say(shown(found.path), state.epoch, wanted, context)
    }

    private func say(_ file: String, _ epoch: Int, _ wanted: [(String, String)], _ context: Context) throws {
        guard !context.isAsPublished else { return }
        let left = Resumption.parts.filter { part in !wanted.contains { $0.0 == part.0 } }
        let restored = wanted.isEmpty ? "nothing" : wanted.map { $0.1 }.joined(separator: ", ")
        try context.message(
            "restored from '\(file)' (epoch \(epoch)): \(restored); not restored: "
                + (left.map { "\($0.1) (restore_\($0.0) = TRUE)" } + ["generators and place (all four)"])
                .joined(separator: ", ") + "; the fit starts at epoch 1\n")
    }
}

func registerResumption(_ luz: Namespace) {
    luz.callback(
        "luz_callback_resume_from_checkpoint",
        [
            .value("path", help: "a checkpoint, or a folder whose newest epoch is taken"), .dots,
            .value("restore_model_state", true), .value("restore_records", false),
            .value("restore_optimizer_state", false),
            .value("restore_callbacks_state", false, help: "with all four the fit goes on exactly where it was"),
        ], help: "Starts a fit from a checkpoint that luz_callback_model_checkpoint() wrote"
    ) { args in try Resumption(args) }
    luz.function(
        "luz_load_checkpoint", [.value("obj", help: "a fitted model, or ctx in a callback"), .value("path"), .dots],
        help: "Puts the weights of a checkpoint into a fitted model, in place", visible: false
    ) { args in
        let state = try args.context.naming(try args.string("path")) { try Checkpoint(reading: $0) }.state
        if case .object(let object) = args["obj"], let training = object as? TrainingContext {
            state.restoreRecords(training)
            try state.restoreOptimizers(training)
            try state.restoreCallbacks(training)
            try state.restoreModel(training.model)
            return .null
        }
        try state.restoreModel(try fittedModule(args, "obj"))
        return .null
    }
}

/// The model of a fitted object.
func fittedModule(_ args: Arguments, _ name: String) throws -> Module {
    let fitted = try args.required(name)
    guard !fitted.isAtomic,
        case .object(let object) = try args.context.call("$", [Argument(fitted), Argument("model")]),
        let module = object as? Module
    else {
        throw WorkbenchError(.type, "`\(name)` must be a fitted model, not \(args.describe(args[name]))")
    }
    return module
}
