import Diagnostics
import Glibc
import RRuntime

/// `proc.time` and `system.time`.
func registerTiming(_ base: Namespace) {
    base.function("proc.time", [], help: "Seconds of computing and of the clock so far") { _ in times() }
    base.function(
        "system.time", [.promise("expr"), .value("gcFirst", true)], help: "Seconds that an expression takes"
    ) { args in
        let before = times()
        _ = try args.context.activating(args.call, from: args.environment) { try args.forced("expr") }
        let after = times()
        let spent = zip(try after.asDoubles().elements, try before.asDoubles().elements).map { $0 - $1 }
        return Value.numbers(spent).withNames(timeNames).setting(Symbol.classAttribute, "proc_time")
    }
    base.method("summary", for: "proc_time", [.value("object"), .dots], help: "Three of the five times") { args in
        try shortened(args[0])
    }
    base.method("print", for: "proc_time", [.value("x"), .dots], help: "Writes times", visible: false) { args in
        _ = try args.context.call("print", [Argument(try shortened(args[0]))], environment: args.environment)
        return args[0]
    }
}

private let timeNames = ["user.self", "sys.self", "elapsed", "user.child", "sys.child"]

/// Children counted with the process itself, as R shows times.
private func shortened(_ value: Value) throws -> Value {
    let all = try value.asDoubles().elements
    guard all.count == 5 else { return value.bare }
    let child = { (number: Double) in number.isNaN ? 0 : number }
    return Value.numbers([all[0] + child(all[3]), all[1] + child(all[4]), all[2]])
        .withNames(["user", "system", "elapsed"])
}

private func times() -> Value {
    func seconds(_ who: __rusage_who) -> (user: Double, system: Double) {
        var usage = rusage()
        getrusage(__rusage_who_t(who.rawValue), &usage)
        func rounded(_ time: timeval) -> Double {
            ((Double(time.tv_sec) + Double(time.tv_usec) / 1e6) * 1000).rounded() / 1000
        }
        return (rounded(usage.ru_utime), rounded(usage.ru_stime))
    }
    let own = seconds(RUSAGE_SELF)
    let children = seconds(RUSAGE_CHILDREN)
    let elapsed = (monotonicSeconds() * 1000).rounded() / 1000
    return Value.numbers([own.user, own.system, elapsed, children.user, children.system])
        .withNames(timeNames).setting(Symbol.classAttribute, "proc_time")
}
