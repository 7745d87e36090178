import Diagnostics
import Glibc
import PluginAPI

/// A plug-in that `workbench plugin new` writes: source, descriptor, test and a page about it.
struct NewPlugin {
    let name: String
    let kind: PluginKind
    let isCompiled: Bool

    /// - Throws: for a name that cannot be one, is taken, or stands for a file that is there.
    func checkName(against registry: Registry) throws {
        guard isPluginName(name), !name.contains(".") || !isCompiled else {
            throw WorkbenchError(
                .value, "'\(name)' cannot be the name of a plug-in",
                hint: "a letter, then letters, digits and _" + (isCompiled ? "" : " and ."))
        }
        guard !name.hasSuffix(".R") else {
            throw WorkbenchError(
                .value, "'\(name)' cannot be the name of a plug-in: it is that of a file",
                hint: String(name.dropLast(2)))
        }
        // A word of the language would be a call without a name: library(repeat) does not parse.
        if Keywords.ofR.contains(name) {
            throw WorkbenchError(.value, "'\(name)' is a word of R and cannot be the name of a plug-in")
        }
        if isCompiled, Keywords.ofSwift.contains(name) {
            throw WorkbenchError(.value, "'\(name)' is a word of Swift and cannot be the name of a module")
        }
        if isCompiled, NewPlugin.modules.contains(name) {
            throw WorkbenchError(.value, "'\(name)' is the name of a Swift module that plug-ins import")
        }
        if isCompiled, name == "settings", kind == .callback {
            throw WorkbenchError(
                .value, "'settings' would make a class SettingsCallback, which is the name of one in PluginAPI")
        }
        guard registry.existingNamespace(name) == nil else {
            throw WorkbenchError(.value, "the name \(name) is taken: library(\(name)) is in the box")
        }
        guard !registry.isInTheBox(name) else {
            throw WorkbenchError(
                .value, "the name \(name) is taken: it is that of a plug-in in the box", hint: "plugins() lists them")
        }
        let symbol = Symbol.named(function)
        if let home = registry.namespaces.first(where: { $0.environment.local(symbol) != nil }) {
            throw WorkbenchError(
                .value, "the name \(function) is taken: \(home.name)::\(function)",
                hint: "a plug-in may replace it: library(NAME, override = TRUE); begin with another name")
        }
        guard access(name, F_OK) != 0 else {
            throw WorkbenchError(.data, "'\(name)' exists already", hint: "remove it, or give another name")
        }
    }

    private static let modules: Set<String> = [
        "Swift", "Glibc", "_Concurrency", "_StringProcessing", "Foundation", "PluginAPI", "RRuntime", "Tensors",
        "Diagnostics", "CKernels", "CNumberFormat",
    ]

    private var function: String { kind.function(name) }

    /// `my_layer` is `MyLayer` in Swift.
    private var type: String {
        name.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }

    /// Writes the files into a new folder of the plug-in's name.
    /// - Returns: Their paths.
    func write() throws -> [String] {
        var files: [(String, String)] = []
        let template = PluginTemplate.of(kind)
        if isCompiled {
            files.append(
                (
                    "plugin.json",
                    """
                    {
                      "name": "\(name)",
                      "version": "0.1.0",
                      "api": \(pluginABI),
                      "oldestApi": \(pluginABI),
                      "library": "\(name).so"
                    }

                    """
                ))
            files.append(("\(name).swift", template.compiled.source + CompiledTemplate.entry))
            files.append(("tests/checks.swift", template.compiled.swiftTest))
        } else {
            files.append(
                (
                    "plugin.json",
                    """
                    {
                      "name": "\(name)",
                      "version": "0.1.0",
                      "script": "\(name).R"
                    }

                    """
                ))
            files.append(("\(name).R", ScriptedTemplate.heading + template.scripted))
        }
        files.append(("tests/\(name).R", TemplateTest.lines(of: template.test, isCompiled: isCompiled)))
        files.append(("README.md", readme))
        _ = UserFolder.make(name + "/tests")
        return try files.map { path, text in
            try AtomicFile.write(Array(filled(text).utf8), to: "\(name)/\(path)")
            return "\(name)/\(path)"
        }
    }

    private func filled(_ text: String) -> String {
        var result = text
        // A variable called Tensor would hide the type, and one called registry the parameter.
        let isFree = name.first?.isLowercase == true && name != "registry"
        for (word, value) in [
            ("SPACE", isFree ? name : "space"), ("FUNCTION", function), ("TYPE", type), ("NAME", name),
        ] {
            result = result.replacing(word, with: value)
        }
        return result
    }

    private var readme: String {
        """
        # NAME

        A plug-in of the workbench: the \(kind.rawValue) `FUNCTION()`, in \(isCompiled ? "Swift" : "R").

        | file | what |
        |---|---|
        | plugin.json | name, version\(isCompiled ? ", what it was built against; `plugin build` writes the rest" : "") |
        | \(isCompiled ? "NAME.swift" : "NAME.R") | the code and what `?FUNCTION` says |
        | tests/ | session scripts: R code with its output as `#>` comments\(isCompiled ? "; Swift files run in `selfTest`" : "") |

        ```
        workbench plugin test NAME             # \(isCompiled ? "compiles it, " : "")tries it, replays the tests
        workbench plugin test NAME --update    # writes what the tests print now
        workbench plugin install NAME          # library(NAME) finds it
        ```

        """
    }
}
