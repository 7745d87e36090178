import Diagnostics
import Glibc
import PluginAPI

/// `luz_callback_resume_from_checkpoint()`: starts a fit from a checkpoint.
final class Resumption: SettingsCallback {
    init(_ args: Arguments) throws {
        try checkNoDots(args)
        super.init(["resume_from_checkpoint_callback"], args)
        _ = try text("path")
        for name in ["model_state", "records", "optimizer_state", "callbacks_state"] { _ = try flag("restore_" + name) }
    }

    override func listens(to event: TrainingEvent) -> Bool { event == .fitBegin }

    override func handle(_ event: TrainingEvent, _ training: TrainingContext) throws {
        guard event == .fitBegin else { return }
        guard let path = newestFile(training.session.resolvedPath(try text("path"))) else {
            try training.session.warn("The checkpoint path does not exist.")
            return
        }
        let checkpoint = try Checkpoint(reading: path)
        if try flag("restore_records") { checkpoint.restoreRecords(training) }
        if try flag("restore_optimizer_state") { try checkpoint.restoreOptimizers(training) }
        if try flag("restore_callbacks_state") { try checkpoint.restoreCallbacks(training) }
        if try flag("restore_model_state") { try checkpoint.restoreModel(training.model) }
    }

    /// A file itself, of a folder the last one by name.
    private func newestFile(_ path: String) -> String? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        guard status.st_mode & S_IFMT == S_IFDIR else { return path }
        guard let folder = opendir(path) else { return nil }
        defer { closedir(folder) }
        var last: String?
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name.utf8.first != UInt8(ascii: "."), !name.hasSuffix(".part") else { continue }
            if last.map({ Text($0) < Text(name) }) ?? true { last = name }
        }
        return last.map { path + "/" + $0 }
    }
}

func registerResumption(_ luz: Namespace) {
    luz.callback(
        "luz_callback_resume_from_checkpoint",
        [
            .value("path", help: "a checkpoint, or a folder whose last file by name is taken"), .dots,
            .value("restore_model_state", true), .value("restore_records", false),
            .value("restore_optimizer_state", false), .value("restore_callbacks_state", false),
        ], help: "Starts a fit from a checkpoint that luz_callback_model_checkpoint() wrote"
    ) { args in try Resumption(args) }
    luz.function(
        "luz_load_checkpoint", [.value("obj", help: "a fitted model, or ctx in a callback"), .value("path"), .dots],
        help: "Puts the weights of a checkpoint into a fitted model, in place", visible: false
    ) { args in
        let checkpoint = try args.context.naming(try args.string("path")) { try Checkpoint(reading: $0) }
        if case .object(let object) = args["obj"], let training = object as? TrainingContext {
            checkpoint.restoreRecords(training)
            try checkpoint.restoreOptimizers(training)
            try checkpoint.restoreCallbacks(training)
            try checkpoint.restoreModel(training.model)
            return .null
        }
        let model = try args.context.call("$", [Argument(try args.required("obj")), Argument("model")])
        guard case .object(let object) = model, let module = object as? Module else {
            throw WorkbenchError(.type, "`obj` must be a fitted model, not \(args.describe(args["obj"]))")
        }
        try checkpoint.restoreModel(module)
        return .null
    }
}
