import Diagnostics
import RRuntime
import VectorValues

func registerRepeat(_ base: Namespace) {
    base.function(
        "rep",
        [
            .value("x"), .value("times", code: "1"), .value("length.out", code: "NA"), .value("each", code: "1"), .dots,
        ], help: "Repeats the elements of a vector.", dispatch: .internal
    ) { args in
        let x = try args.required("x")
        let each = try optionalCount(args["each"], "each") ?? 1
        let wanted = try optionalCount(args["length.out"], "length.out")
        return try repeated(x, times: args["times"], each: each, lengthOut: wanted)
    }
    base.function("rep.int", [.value("x"), .value("times")], help: "Repeats a vector.") { args in
        let x = try args.required("x")
        if x.isObject { return try args.context.call("rep", [Argument(x), Argument(args["times"], name: "times")]) }
        return try repeated(x.bare, times: args["times"], each: 1, lengthOut: nil)
    }
    base.function("rep_len", [.value("x"), .value("length.out")], help: "Repeats a vector up to a length.") { args in
        let x = try args.required("x")
        let count = try lengthArgument(try args.required("length.out"), message: "invalid 'length.out' value")
        guard count <= 1 << 52 else { throw WorkbenchError(.value, "invalid 'length.out' value") }
        if x.isObject {
            return try args.context.call("rep", [Argument(x), Argument(.number(Double(count)), name: "length.out")])
        }
        return try repeated(x.bare, times: .missing, each: 1, lengthOut: count)
    }
}

private func optionalCount(_ value: Value, _ name: String) throws -> Int? {
    if value.isMissing || value.isNull || value.length == 0 { return nil }
    guard value.isAtomic, let number = try? value.asDoubles()[0] else {
        throw WorkbenchError(.value, "invalid '\(name)' argument")
    }
    if number.isNaN { return nil }
    guard number >= 0, let whole = number.wholeInt else { throw WorkbenchError(.value, "invalid '\(name)' argument") }
    return whole
}

private func repeated(_ x: Value, times: Value, each: Int, lengthOut: Int?) throws -> Value {
    if x.isNull { return .null }
    guard x.isVector else {
        throw WorkbenchError(.type, "attempt to replicate an object of type '\(x.typeName)'")
    }
    let count = x.length
    let kind = x.kind ?? .list
    let each64 = try checkedProduct([count, each], kind)
    var positions: [Int]
    if let lengthOut {
        try checkAllocation(lengthOut, kind)
        positions =
            each64 == 0
            ? Array(repeating: -1, count: count == 0 ? lengthOut : 0) : (0..<lengthOut).map { ($0 % each64) / each }
    } else if times.isMissing {
        positions = (0..<each64).map { $0 / max(each, 1) }
    } else {
        let counts = try times.asDoubles().elements
        let whole = try counts.map { number -> Int in
            guard !number.isNaN, number >= 0, let whole = number.wholeInt else {
                throw WorkbenchError(.value, "invalid 'times' argument")
            }
            return whole
        }
        if whole.count == 1 {
            let total = try checkedProduct([each64, whole[0]], kind)
            positions = (0..<total).map { ($0 % each64) / each }
        } else if whole.count == each64 {
            var total = 0
            for number in whole {
                let (sum, overflow) = total.addingReportingOverflow(number)
                if overflow { throw cannotAllocate(bytes: .infinity) }
                total = sum
            }
            try checkAllocation(total, kind)
            positions = []
            positions.reserveCapacity(total)
            for (place, number) in whole.enumerated() {
                positions.append(contentsOf: repeatElement(place / each, count: number))
            }
        } else {
            throw WorkbenchError(.value, "invalid 'times' argument")
        }
    }
    var result = x.gathering(positions)
    if x.attributes != nil {
        if let names = x.elementNames {
            result = result.setting(Symbol.names, Value.character(Vector(names)).gathering(positions))
        }
        if x.inherits("factor") {
            result = result.setting(Symbol.levels, x.attribute(Symbol.levels))
                .setting(Symbol.classAttribute, x.attribute(Symbol.classAttribute))
        }
    }
    return result
}
