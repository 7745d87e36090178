import BaseValues
import Diagnostics
import Glibc
import RRuntime

/// Registers `dNAME`, `pNAME`, `qNAME`, `rNAME` of every family.
func registerDistributions(_ stats: Namespace) {
    registerNormal(stats)
    for family in closedFormFamilies + incompleteFamilies + countFamilies { register(family, stats) }
}

private let densityTail: [Parameter] = [.value("log", false)]
private let tailTail: [Parameter] = [.value("lower.tail", true), .value("log.p", false)]

private func register(_ family: Family, _ stats: Namespace) {
    let name = family.name
    if let density = family.density {
        stats.function(
            "d" + name, [.value("x")] + family.parameters + densityTail,
            help: "Density of the \(family.title) distribution."
        ) { args in
            let isLog = try args.flag("log")
            return try mapped(args, try parameters(args, family)) { x, p in density(x, p, isLog) }
        }
    }
    if let tails = family.tails {
        stats.function(
            "p" + name, [.value("q")] + family.parameters + tailTail,
            help: "Distribution function of the \(family.title) distribution."
        ) { args in
            let isLower = try args.flag("lower.tail")
            let isLog = try args.flag("log.p")
            return try mapped(args, try parameters(args, family)) { x, p in
                let both = tails(x, p)
                let value = isLower ? both.lower : both.upper
                if !isLog { return value }
                let other = isLower ? both.upper : both.lower
                return value > 0.5 ? log1p(-other) : log(value)
            }
        }
    }
    if let quantile = family.quantile {
        stats.function(
            "q" + name, [.value("p")] + family.parameters + tailTail,
            help: "Quantile function of the \(family.title) distribution."
        ) { args in
            let isLower = try args.flag("lower.tail")
            let isLog = try args.flag("log.p")
            return try mapped(args, try parameters(args, family)) { x, p in
                let value = isLog ? exp(x) : x
                let other = isLog ? -expm1(x) : 1 - x
                if !(value >= 0 && value <= 1) { return .nan }
                return isLower ? quantile(value, other, p) : quantile(other, value, p)
            }
        }
    }
    if let draw = family.draw {
        stats.function(
            "r" + name, [.value("n")] + family.parameters, help: "Random numbers of the \(family.title) distribution."
        ) { args in
            try drawn(args, try parameters(args, family), asCounts: family.isCount, draw)
        }
    }
}

private func registerNormal(_ stats: Namespace) {
    let parameters: [Parameter] = [.value("mean", 0), .value("sd", 1)]
    stats.function("dnorm", [.value("x")] + parameters + densityTail, help: "Density of the normal distribution.") {
        args in
        let isLog = try args.flag("log")
        return try mapped(args, try columns(args, ["mean", "sd"])) {
            NormalDistribution.density($0, mean: $1.a, sd: $1.b, log: isLog)
        }
    }
    stats.function(
        "pnorm", [.value("q")] + parameters + tailTail, help: "Distribution function of the normal distribution."
    ) { args in
        let isLower = try args.flag("lower.tail")
        let isLog = try args.flag("log.p")
        return try mapped(args, try columns(args, ["mean", "sd"])) {
            NormalDistribution.cumulative($0, mean: $1.a, sd: $1.b, lower: isLower, log: isLog)
        }
    }
    stats.function(
        "qnorm", [.value("p")] + parameters + tailTail, help: "Quantile function of the normal distribution."
    ) { args in
        let isLower = try args.flag("lower.tail")
        let isLog = try args.flag("log.p")
        return try mapped(args, try columns(args, ["mean", "sd"])) {
            NormalDistribution.quantile($0, mean: $1.a, sd: $1.b, lower: isLower, log: isLog)
        }
    }
    stats.function("rnorm", [.value("n")] + parameters, help: "Random numbers of the normal distribution.") { args in
        try drawn(args, try columns(args, ["mean", "sd"]), asCounts: false) { $0.normal(mean: $1.a, sd: $1.b) }
    }
}

/// Parameter vectors, each of its own length.
private struct Columns {
    var columns: [[Double]]
    var sources: [Value]

    subscript(index: Int) -> Triple {
        var triple = Triple()
        if columns.count > 0 { triple.a = columns[0][index % columns[0].count] }
        if columns.count > 1 { triple.b = columns[1][index % columns[1].count] }
        if columns.count > 2 { triple.c = columns[2][index % columns[2].count] }
        return triple
    }

