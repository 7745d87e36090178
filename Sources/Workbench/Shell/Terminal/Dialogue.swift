import PluginAPI

/// `readline`: code that asks the person at the prompt.
public enum Dialogue: Plugin {
    /// Name under which `plugins()` lists it.
    public static let name = "Dialogue"

    /// Adds the function to `base`.
    public static func register(in registry: Registry) {
        registry.namespace("base").function(
            "readline", [.value("prompt", "", help: "what is shown before the answer")],
            help: "A line typed at the prompt; empty in a script"
        ) { arguments in
            let context = arguments.context
            let prompt = try arguments.string("prompt")
            guard context.isInteractive, let read = context.console.readLine else {
                context.console.write(prompt + "\n")
                return ""
            }
            return .string(try read(prompt) ?? "")
        }
    }
}
