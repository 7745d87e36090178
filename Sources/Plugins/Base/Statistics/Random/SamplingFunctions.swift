import BaseValues
import Diagnostics
import Glibc
import RRuntime

/// Registers `set.seed`, `RNGkind`, `sample` and `sample.int`.
func registerSampling(_ base: Namespace) {
    base.function(
        "set.seed",
        [.value("seed"), .value("kind", nil), .value("normal.kind", nil), .value("sample.kind", nil)],
        help: "Starts the random number stream that belongs to a whole number.", visible: false
    ) { args in
        let seed = try args.required("seed")
        try setKinds(args)
        if seed.isNull {
            args.context.random.seedFromClock()
            return .null
        }
        if case .character(let v) = seed, let text = v.elements.first ?? nil, parseNumber(text.string) == nil {
            try args.context.warn("NAs introduced by coercion", call: args.call)
        }
        guard seed.isAtomic, seed.length > 0, let first = try seed.asIntegers().elements.first, let number = first
        else {
            throw WorkbenchError(.value, "supplied seed is not a valid integer")
        }
        args.context.random.seed(number)
        return .null
    }
    base.function(
        "RNGkind", [.value("kind", nil), .value("normal.kind", nil), .value("sample.kind", nil)],
        help: "Names of the generators in use, or chooses others.", visible: true
    ) { args in
        let random = args.context.random
        let before = Value.strings([
            "Mersenne-Twister", "Inversion", random.sampleKind == .rejection ? "Rejection" : "Rounding",
        ])
        let isQuestion = args[0].isNull && args[1].isNull && args[2].isNull
        try setKinds(args)
        args.context.isVisible = isQuestion
        return before
    }
    registerSample(base)
}

private func setKinds(_ args: Arguments) throws {
    func name(_ parameter: String, _ allowed: [String]) throws -> String? {
        guard case .character(let v) = args[parameter], v.count == 1, let text = v[0]?.string else {
            if case .integer(let v) = args[parameter], v.count == 1, let code = v[0] {
                return ["kind": 3, "normal.kind": 3, "sample.kind": code][parameter] == code ? nil : ""
            }
            return nil
        }
        guard let match = allowed.first(where: { $0.hasPrefix(text) }) else {
            throw WorkbenchError(
                .unsupported, "'\(text)' is not a valid abbreviation of an RNG",
                hint: "there is " + allowed.map { "\"\($0)\"" }.joined(separator: ", "))
        }
        return match
    }
    _ = try name("kind", ["Mersenne-Twister", "default"])
    _ = try name("normal.kind", ["Inversion", "default"])
    guard let kind = try name("sample.kind", ["Rejection", "Rounding", "default"]), !kind.isEmpty else { return }
    if kind == "Rounding" {
        args.context.random.sampleKind = .rounding
        try args.context.warn("non-uniform 'Rounding' sampler used", call: args.call)
    } else {
        args.context.random.sampleKind = .rejection
    }
}

private func registerSample(_ base: Namespace) {
    base.function(
        "sample", [.value("x"), .value("size", code: "length(x)"), .value("replace", false), .value("prob", nil)],
        help: "Draws elements of a vector (or of 1:x) at random."
    ) { args in
        let x = try args.required("x")
        if x.length == 1, x.isNumeric, let bound = try x.asDoubles().elements.first, bound.isFinite, bound >= 1 {
            return try drawnPositions(args, population: bound, size: args.has("size") ? args["size"] : .number(bound))
        }
        let size = args.has("size") ? args["size"] : .int(x.length)
        let count = Double(try args.context.call("length", [Argument(x)]).asDoubles().elements.first ?? 0)
        let positions = try drawnPositions(args, population: count, size: size)
        return try args.context.call("[", [Argument(x), Argument(positions)], environment: args.environment)
    }
    base.function(
        "sample.int",
        [
            .value("n"), .value("size", code: "n"), .value("replace", false), .value("prob", nil),
            .value("useHash", code: "(n > 1e+07 && !replace && is.null(prob) && size <= n/2)"),
        ],
        help: "Draws numbers of 1:n at random."
    ) { args in
        let n = try args.required("n")
        guard n.isAtomic, let bound = try n.asDoubles().elements.first, bound.isFinite, bound >= 0 else {
            throw WorkbenchError(.value, "invalid first argument")
        }
        return try drawnPositions(args, population: bound, size: args.has("size") ? args["size"] : n)
    }
}

private func drawnPositions(_ args: Arguments, population: Double, size: Value) throws -> Value {
    guard args["replace"].length == 1, let replace = try args["replace"].asLogicals()[0] else {
        throw WorkbenchError(.value, "invalid 'replace' argument")
    }
    let population = population.rounded(.down)
    guard size.isAtomic, let number = try size.asDoubles().elements.first, number.isFinite, number >= 0,
        let count = Int(exactly: number.rounded(.down))
    else { throw WorkbenchError(.value, "invalid 'size' argument") }
    guard population >= 0, population <= 4.5e15, !(count > 0 && population == 0), let n = Int(exactly: population)
    else { throw WorkbenchError(.value, "invalid first argument") }
    if !replace, count > n {
        throw WorkbenchError(
            .value, "cannot take a sample larger than the population when 'replace = FALSE'",
            hint: "\(count) of \(n) were asked for; replace = TRUE draws with repetition")
    }
    // Drawing without replacement shuffles the whole population, but for few of very many.
    try MemoryDoor.check(count: count, elementBytes: 8)
    if !replace, count > n / 2 || n < 10_000_000 { try MemoryDoor.check(count: n, elementBytes: 8) }
    let random = args.context.random
    if !args["prob"].isNull {
        guard args["prob"].isAtomic else { throw args.invalid("prob") }
        let weights = try args["prob"].asDoubles().elements
        guard weights.count == n else { throw WorkbenchError(.value, "incorrect number of probabilities") }
        return .ints(try random.sample(weights: weights, count, replace: replace).map { $0 + 1 })
    }
    if !replace, n > 500_000_000, count > n / 2 {
        throw WorkbenchError(.memory, "cannot allocate a permutation of \(n) numbers")
    }
    return .ints(random.sample(n, count, replace: replace).map { $0 + 1 })
}
