import Diagnostics
import RRuntime
import VectorValues

func registerColon(_ base: Namespace) {
    base.function(
        ":", [.value("from"), .value("to")], help: "Numbers from one to another in steps of one.",
        direct: { from, to, _ in
            guard let a = plainNumber(from), let b = plainNumber(to), abs(b - a) < 1e6 else { return nil }
            return wholeSequence(from: a, to: b)
        }
    ) { args in
        let from = try colonEnd(args.values[0], args)
        let to = try colonEnd(args.values[1], args)
        if from.isNaN || to.isNaN { throw WorkbenchError(.value, "NA/NaN argument") }
        let count = abs(to - from) + 1e-10
        guard count < 4.5e15, let whole = count.wholeInt else {
            throw WorkbenchError(.memory, "result would be too long a vector")
        }
        try checkAllocation(whole + 1, .integer)
        return wholeSequence(from: from, to: to)
    }
}

private func colonEnd(_ value: Value, _ args: Arguments) throws -> Double {
    if value.isMissing { throw WorkbenchError(.value, "argument is missing, with no default") }
    if value.isNull || value.length == 0 { throw WorkbenchError(.value, "argument of length 0") }
    if value.length > 1 {
        try args.context.warn(
            "numerical expression has \(value.length) elements: only the first used", call: args.call)
    }
    guard value.isAtomic || value.kind == .list else { throw WorkbenchError(.value, "NA/NaN argument") }
    let (numbers, lost) = try value.gathering([0]).asDoublesNotingLoss()
    if lost { try args.context.warn("NAs introduced by coercion", call: args.call) }
    return numbers[0]
}
