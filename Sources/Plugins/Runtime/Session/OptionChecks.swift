/// What `options(NAME = value)` asks before it sets an option, so that a wrong value is an error where it is given and not
/// hours later where it is used.
public final class OptionChecks: @unchecked Sendable {
    /// Throws for a value that makes no sense. `NULL`, which removes an option, is never asked about.
    public typealias Check = (_ value: Value, _ context: Context) throws -> Void
    private var checks: [String: Check] = [:]
    private var readings: [String: Reading] = [:]

    /// What a value means here and now: a path, say, in the working directory of the moment. Asked with values that have
    /// passed the check.
    package typealias Reading = (_ value: Value, _ context: Context) throws -> Value

    /// What setting an option does besides, asked with `NULL` too, which brings the default back. Throws for a value that
    /// makes no sense, as a check does.
    package typealias Effect = (_ value: Value, _ context: Context) throws -> Void
    private var effects: [String: Effect] = [:]

    init() {}

    /// Adds the check of an option, whose name begins with that of the plug-in: `gelu.exact`.
    public func add(_ option: String, _ check: @escaping Check) { checks[option] = check }

    /// Asks about a value.
    /// - Throws: what the option's check throws.
    public func check(_ option: String, _ value: Value, _ context: Context) throws {
        if !value.isNull { try checks[option]?(value, context) }
    }

    /// Adds what is kept in the place of an option's value.
    package func addReading(_ option: String, _ reading: @escaping Reading) { readings[option] = reading }

    /// Adds what setting an option does.
    package func addEffect(_ option: String, _ effect: @escaping Effect) { effects[option] = effect }

    func effect(of option: String) -> Effect? { effects[option] }

    /// A value as it is kept, after its check.
    func checked(_ option: String, _ value: Value, _ context: Context) throws -> Value {
        try check(option, value, context)
        return value.isNull ? value : try readings[option]?(value, context) ?? value
    }
}

extension Registry {
    /// Checks of options that plug-ins have.
    public var optionChecks: OptionChecks { shelf(OptionChecks.self) { OptionChecks() } }
}
