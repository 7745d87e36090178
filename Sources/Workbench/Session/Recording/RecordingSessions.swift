import Diagnostics
import PluginAPI

/// `record()`: what is typed and printed becomes a session script.
public enum RecordingSessions: Plugin {
    /// Name in `plugins()`.
    public static var name: String { "recording" }

    /// Adds the function.
    public static func register(in registry: Registry) {
        registry.namespace("base").function(
            "record",
            [
                .value("file", nil, help: "the script, \"session.R\"; left out: the recording ends"),
                .value("append", false, help: "go on with a script that exists"),
            ],
            help: """
                Writes what is typed, and behind it what it prints, into a session script: R code with outputs as #> \
                comments, which `workbench --replay FILE` runs and compares
                """, visible: false
        ) { args in
            let recorder = args.context.recorder
            guard let written = try args.optionalString("file") else {
                let isGone = recorder.isGone
                guard let path = recorder.stop() else {
                    throw WorkbenchError(.value, "nothing is being recorded", hint: "record(\"session.R\") begins")
                }
                guard !isGone else {
                    throw WorkbenchError(
                        .data, "'\(path)' was removed or replaced while it was recorded: what it held is lost",
                        hint: "record(\"…\") begins another")
                }
                try args.context.message("recorded '\(path)'\n")
                return .null
            }
            let append = try args.flag("append")
            try args.context.naming(written) { try recorder.start($0, appending: append, args.context.console) }
            try args.context.message("recording to '\(written)' until record() or the end of the session\n")
            return .null
        }
    }
}
