import Diagnostics
import PluginAPI

/// A callback written in Swift whose settings are the arguments it was made with; R reads and sets them by name.
class SettingsCallback: Callback {
    private let names: [String]
    private(set) var settings: [(name: String, value: Value)]

    /// - Parameter names: R class names, most special first.
    init(_ names: [String], _ settings: [(name: String, value: Value)] = []) {
        self.names = names
        self.settings = settings
    }

    /// Settings are the arguments of the call, `...` left out.
    init(_ names: [String], _ args: Arguments) {
        self.names = names
        let parameters = args.function.parameters.enumerated().filter { $0.element.name !== Symbol.dots }
        settings = parameters.map { ($0.element.name.name, args[$0.offset].isMissing ? .null : args[$0.offset]) }
    }

    override var classNames: [String] { names }

    /// A setting; `NULL` if there is none of that name.
    subscript(name: String) -> Value { settings.first { $0.name == name }?.value ?? .null }

    /// A setting that is one number.
    func number(_ name: String) throws -> Double {
        guard self[name].length == 1, self[name].typeName != "character",
            let number = try? self[name].asDoubles().elements.first
        else {
            throw wrong(name, "one number")
        }
        return number
    }

    /// A setting that is one string.
    func text(_ name: String) throws -> String {
        guard case .character(let text) = self[name], text.count == 1, let text = text[0] else {
            throw wrong(name, "one string")
        }
        return text.string
    }

    /// A setting that is TRUE or FALSE.
    func flag(_ name: String) throws -> Bool {
        guard self[name].length == 1, let flag = try? self[name].asLogicals().elements.first, let flag else {
            throw wrong(name, "TRUE or FALSE")
        }
        return flag
    }

    private func wrong(_ name: String, _ wanted: String) -> WorkbenchError {
        let value = self[name]
        var shown = value.isNull ? "NULL" : "a value of type '\(value.typeName)' and length \(value.length)"
        if value.isAtomic, value.length == 1, let text = try? value.asCharacters().elements.first {
            let word = text?.string ?? "NA"
            shown = value.typeName == "character" && text != nil ? "\"\(word)\"" : word
        }
        return WorkbenchError(.value, "`\(name)` must be \(wanted), not \(shown)")
    }

    override func field(_ name: String, context: Context) throws -> Value? {
        try settings.first { $0.name == name }?.value ?? super.field(name, context: context)
    }

    override func setField(_ name: String, _ value: Value, context: Context) throws {
        guard let place = settings.firstIndex(where: { $0.name == name }) else {
            throw WorkbenchError(
                .name, "<\(names.first ?? "LuzCallback")> has no setting `\(name)`",
                hint: didYouMean(name, among: settings.map { $0.name })
                    ?? "it has " + settings.map { $0.name }.joined(separator: ", "))
        }
        settings[place].value = value
    }

    override var completions: [Completion] {
        settings.map { setting in Completion(setting.name) { setting.value } }
    }

    /// Also the settings, which can be changed.
    override func savedState(_ context: Context) throws -> Value {
        TrainingContext.setting(try super.savedState(context), ".settings", .named(settings))
    }

    override func restoreState(_ state: Value, _ context: Context) throws {
        try super.restoreState(state, context)
        settings = state.saved(".settings").namedItems
    }

    override func visitReferences(_ visit: (Value) -> Void) { for setting in settings { visit(setting.value) } }

    override func dropReferences() { settings = [] }
}

extension Namespace {
    /// Adds a callback: `luz_callback_early_stopping(…)`.
    func callback(
        _ name: String, _ parameters: [Parameter], help: String, _ make: @escaping (Arguments) throws -> Callback
    ) {
        define(maker(name, parameters, help: help) { args in try make(args) })
    }
}

/// The error for arguments in a `...` that must stay empty, as rlang words it.
func checkNoDots(_ args: Arguments) throws {
    guard let first = args.dots.first else { return }
    let name = first.name.map { "`\($0.name)`" } ?? "an argument without name"
    throw WorkbenchError(
        .value, "`...` must be empty.",
        hint: first.name.flatMap { didYouMean($0.name, among: args.function.parameters.map { $0.name.name }) }
            ?? "\(args.function.name.name)() does not know \(name)")
}
