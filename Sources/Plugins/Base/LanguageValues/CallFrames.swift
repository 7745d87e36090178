import Diagnostics
import RRuntime

/// Position from 1 of the innermost activation whose variables these are; 0 if there is none.
package func position(of environment: Environment, _ context: Context) -> Int {
    let all = context.activations
    var place = all.count
    while place > 0 {
        if case .frame(let frame) = all[place - 1], frame.environment === environment { return place }
        place -= 1
    }
    return 0
}

/// The activation that `sys.call(which)` means: from the outside if positive, else relative to the caller's own.
package func activation(_ which: Int, _ args: Arguments) throws -> Activation? {
    let all = args.context.activations
    let place = which > 0 ? which : position(of: args.environment, args.context) + which
    if place == 0 { return nil }
    guard place > 0, place <= all.count else { throw WorkbenchError(.value, "not that many frames on the stack") }
    return all[place - 1]
}

/// The variables of an activation; for registered functions, those of their caller.
package func frameEnvironment(_ which: Int, _ args: Arguments) throws -> Environment {
    switch try activation(which, args) {
    case .frame(let frame)?: return frame.environment
    case .builtin(let builtin)?: return builtin.environment
    case nil: return args.context.globalEnvironment
    }
}

/// `parent.frame(n)` as seen from an environment.
package func parentFrame(_ environment: Environment, _ count: Int, _ context: Context) -> Environment {
    var home = environment
    for _ in 0..<max(0, count) {
        guard let frame = context.frame(of: home) else { return context.globalEnvironment }
        home = frame.callerEnvironment
    }
    return home
}
