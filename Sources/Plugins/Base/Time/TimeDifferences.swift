import BaseValues
import Diagnostics
import RRuntime

/// Registers `difftime`, `as.difftime`, `units` and what can be done with time differences.
func registerTimeDifferences(_ base: Namespace) {
    let units: Parameter = .value(
        "units", code: "c(\"auto\", \"secs\", \"mins\", \"hours\", \"days\", \"weeks\")")
    base.function(
        "difftime", [.value("time1"), .value("time2"), .value("tz"), units], help: "The time between moments."
    ) { args in
        let zone = args.has("tz") ? try args.string("tz") : ""
        let first = try args.context.seconds(of: try args.required("time1"), zone: zone)
        let second = try args.context.seconds(of: try args.required("time2"), zone: zone)
        let unit = args.has("units") ? try args["units"].asCharacters().elements.first??.string ?? "auto" : "auto"
        return try difference(first, second, unit: unit)
    }
    base.function(
        "as.difftime", [.value("tim"), .value("format", "%X"), .value("units", "auto"), .value("tz", "UTC")],
        help: "A time difference of a number or text."
    ) {
        args in
        let x = try args.required("tim")
        let unit = try args.string("units")
        if x.inherits("difftime") { return x }
        if case .character(let v) = x {
            let format = try args.string("format") == "%X" ? "%H:%M:%S" : try args.string("format")
            let today = Calendar()
            let seconds = v.elements.map { text -> Double in
                guard let text, let found = Calendar.parse(text.string, format: format, today: today) else {
                    return .na
                }
                return found.time.seconds
            }
            return try difference(seconds, [0], unit: unit)
        }
        guard unit != "auto" else { throw WorkbenchError(.value, "need explicit units for numeric conversion") }
        guard secondsOfUnit[unit] != nil else { throw WorkbenchError(.value, "invalid units specified") }
        return differenceValue(try numbers(x, orThrow: "invalid units specified"), units: unit, names: x.names)
    }
    base.function("units", [.value("x")], help: "The unit of a time difference.", dispatch: .generic) { args in
        args[0].attribute(unitsName) ?? .null
    }
    base.function(
        "units<-", [.value("x"), .value("value")], help: "Converts a time difference to a unit.", dispatch: .generic
    ) { args in
        try converted(args[0], to: try unitName(args["value"].singleText?.string ?? ""))
    }
    for name in ["as.double", "as.numeric"] {
        base.method(name, for: "difftime", [.value("x"), .value("units", "auto"), .dots]) { args in
            let unit = try args.string("units")
            let value = unit == "auto" ? args[0] : try converted(args[0], to: try unitName(unit))
            return .double(Vector(try value.asDoubles().elements))
        }
    }
    registerDifferenceArithmetic(base)
    registerDifferenceSequences(base)
}

/// Steps from a time difference: in its unit, `by` and `to` converted to it.
private func registerDifferenceSequences(_ base: Namespace) {
    base.method(
        "seq", for: "difftime",
        [.value("from"), .value("to"), .value("by"), .value("length.out", nil), .value("along.with"), .dots]
    ) { args in
        let own = unit(of: args["from"])
        var arguments: [Argument] = []
        for name in ["from", "to", "by", "length.out", "along.with"] where args.has(name) && !args[name].isNull {
            let value = args[name]
            arguments.append(
                Argument(value.inherits("difftime") ? try converted(value, to: own).bare : value, name: name))
        }
        let result = try args.context.call("seq", arguments)
        return differenceValue(try result.asDoubles().elements, units: own)
    }
}

private func unit(of value: Value) -> String { value.attribute(unitsName)?.singleText?.string ?? "days" }

/// A time difference in another unit.
func converted(_ value: Value, to unitTo: String) throws -> Value {
    let from = unit(of: value)
    if from == unitTo { return value }
    let factor = (secondsOfUnit[from] ?? 1) / (secondsOfUnit[unitTo] ?? 1)
    return Value.double(Vector(try value.asDoubles().elements.map { $0 * factor }, value.attributes)).setting(
        unitsName, .string(unitTo))
}

/// Differences of moments in a unit; `auto` takes the largest in which none is below 1.
func difference(_ first: [Double], _ second: [Double], unit: String, names: [Text?]? = nil) throws -> Value {
    let count = first.isEmpty || second.isEmpty ? 0 : max(first.count, second.count)
    let seconds = (0..<count).map { first[$0 % first.count] - second[$0 % second.count] }
    var unit = unit
    if unit == "auto" {
        let smallest = seconds.filter { !$0.isNaN }.map { abs($0) }.min() ?? .nan
        unit =
            !smallest.isFinite || smallest < 60
            ? "secs" : smallest < 3600 ? "mins" : smallest < 86_400 ? "hours" : "days"
    } else {
        unit = try unitName(unit)
    }
    return differenceValue(seconds.map { $0 / (secondsOfUnit[unit] ?? 1) }, units: unit, names: names)
}

