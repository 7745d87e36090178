import Diagnostics

extension TrainingEvent {
    /// The error for a hook that luz does not have; a method of that name would never be called.
    ///
    /// - Parameter place: What has it: "a method of the callback <noisy>".
    public static func unknown(_ name: String, in place: String) -> WorkbenchError {
        let all = allCases.map { $0.rawValue }
        let near: [String]
        switch name {
        // Far from every name by letters, but there is no doubt what was meant.
        case "on_batch_end": near = ["on_train_batch_end", "on_valid_batch_end"]
        case "on_batch_begin": near = ["on_train_batch_begin", "on_valid_batch_begin"]
        default: near = nearestNames(to: name, among: all)
        }
        return WorkbenchError(
            .name, "\(place) is `\(name)`, a hook that does not exist: it would never be called",
            hint: near.isEmpty
                ? "hooks are " + all.joined(separator: ", ")
                : "did you mean " + near.map { "`\($0)`" }.joined(separator: " or ") + "?")
    }
}
