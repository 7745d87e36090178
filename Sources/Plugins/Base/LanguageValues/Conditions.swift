import RRuntime

/// Whether a value is a condition.
package func isCondition(_ value: Value) -> Bool { value.inherits("condition") }
