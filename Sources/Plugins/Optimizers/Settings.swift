import Diagnostics
import PluginAPI

/// Settings of a constructor as an optimizer's defaults: every argument but `params`.
func settings(_ args: Arguments) throws -> [(name: String, value: Value)] {
    zip(args.function.parameters, args.values).compactMap { parameter, value in
        parameter.name.name == "params" ? nil : (parameter.name.name, value)
    }
}

/// The error R torch gives for a setting out of its range.
func invalidSetting(_ name: String, _ value: Double) -> WorkbenchError {
    var error = WorkbenchError(.value, "Invalid \(name): \(numberText(value))")
    error.conditionClass = "value_error"
    return error
}

/// Checks that a setting is a number from 0.
func checkNonNegative(_ args: Arguments, _ name: String, _ text: String) throws {
    if case .object = args[name] { return }
    let value = try args.real(name)
    if value < 0 || value.isNaN { throw invalidSetting(text, value) }
}