private func registerDifferenceArithmetic(_ base: Namespace) {
    base.method("Ops", for: "difftime", [.value("e1"), .value("e2")]) { args in
        let name = args.context.methodGeneric?.name ?? args.call.name?.name ?? "+"
        return try operate(name, args)
    }
    for name in ["abs", "sign", "floor", "ceiling", "trunc", "round", "signif"] {
        base.method(name, for: "difftime", [.value("x"), .dots]) { args in
            let result = try args.context.call(name, [Argument(args[0].bare)] + args.dots)
            return name == "sign"
                ? result
                : differenceValue(try result.asDoubles().elements, units: unit(of: args[0]), names: args[0].names)
        }
    }
    for name in mathFunctions
    where !["abs", "sign", "floor", "ceiling", "trunc", "round", "signif"].contains(name) {
        base.method(name, for: "difftime", [.value("x"), .dots]) { _ in
            throw WorkbenchError(
                .type, "'\(name)' not defined for \"difftime\" objects",
                hint: "as.numeric(x, units = \"secs\") gives the numbers")
        }
    }
    for name in ["max", "min", "range", "sum"] {
        base.method(name, for: "difftime", [.dots, .value("na.rm", false)]) { args in
            guard let unit = commonUnit(args.dots.map { $0.value }) else { return .null }
            let parts = try args.dots.map { argument -> Argument in
                guard argument.value.inherits("difftime") else { return Argument(argument.value) }
                return Argument(try converted(argument.value, to: unit).bare)
            }
            let result = try args.context.call(name, parts + [Argument(args["na.rm"], name: "na.rm")])
            return differenceValue(try result.asDoubles().elements, units: unit)
        }
    }
    base.method("c", for: "difftime", [.dots, .value("recursive", false), .value("units", nil)]) { args in
        guard let common = commonUnit(args.dots.map { $0.value }) else { return .null }
        let wanted = args["units"].singleText?.string ?? common
        let numbers = try args.dots.flatMap { argument -> [Double] in
            argument.value.inherits("difftime")
                ? try converted(argument.value, to: wanted).asDoubles().elements
                : try argument.value.asDoubles().elements
        }
        return differenceValue(numbers, units: wanted)
    }
}

/// The unit of several time differences taken together: their own where they share it, else seconds; nil if there are
/// none.
private func commonUnit(_ values: [Value]) -> String? {
    let units = values.filter { $0.inherits("difftime") }.map { unit(of: $0) }
    guard let first = units.first else { return nil }
    return units.allSatisfy { $0 == first } ? first : "secs"
}

private func operate(_ name: String, _ args: Arguments) throws -> Value {
    let context = args.context
    if args[1].isMissing {
        guard name != "!" else { throw WorkbenchError(.type, "unary '!' not defined for \"difftime\" objects") }
        let result = try context.call(name, [Argument(args[0].bare)])
        return differenceValue(try result.asDoubles().elements, units: unit(of: args[0]), names: args[0].names)
    }
    var (first, second) = (args[0], args[1])
    let (isFirst, isSecond) = (first.inherits("difftime"), second.inherits("difftime"))
    var unitName = isFirst ? unit(of: first) : unit(of: second)
    if isFirst, isSecond, unit(of: first) != unit(of: second) {
        unitName = "secs"
        first = try converted(first, to: unitName)
        second = try converted(second, to: unitName)
    }
    let plain = try context.call(name, [Argument(withoutUnits(first)), Argument(withoutUnits(second))])
    switch name {
    case "+", "-", "%%": return classed(plain, unitName)
    case "*":
        guard !(isFirst && isSecond) else {
            throw WorkbenchError(.type, "both arguments of * cannot be \"difftime\" objects")
        }
        return classed(plain, unitName)
    case "/":
        if isFirst, isSecond { return plain }
        guard isFirst else { throw WorkbenchError(.type, "second argument of / cannot be a \"difftime\" object") }
        return classed(plain, unitName)
    case "%/%" where isFirst && isSecond: return plain
    case "==", "!=", "<", "<=", ">", ">=": return plain
    default: throw WorkbenchError(.type, "'\(name)' not defined for \"difftime\" objects")
    }
}

private func withoutUnits(_ value: Value) -> Value {
    value.inherits("difftime") ? value.unclassed.setting(unitsName, nil) : value
}

private func classed(_ value: Value, _ unit: String) -> Value {
    value.withClass("difftime").setting(unitsName, .string(unit))
}
