import Diagnostics
import RRuntime

/// Sets a variable, through its active binding if it has one.
package func assignVariable(_ symbol: Symbol, _ value: Value, in environment: Environment, _ context: Context) throws {
    if case .activeBinding(let binding)? = environment.local(symbol) {
        if environment.isLocked(symbol) {
            throw WorkbenchError(.value, "cannot change active binding if binding is locked")
        }
        _ = try context.call(binding.function, [Argument(value)])
        return
    }
    try environment.set(symbol, value)
}
