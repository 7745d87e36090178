import Diagnostics
import RRuntime
import VectorValues

func registerSequences(_ base: Namespace) {
    let parameters: [Parameter] = [
        .value("from", code: "1"), .value("to", code: "1"), .value("by", code: "((to - from)/(length.out - 1))"),
        .value("length.out", nil), .value("along.with", code: "NULL"), .dots,
    ]
    base.function("seq", parameters, help: "A regular sequence.", dispatch: .generic) { args in
        try Sequences.regular(args)
    }
    base.function("seq.default", parameters, help: "A regular sequence.") { args in try Sequences.regular(args) }
    base.function("seq.int", parameters, help: "A regular sequence.") { args in try Sequences.regular(args) }
    base.function("seq_len", [.value("length.out")], help: "1, 2, … up to a length.") { args in
        let value = try args.required("length.out")
        if value.length != 1 {
            try args.context.warn("first element used of 'length.out' argument", call: args.call)
        }
        guard value.isAtomic, value.length >= 1 else {
            throw WorkbenchError(.value, "argument of length 0")
        }
        let (numbers, lost) = try value.gathering([0]).asDoublesNotingLoss()
        if lost { try args.context.warn("NAs introduced by coercion", call: args.call) }
        let number = numbers[0]
        guard number >= 0, let count = number.wholeInt else {
            throw WorkbenchError(.value, "argument must be coercible to non-negative integer")
        }
        try checkAllocation(count, .integer)
        return count == 0 ? .integer(Vector([])) : wholeSequence(from: 1, to: Double(count))
    }
    base.function("seq_along", [.value("along.with")], help: "1, 2, … as many as an object has elements.") { args in
        let value = try args.required("along.with")
        let count = value.isObject ? try Lengths.of(value, args.context) : value.length
        // A method of length() may say anything.
        guard count >= 0 else { throw WorkbenchError(.value, "a length of \(count) is no length") }
        try checkAllocation(count, .integer)
        return count == 0 ? .integer(Vector([])) : wholeSequence(from: 1, to: Double(count))
    }
    base.function(
        "sequence", [.value("nvec"), .value("from", 1), .value("by", 1)], help: "Sequences one after the other."
    ) { args in
        let counts = try args["nvec"].asIntegers().elements
        let from = try args["from"].asIntegers().elements
        let by = try args["by"].asIntegers().elements
        var result: [Int32?] = []
        guard !from.isEmpty, !by.isEmpty else { return .integer(Vector([])) }
        for (place, count) in counts.enumerated() {
            guard let count, count >= 0, let start = from[place % from.count], let step = by[place % by.count] else {
                throw WorkbenchError(.value, "'nvec' must be a vector of non-negative integers")
            }
            try checkAllocation(result.count + Int(count), .integer)
            result.reserveCapacity(result.count + Int(count))
            for i in 0..<Int64(count) { result.append(Int32(exactly: Int64(start) + i * Int64(step))) }
        }
        return .integer(Vector(result))
    }
}

private enum Sequences {
    /// An end or step: one finite number; remembers whether it was whole by type.
    struct Part {
        let number: Double
        let isWhole: Bool
    }

    static func regular(_ args: Arguments) throws -> Value {
        let from = args["from"]
        let to = args["to"]
        let by = args["by"]
        let along = args["along.with"]
        var lengthOut = args["length.out"]
        let given = [from, to, by, along].filter { !$0.isMissing }.count + (lengthOut.isNull ? 0 : 1)
        if given == 1, !from.isMissing {
            let count = from.length
            switch from {
            case .integer, .double:
                guard count == 1, !from.inherits("factor") else { break }
                let number = try from.asDoubles()[0]
                guard number.isFinite else { throw WorkbenchError(.value, "'from' must be a finite number") }
                try checkSpan(1, number)
                return wholeSequence(from: 1, to: number)
            default: break
            }
            return count == 0 ? .integer(Vector([])) : wholeSequence(from: 1, to: Double(count))
        }
        if !along.isMissing {
            let count = along.length
            if given == 1 { return count == 0 ? .integer(Vector([])) : wholeSequence(from: 1, to: Double(count)) }
            lengthOut = .int(count)
        } else if !lengthOut.isNull {
            if lengthOut.length == 0 { throw WorkbenchError(.value, "argument 'length.out' must be of length 1") }
            if lengthOut.length > 1 {
                try args.context.warn("first element used of 'length.out' argument", call: args.call)
                lengthOut = lengthOut.gathering([0])
            }
        }
        let start = try part(from, "from", args)
        let end = try part(to, "to", args)
        if lengthOut.isNull {
            if by.isMissing {
                let a = start?.number ?? 1
                let b = end?.number ?? 1
                try checkSpan(a, b)
                return wholeSequence(from: a, to: b)
            }
            return try stepped(start, end, by)
        }
        let wholeLength = lengthOut.kind == .integer || lengthOut.kind == .logical
        let number = try lengthOut.asDoubles()[0].rounded(.up)
        guard number.isFinite, number >= 0, let count = number.wholeInt else {
            throw WorkbenchError(.value, "'length.out' must be a non-negative number")
        }
        try checkAllocation(count)
        if count == 0 { return .integer(Vector([])) }
        if given == 1 { return wholeSequence(from: 1, to: Double(count)) }
        return try counted(start, end, by, count, wholeLength: wholeLength)
    }