    var hasEmpty: Bool { columns.contains { $0.isEmpty } }
    var longest: Int { columns.map { $0.count }.max() ?? 1 }
}

private func numbers(_ value: Value) throws -> [Double] {
    switch value {
    case .logical, .integer, .double:
        if value.inherits("factor") { break }
        return try value.asDoubles().elements
    default: break
    }
    throw WorkbenchError(.type, "Non-numeric argument to mathematical function")
}

private func columns(_ args: Arguments, _ names: [String]) throws -> Columns {
    let sources = try names.map { try args.required($0) }
    return Columns(columns: try sources.map(numbers), sources: sources)
}

private func parameters(_ args: Arguments, _ family: Family) throws -> Columns {
    guard family.name == "gamma" else { return try columns(args, family.parameters.map { $0.name.name }) }
    if args.has("scale") { return try columns(args, ["shape", "scale"]) }
    var result = try columns(args, ["shape", "rate"])
    result.columns[1] = result.columns[1].map { 1 / $0 }
    return result
}

/// The function for each element of the first argument, parameters recycled; attributes as arithmetic keeps them.
private func mapped(_ args: Arguments, _ parameters: Columns, _ function: (Double, Triple) -> Double) throws -> Value {
    let first = try args.required(args.function.parameters[0].name.name)
    let x = try numbers(first)
    if x.isEmpty || parameters.hasEmpty { return .double(Vector([])) }
    let count = max(x.count, parameters.longest)
    var result = [Double](repeating: 0, count: count)
    var isNew = false
    for i in 0..<count {
        let element = x[i % x.count]
        let triple = parameters[i]
        if element.isNaN || triple.a.isNaN || triple.b.isNaN || triple.c.isNaN {
            let sum = element + triple.a + triple.b + triple.c
            result[i] = element.isNA || triple.a.isNA || triple.b.isNA ? .na : sum
            continue
        }
        let value = function(element, triple)
        if value.isNaN { isNew = true }
        result[i] = value
    }
    if isNew { try args.context.warn("NaNs produced", call: args.call) }
    let attributes = ([first] + parameters.sources).first { $0.length == count }?.attributes
    return .double(Vector(result, attributes))
}

/// As many random numbers as `n` says.
private func drawn(
    _ args: Arguments, _ parameters: Columns, asCounts: Bool, _ draw: (RRandom, Triple) -> Double
) throws -> Value {
    let count = try drawCount(args)
    if count == 0 { return asCounts ? .integer(Vector([])) : .double(Vector([])) }
    if parameters.hasEmpty {
        try args.context.warn("NAs produced", call: args.call)
        return .double(Vector([Double](repeating: .na, count: count)))
    }
    let random = args.context.random
    var result = [Double](repeating: 0, count: count)
    var anyNaN = false
    if parameters.columns.allSatisfy({ $0.count == 1 }) {
        let triple = parameters[0]
        for i in 0..<count {
            result[i] = draw(random, triple)
            if result[i].isNaN { anyNaN = true }
        }
    } else {
        for i in 0..<count {
            result[i] = draw(random, parameters[i])
            if result[i].isNaN { anyNaN = true }
        }
    }
    if anyNaN { try args.context.warn("NAs produced", call: args.call) }
    if asCounts {
        let whole = result.map { $0.isNaN ? nil : Int32(exactly: $0) }
        if zip(whole, result).allSatisfy({ $0.0 != nil || $0.1.isNaN }) { return .integer(Vector(whole)) }
    }
    return .double(Vector(result))
}

/// The number of random numbers asked for: the length of a vector, or its one element.
func drawCount(_ args: Arguments) throws -> Int {
    let n = try args.required("n")
    if n.length != 1 {
        if n.isVector || n.isNull { return n.length }
        throw WorkbenchError(.value, "invalid arguments")
    }
    if case .character(let v) = n, let text = v[0], parseNumber(text.string) == nil {
        try args.context.warn("NAs introduced by coercion", call: args.call)
    }
    guard n.isAtomic, let number = try n.asDoubles().elements.first, number >= 0, number < 1e12,
        let count = Int(exactly: number.rounded(.towardZero))
    else { throw WorkbenchError(.value, "invalid arguments") }
    guard count <= 2_000_000_000 else {
        throw WorkbenchError(.memory, "cannot allocate vector of \(count) random numbers")
    }
    return count
}
