import BaseValues
import Diagnostics
import Glibc
import RRuntime

/// Registers `mean`, `median`, `var`, `sd`, `weighted.mean`, `mad`, `IQR`, `fivenum`, `diff`.
func registerAverages(_ base: Namespace, _ stats: Namespace) {
    registerMeans(base, stats)
    registerSpread(stats)
    registerDifferences(base)
}

/// Elements without the missing ones if asked for.
private func present(_ x: Value, _ args: Arguments) throws -> Value {
    guard args.has("na.rm"), try args["na.rm"].asLogicals().elements.first == true else { return x }
    let isMissing = missingElements(x)
    guard isMissing.contains(true) else { return x }
    return try args.context.elements(of: x, at: isMissing.indices.filter { !isMissing[$0] })
}

private func registerMeans(_ base: Namespace, _ stats: Namespace) {
    base.function("mean", [.value("x"), .dots], help: "The arithmetic mean.", dispatch: .generic) { args in
        try args.context.call(
            "mean.default", [Argument(try args.required("x"))] + args.dots, environment: args.environment)
    }
    base.function(
        "mean.default", [.value("x"), .value("trim", 0), .value("na.rm", false), .dots], help: "The arithmetic mean."
    ) { args in
        let x = try present(try args.required("x"), args)
        let trim = try args.number("trim")
        switch x {
        case .complex(let v):
            let real = mean(v.elements.map { $0.real })
            return .complex(Vector([Complex(real, mean(v.elements.map { $0.imaginary }))]))
        case .logical, .integer, .double: break
        default:
            try args.context.warn("argument is not numeric or logical: returning NA", call: args.call)
            return .number(.na)
        }
        if x.isFactor {
            try args.context.warn("argument is not numeric or logical: returning NA", call: args.call)
            return .number(.na)
        }
        if trim > 0, x.length > 0 {
            var values = try x.asDoubles().elements
            if values.contains(where: { $0.isNaN }) { return .number(.na) }
            values = values.ascending()
            if trim >= 0.5 { return .number(middle(values)) }
            let cut = Int((Double(values.count) * trim).rounded(.down))
            return .number(mean(Array(values[cut..<(values.count - cut)])))
        }
        if case .double(let v) = x { return .number(mean(v.elements)) }
        let whole = try x.asIntegers().elements
        if whole.contains(where: { $0 == nil }) { return .number(.na) }
        return .number(mean(whole.compactMap { $0 }))
    }
    for className in ["Date", "POSIXct", "difftime"] {
        base.method("mean", for: className, [.value("x"), .dots]) { args in
            let plain = try args.context.call("mean.default", [Argument(args[0].bare)] + args.dots)
            return .double(Vector(try plain.asDoubles().elements, args[0].attributes.removing([Symbol.names])))
        }
    }
    stats.function(
        "median", [.value("x"), .value("na.rm", false), .dots], help: "The middle value.", dispatch: .generic
    ) { args in
        let given = try args.required("x")
        if given.isFactor || given.isDataFrame { throw WorkbenchError(.type, "need numeric data") }
        let x = try present(given, args).setting(Symbol.names, nil)
        let isMissing = missingElements(x)
        if isMissing.contains(true) || x.length == 0 { return try args.context.elements(of: x, at: [nil]) }
        let order = try args.context.ordering([try args.context.sortKey(x)], decreasing: [false], missing: .removed)
        // A tensor's NaN is not seen before it is sorted.
        if order.count < x.length { return .number(.nan) }
        let half = (order.count + 1) / 2
        if order.count % 2 == 1 { return try args.context.elements(of: x, at: [order[half - 1]]) }
        let pair = try args.context.elements(of: x, at: [order[half - 1], order[half]])
        return try args.context.call("mean", [Argument(pair)])
    }
    stats.alias("median.default", of: "median")
    stats.function(
        "weighted.mean", [.value("x"), .value("w"), .dots, .value("na.rm", false)], help: "The mean by weights."
    ) { args in
        var x = try numbers(try args.required("x"), orThrow: "'x' must be numeric")
        guard args.has("w") else {
            return try args.context.call("mean", [Argument(args[0]), Argument(args["na.rm"], name: "na.rm")])
        }
        var w = try numbers(args["w"], orThrow: "'w' must be numeric")
        guard x.count == w.count else { throw WorkbenchError(.value, "'x' and 'w' must have the same length") }
        if try args.flag("na.rm") {
            let kept = x.indices.filter { !x[$0].isNaN }
            (x, w) = (kept.map { x[$0] }, kept.map { w[$0] })
        }
        var total: Extended = 0
        for weight in w { total += Extended(weight) }
        var sum: Extended = 0
        for i in x.indices where w[i] != 0 { sum += Extended(x[i] * (w[i] / Double(total))) }
        return .number(Double(sum))
    }
}

/// The middle of sorted numbers.
func middle(_ sorted: [Double]) -> Double {
    guard !sorted.isEmpty else { return .na }
    let half = (sorted.count + 1) / 2
    return sorted.count % 2 == 1 ? sorted[half - 1] : mean([sorted[half - 1], sorted[half]])
}

