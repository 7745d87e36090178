import Diagnostics

/// A callback written in Swift whose settings are the arguments it was made with; R reads and sets them by name.
///
/// What most callbacks written in Swift derive from: they override ``Callback/listens(to:)`` and
/// ``Callback/handle(_:_:)`` and read their settings with ``number(_:)``, ``text(_:)`` and ``flag(_:)``.
open class SettingsCallback: Callback, @unchecked Sendable {
    private let names: [String]
    /// The settings in the order of the parameters.
    public final private(set) var settings: [(name: String, value: Value)]

    /// A callback with settings of its own.
    /// - Parameter names: R class names, most special first.
    public init(_ names: [String], _ settings: [(name: String, value: Value)] = []) {
        self.names = names
        self.settings = settings
    }

    /// Settings are the arguments of the call, `...` left out.
    /// - Parameter names: R class names, most special first.
    public init(_ names: [String], _ args: Arguments) {
        self.names = names
        let parameters = args.function.parameters.enumerated().filter { $0.element.name !== Symbol.dots }
        settings = parameters.map { ($0.element.name.name, args[$0.offset].isMissing ? .null : args[$0.offset]) }
    }

    /// R class names.
    open override var classNames: [String] { names }

    /// A setting; `NULL` if there is none of that name.
    public final subscript(name: String) -> Value { settings.first { $0.name == name }?.value ?? .null }

    /// A setting that is one number.
    /// - Throws: what is there instead.
    public final func number(_ name: String) throws -> Double {
        guard self[name].length == 1, self[name].typeName != "character",
            let number = try? self[name].asDoubles().elements.first
        else {
            throw wrong(name, "one number")
        }
        return number
    }

    /// A setting that is one string.
    public final func text(_ name: String) throws -> String {
        guard case .character(let text) = self[name], text.count == 1, let text = text[0] else {
            throw wrong(name, "one string")
        }
        return text.string
    }

    /// A setting that is TRUE or FALSE.
    public final func flag(_ name: String) throws -> Bool {
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

    /// A setting for R.
    open override func field(_ name: String, context: Context) throws -> Value? {
        try settings.first { $0.name == name }?.value ?? super.field(name, context: context)
    }

    /// Sets a setting.
    open override func setField(_ name: String, _ value: Value, context: Context) throws {
        guard let place = settings.firstIndex(where: { $0.name == name }) else {
            throw WorkbenchError(
                .name, "<\(names.first ?? "LuzCallback")> has no setting `\(name)`",
                hint: didYouMean(name, among: settings.map { $0.name })
                    ?? "it has " + settings.map { $0.name }.joined(separator: ", "))
        }
        settings[place].value = value
    }

    /// The settings.
    open override var completions: [Completion] {
        settings.map { setting in Completion(setting.name) { setting.value } }
    }

    /// Also the settings, which can be changed.
    open override func savedState(_ context: Context) throws -> Value {
        TrainingContext.setting(try super.savedState(context), ".settings", .named(settings))
    }

    /// Takes them back.
    open override func restoreState(_ state: Value, _ context: Context) throws {
        try super.restoreState(state, context)
        settings = state.saved(".settings").namedItems
    }

    /// The settings.
    open override func visitReferences(_ visit: (Value) -> Void) { for setting in settings { visit(setting.value) } }

    /// Lets go of the settings.
    open override func dropReferences() { settings = [] }
}

extension Namespace {
    /// Adds a callback: `luz_callback_early_stopping(…)`.
    ///
    /// - Parameters:
    ///   - name: R name; those of callbacks begin with `luz_callback_`.
    ///   - parameters: Of the constructor.
    ///   - help: First line is the summary.
    ///   - make: Makes one from matched arguments; checks what can be checked before a fit.
    public func callback(
        _ name: String, _ parameters: [Parameter], help: String, _ make: @escaping (Arguments) throws -> Callback
    ) {
        define(maker(name, parameters, help: help) { args in try make(args) }, .callback)
    }
}

extension Arguments {
    /// For a function whose `...` must stay empty.
    /// - Throws: rlang's error for what stands in it, with the nearest parameter.
    public func checkNoDots() throws {
        guard let first = dots.first else { return }
        let name = first.name.map { "`\($0.name)`" } ?? "an argument without name"
        throw WorkbenchError(
            .value, "`...` must be empty.",
            hint: first.name.flatMap { didYouMean($0.name, among: function.parameters.map { $0.name.name }) }
                ?? "\(function.name.name)() does not know \(name)")
    }
}
