/// What `options(NAME = value)` asks before it sets an option, so that a wrong value is an error where it is given and not
/// hours later where it is used.
public final class OptionChecks: @unchecked Sendable {
    /// Throws for a value that makes no sense. `NULL`, which removes an option, is never asked about.
    public typealias Check = (_ value: Value, _ context: Context) throws -> Void
    private var checks: [String: Check] = [:]

    init() {}

    /// Adds the check of an option, whose name begins with that of the plug-in: `gelu.exact`.
    public func add(_ option: String, _ check: @escaping Check) { checks[option] = check }

    /// Asks about a value.
    /// - Throws: what the option's check throws.
    public func check(_ option: String, _ value: Value, _ context: Context) throws {
        if !value.isNull { try checks[option]?(value, context) }
    }
}

extension Registry {
    /// Checks of options that plug-ins have.
    public var optionChecks: OptionChecks { shelf(OptionChecks.self) { OptionChecks() } }
}