private func registerSpread(_ stats: Namespace) {
    stats.function(
        "sd", [.value("x"), .value("na.rm", false)], help: "The standard deviation, of n − 1 degrees of freedom."
    ) { args in
        let x = try present(try args.required("x"), args)
        let values: [Double]
        if x.isAtomic, !x.isFactor, x.typeName != "character" {
            values = try x.asDoubles().elements
        } else {
            values = try args.context.call("as.double", [Argument(x)]).asDoubles().elements
        }
        return .number(covariance(values, values).squareRoot())
    }
    stats.function(
        "fivenum", [.value("x"), .value("na.rm", true)], help: "Minimum, lower hinge, median, upper hinge, maximum."
    ) { args in
        let values = try numbers(try args.required("x"), orThrow: "'x' must be numeric")
        let isMissing = values.contains { $0.isNaN }
        if isMissing, try !args.flag("na.rm") { return .numbers([.na, .na, .na, .na, .na]) }
        let sorted = values.filter { !$0.isNaN }.ascending()
        let n = Double(sorted.count)
        guard !sorted.isEmpty else { return .numbers([.na, .na, .na, .na, .na]) }
        let n4 = ((n + 3) / 2).rounded(.down) / 2
        let places = [1, n4, (n + 1) / 2, n + 1 - n4, n]
        return .numbers(
            places.map { place in
                0.5 * (sorted[Int(place.rounded(.down)) - 1] + sorted[Int(place.rounded(.up)) - 1])
            })
    }
    stats.function(
        "mad",
        [
            .value("x"), .value("center", code: "median(x)"), .value("constant", 1.4826), .value("na.rm", false),
            .value("low", false), .value("high", false),
        ], help: "The median absolute deviation."
    ) { args in
        let x = try numbers(try present(try args.required("x"), args), orThrow: "'x' must be numeric")
        if x.contains(where: { $0.isNaN }) { return .number(.na) }
        let center = args.has("center") ? try args.number("center") : middle(x.ascending())
        return .number(try args.number("constant") * middle(x.map { abs($0 - center) }.ascending()))
    }
    stats.function(
        "IQR", [.value("x"), .value("na.rm", false), .value("type", 7)], help: "The distance of the quartiles."
    ) { args in
        let quartiles = try args.context.call(
            "quantile",
            [
                Argument(try args.required("x")), Argument(.numbers([0.25, 0.75])),
                Argument(args["na.rm"], name: "na.rm"), Argument(false, name: "names"),
                Argument(args["type"], name: "type"),
            ]
        ).asDoubles().elements
        return .number(quartiles[1] - quartiles[0])
    }
}

private func registerDifferences(_ base: Namespace) {
    let parameters: [Parameter] = [.value("x"), .value("lag", .int(1)), .value("differences", .int(1)), .dots]
    base.function("diff", parameters, help: "Differences of elements a lag apart.", dispatch: .generic) { args in
        try differences(args)
    }
    base.alias("diff.default", of: "diff")
    for className in ["Date", "POSIXct"] {
        base.method("diff", for: className, parameters) { args in
            let units = args.has("units") ? args["units"] : .null
            _ = units
            var result = args[0]
            let lag = try args.int("lag")
            guard lag >= 1, try args.int("differences") >= 1 else {
                throw WorkbenchError(.value, "'lag' and 'differences' must be integers >= 1")
            }
            for _ in 0..<(try args.int("differences")) {
                let count = result.length
                guard count > lag else {
                    return try args.context.elements(of: result, at: []).setting(Symbol.classAttribute, "difftime")
                        .setting(Symbol.named("units"), "days")
                }
                let later = try args.context.elements(of: result, at: (lag..<count).map { $0 })
                let earlier = try args.context.elements(of: result, at: (0..<(count - lag)).map { $0 })
                result = try args.context.call("-", [Argument(later), Argument(earlier)])
            }
            return result
        }
    }
}

private func differences(_ args: Arguments) throws -> Value {
    let x = try args.required("x")
    guard args["lag"].length == 1, args["differences"].length == 1 else {
        throw WorkbenchError(.value, "'lag' and 'differences' must be integers >= 1")
    }
    let lag = try args.int("lag")
    let times = try args.int("differences")
    guard lag >= 1, times >= 1 else { throw WorkbenchError(.value, "'lag' and 'differences' must be integers >= 1") }
    let context = args.context
    var result = x
    for _ in 0..<times {
        if let dim = result.dim, dim.count == 2 {
            guard dim[0] > lag else {
                return try context.call(
                    "[", [Argument(result), Argument(.int(0)), Argument(.missing), Argument(false, name: "drop")])
            }
            func rows(_ range: Range<Int>) throws -> Value {
                try context.call(
                    "[",
                    [
                        Argument(result), Argument(.ints(range.map { $0 + 1 })), Argument(.missing),
                        Argument(false, name: "drop"),
                    ])
            }
            result = try context.call(
                "-", [Argument(try rows(lag..<dim[0])), Argument(try rows(0..<(dim[0] - lag)))])
            continue
        }
        let count = result.length
        guard count > lag else { return try context.elements(of: result, at: []) }
        let plain = result.unclassed
        var later = plain.picked((lag..<count).map { $0 })
        let earlier = plain.pickedBare((0..<(count - lag)).map { $0 })
        if result.isObject { later = later.setting(Symbol.named("units"), nil) }
        let difference = try context.call("-", [Argument(later), Argument(earlier)])
        result = x.isObject ? difference.setting(Symbol.classAttribute, x.attribute(Symbol.classAttribute)) : difference
        if x.inherits("difftime") { result = result.setting(Symbol.named("units"), x.attribute("units")) }
    }
    return result
}