    private static func checkSpan(_ a: Double, _ b: Double) throws {
        let span = abs(b - a) + 1
        guard span < 4.5e15, let count = span.wholeInt else {
            throw WorkbenchError(.memory, "result would be too long a vector")
        }
        try checkAllocation(count, .integer)
    }

    private static func part(_ value: Value, _ name: String, _ args: Arguments) throws -> Part? {
        if value.isMissing { return nil }
        guard value.length == 1 else { throw WorkbenchError(.value, "'\(name)' must be of length 1") }
        let number = value.isAtomic ? try value.asDoubles()[0] : .nan
        guard number.isFinite else { throw WorkbenchError(.value, "'\(name)' must be a finite number") }
        return Part(number: number, isWhole: value.kind == .integer || value.kind == .logical)
    }

    /// `seq(from, to, by)`
    private static func stepped(_ start: Part?, _ end: Part?, _ by: Value) throws -> Value {
        let from = start?.number ?? 1
        let to = end?.number ?? 1
        let del = to - from
        var whole = (start?.isWhole ?? false) && (end?.isWhole ?? false)
        if del == 0, to == 0 { return number(to, whole) }
        guard by.length == 1, by.isAtomic else { throw WorkbenchError(.value, "'by' must be of length 1") }
        let step = try by.asDoubles()[0]
        if by.kind != .integer && by.kind != .logical { whole = false }
        let ratio = del.isFinite ? del / step : to / step - from / step
        guard ratio.isFinite else {
            if step == 0, del == 0 { return number(from, whole) }
            throw WorkbenchError(.value, "invalid '(to - from)/by'")
        }
        if ratio < 0 { throw WorkbenchError(.value, "wrong sign in 'by' argument") }
        if ratio > Double(Int32.max) { throw WorkbenchError(.value, "'by' argument is much too small") }
        if abs(del) / max(abs(to), abs(from)) < 100 * Double.ulpOfOne { return number(from, whole) }
        if whole {
            let count = Int(ratio)
            try checkAllocation(count + 1, .integer)
            return .integer(Vector((0...count).map { Int32(exactly: from + Double($0) * step) }))
        }
        let count = Int(ratio + 1e-10)
        try checkAllocation(count + 1)
        return .double(
            Vector(
                (0...count).map { i in
                    let value = from + Double(i) * step
                    return step > 0 ? min(value, to) : max(value, to)
                }))
    }

    /// Sequences of a given length.
    private static func counted(
        _ start: Part?, _ end: Part?, _ by: Value, _ count: Int, wholeLength: Bool
    ) throws -> Value {
        let last = Double(count - 1)
        if by.isMissing {
            if let start, let end { return evenly(start, end, count, wholeLength: wholeLength) }
            if let start {
                let to = start.number + last
                let whole = wholeLength && start.isWhole && to <= Double(Int32.max)
                return ramp(start.number, 1, count, whole: whole)
            }
            let to = end ?? Part(number: 1, isWhole: false)
            let from = to.number - last
            let whole = to.isWhole && wholeLength && from >= -Double(Int32.max)
            return ramp(from, 1, count, whole: whole)
        }
        guard by.length == 1, by.isAtomic else { throw WorkbenchError(.value, "'by' must be of length 1") }
        let step = try by.asDoubles()[0]
        let wholeStep = by.kind == .integer || by.kind == .logical
        if start != nil, end != nil { throw WorkbenchError(.value, "too many arguments") }
        if let end {
            return ramp(end.number - last * step, step, count, whole: wholeStep && end.isWhole)
        }
        let from = start ?? Part(number: 1, isWhole: false)
        return ramp(from.number, step, count, whole: wholeStep && from.isWhole)
    }

    private static func evenly(_ start: Part, _ end: Part, _ count: Int, wholeLength: Bool) -> Value {
        let whole = start.isWhole && end.isWhole
        if count <= 2 {
            let both = [start.number, end.number].prefix(count)
            return whole ? .integer(Vector(both.map { Int32(exactly: $0) })) : .double(Vector(Array(both)))
        }
        if start.number == end.number {
            return whole
                ? .integer(Vector(Array(repeating: Int32(exactly: start.number), count: count)))
                : .double(Vector(Array(repeating: start.number, count: count)))
        }
        let intervals = Double(count - 1)
        if whole, wholeLength, (end.number - start.number).remainder(dividingBy: intervals) == 0 {
            return ramp(start.number, (end.number - start.number) / intervals, count, whole: true)
        }
        let step = (end.number - start.number) / intervals
        var values = (0..<count).map { start.number + Double($0) * step }
        values[0] = start.number
        values[count - 1] = end.number
        return .double(Vector(values))
    }

    /// `from`, `from + step`, …
    private static func ramp(_ from: Double, _ step: Double, _ count: Int, whole: Bool) -> Value {
        let last = from + Double(count - 1) * step
        if whole, abs(last) <= Double(Int32.max) {
            return .integer(Vector((0..<count).map { Int32(exactly: from + Double($0) * step) }))
        }
        return .double(Vector((0..<count).map { from + Double($0) * step }))
    }

    private static func number(_ value: Double, _ whole: Bool) -> Value {
        whole ? .integer(Vector([Int32(exactly: value)])) : .number(value)
    }
}
