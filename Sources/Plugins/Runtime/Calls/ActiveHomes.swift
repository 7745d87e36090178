/// Environments in which something runs that can be left: loops (`break`, `next`) or evaluations (`return()`). Whoever
/// wants to leave asks first, as R does: with nothing to leave it is an error that handlers see.
package struct ActiveHomes {
    private var counts: [ObjectIdentifier: Int] = [:]

    /// None.
    package init() {}

    /// Whether one runs in this environment.
    package func contains(_ environment: Environment) -> Bool { counts[ObjectIdentifier(environment)] != nil }

    /// One begins.
    package mutating func enter(_ environment: Environment) { counts[ObjectIdentifier(environment), default: 0] += 1 }

    /// One ends.
    package mutating func leave(_ environment: Environment) {
        let key = ObjectIdentifier(environment)
        guard let count = counts[key] else { return }
        counts[key] = count > 1 ? count - 1 : nil
    }
}

extension Context {
    /// Runs a loop of this environment: `break` and `next` in it are on their way to it.
    package func looping<Result>(in environment: Environment, _ body: () throws -> Result) rethrows -> Result {
        loopHomes.enter(environment)
        defer { loopHomes.leave(environment) }
        return try body()
    }

    /// Runs an evaluation that `return()` leaves, as `eval()` is one.
    package func evaluating<Result>(in environment: Environment, _ body: () throws -> Result) rethrows -> Result {
        evaluationHomes.enter(environment)
        defer { evaluationHomes.leave(environment) }
        return try body()
    }
}
