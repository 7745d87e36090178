import Diagnostics
import PluginAPI

/// The 25 names a callback can listen to.
let hookNames = TrainingEvent.allCases.map { $0.rawValue }

/// The error for a hook that luz does not have; would otherwise be a method that is never called.
func unknownHook(_ name: String, in place: String) -> WorkbenchError {
    let near = nearestNames(to: name, among: hookNames)
    // "on_batch_end" is far from every name by letters, but there is no doubt what was meant.
    let candidates: [String]
    switch name {
    case "on_batch_end": candidates = ["on_train_batch_end", "on_valid_batch_end"]
    case "on_batch_begin": candidates = ["on_train_batch_begin", "on_valid_batch_begin"]
    default: candidates = near
    }
    return WorkbenchError(
        .name, "\(place) is `\(name)`, a hook that does not exist: it would never be called",
        hint: candidates.isEmpty
            ? "hooks are " + hookNames.joined(separator: ", ")
            : "did you mean " + candidates.map { "`\($0)`" }.joined(separator: " or ") + "?")
}
