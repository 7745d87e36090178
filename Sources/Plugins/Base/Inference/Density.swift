import BaseValues
import Diagnostics
import Glibc
import ModelValues
import RRuntime

/// `density()`, its printing and plotting.
func registerDensity(_ stats: Namespace) {
    stats.function(
        "density",
        [
            .value("x"), .value("bw", "nrd0", help: "width of the kernel, or nrd0, nrd"), .value("adjust", 1),
            .value(
                "kernel",
                code:
                    "c(\"gaussian\", \"epanechnikov\", \"rectangular\", \"triangular\", \"biweight\", \"cosine\", \"optcosine\")"
            ),
            .value("weights", nil), .value("window", code: "kernel"), .value("width"), .value("give.Rkern", false),
            .value("subdensity", false), .value("n", .int(512)), .value("from"), .value("to"), .value("cut", 3),
            .value("na.rm", false), .dots,
        ], help: "Density of a sample by a kernel", dispatch: .generic
    ) { args in try density(args) }
    stats.alias("density.default", of: "density")
    stats.method("print", for: "density", [.value("x"), .value("digits", nil), .dots], visible: false) { args in
        let x = args[0]
        let r = RCalls(args.context)
        let call = args.context.deparse(x.field("call") ?? .null).joined()
        let name = try x.field("data.name")?.asCharacters().elements.first??.string ?? ""
        let width =
            try r("formatC", x.field("bw") ?? .null, named: ["digits": args["digits"]]).asCharacters().elements
            .first??.string ?? ""
        let count = numberText(x.numbers("n").first ?? .nan)
        args.context.console.write(
            "\nCall:\n\t\(call)\n\nData: \(name) (\(count) obs.);\tBandwidth 'bw' = \(width)\n\n")
        let points = Value.frame(
            [("x", x.field("x") ?? .null), ("y", x.field("y") ?? .null)],
            rowNames: automaticRowNames(x.field("x")?.length ?? 0))
        _ = try r("print", r("summary", points), named: ["digits": args["digits"]])
        return x
    }
    stats.method(
        "plot", for: "density", [.value("x"), .value("main"), .value("xlab"), .value("ylab", "Density"), .dots],
        visible: false
    ) { args in
        let x = args[0]
        let r = RCalls(args.context)
        let width = try r("formatC", x.field("bw") ?? .null).asCharacters().elements.first??.string ?? ""
        let below = "N = \(numberText(x.numbers("n").first ?? .nan))   Bandwidth = \(width)"
        let above = args.context.deparse(x.field("call") ?? .null).joined()
        var given = [Argument(x.field("x") ?? .null), Argument(x.field("y") ?? .null)]
        given.append(Argument(args.has("main") ? args["main"] : .string(above), name: "main"))
        given.append(Argument(args.has("xlab") ? args["xlab"] : .string(below), name: "xlab"))
        given.append(Argument(args["ylab"], name: "ylab"))
        if !args.dots.contains(where: { $0.name?.name == "type" }) { given.append(Argument("l", name: "type")) }
        return try args.context.call("plot", given + args.dots, environment: args.environment)
    }
    stats.method("lines", for: "density", [.value("x"), .dots], visible: false) { args in
        try args.context.call(
            "lines", [Argument(args[0].field("x") ?? .null), Argument(args[0].field("y") ?? .null)] + args.dots,
            environment: args.environment)
    }
}

/// Shapes of a kernel of standard deviation 1.
private enum Kernel: String, CaseIterable {
    case gaussian, epanechnikov, rectangular, triangular, biweight, cosine, optcosine

    /// The density at a distance, for a standard deviation.
    func callAsFunction(_ distance: Double, _ deviation: Double) -> Double {
        let x = abs(distance)
        func within(_ reach: Double, _ value: (Double) -> Double) -> Double { x < reach ? value(reach) : 0 }
        switch self {
        case .gaussian: return NormalDistribution.density(distance, sd: deviation)
        case .rectangular: return within(deviation * 3.squareRoot()) { 0.5 / $0 }
        case .triangular: return within(deviation * 6.squareRoot()) { (1 - x / $0) / $0 }
        case .epanechnikov: return within(deviation * 5.squareRoot()) { 0.75 * (1 - (x / $0) * (x / $0)) / $0 }
        case .biweight:
            return within(deviation * 7.squareRoot()) {
                let rest = 1 - (x / $0) * (x / $0)
                return 15.0 / 16 * rest * rest / $0
            }
        case .cosine:
            return within(deviation / (1.0 / 3 - 2 / (.pi * .pi)).squareRoot()) { (1 + cos(.pi * x / $0)) / (2 * $0) }
        case .optcosine:
            return within(deviation / (1 - 8 / (.pi * .pi)).squareRoot()) {
                .pi / 4 * cos(.pi * x / (2 * $0)) / $0
            }
        }
    }
}

private func density(_ args: Arguments) throws -> Value {
    let context = args.context
    let given = try args.required("x")
    guard given.isNumeric || given.typeName == "logical", !given.isFactor else {
        throw WorkbenchError(.type, "argument 'x' must be numeric")
    }
    var x = try given.asDoubles().elements
    if x.contains(where: { $0.isNaN }) {
        guard try args.flag("na.rm") else { throw WorkbenchError(.value, "'x' contains missing values") }
        x.removeAll { $0.isNaN }
    }
    let count = x.count
    var weights: [Double]
    if args["weights"].isNull {
        weights = [Double](repeating: 1 / Double(count), count: count)
    } else {
        weights = try args["weights"].asDoubles().elements
        guard weights.count == count else {
            throw WorkbenchError(.value, "'x' and 'weights' have unequal length")
        }
        guard weights.allSatisfy({ $0.isFinite }) else {
            throw WorkbenchError(.value, "'weights' must all be finite")
        }
        guard weights.allSatisfy({ $0 >= 0 }) else {
            throw WorkbenchError(.value, "'weights' must not be negative")
        }
        if abs(weights.reduce(0, +) - 1) > 1.5e-8 {
            try context.warn("sum(weights) != 1  -- will not get true density", call: args.call)
        }
    }
    // What lies at infinity counts, but not in the picture.
    let finite = x.indices.filter { x[$0].isFinite }
    var mass = 1.0
    if finite.count < count {
        mass = Double(finite.count) / Double(count)
        weights = finite.map { weights[$0] }
        x = finite.map { x[$0] }
        if args["weights"].isNull { weights = weights.map { _ in 1 / Double(x.count) } }
        if try args.flag("subdensity") == false { mass = 1 }
    }
    let kernel = try kernelName(args)
    let wanted = try args.int("n")
    guard wanted >= 1, wanted <= 1 << 24 else { throw args.invalid("n") }
    var n = max(wanted, 512)
    if n > 512 { n = 1 << Int(ceil(log2(Double(n)))) }
    let width = try bandwidth(x, args) * args.number("adjust")
    guard width.isFinite else { throw WorkbenchError(.value, "non-finite 'bw'") }
    guard width > 0 else { throw WorkbenchError(.value, "'bw' is not positive.") }
    let cut = try args.number("cut")
    let from = args.has("from") ? try args.number("from") : (x.min() ?? .nan) - cut * width
    let to = args.has("to") ? try args.number("to") : (x.max() ?? .nan) + cut * width
    guard from.isFinite else { throw WorkbenchError(.value, "non-finite 'from'") }
    guard to.isFinite else { throw WorkbenchError(.value, "non-finite 'to'") }
    let low = from - 4 * width, high = to + 4 * width
    guard (high - low).isFinite else { throw WorkbenchError(.value, "'to' must be a finite number") }
    guard (high - low) / Double(n - 1) > 0 else {
        throw WorkbenchError(
            .value, "need at least two non-NA values to interpolate",
            hint: "'bw' = \(width) is nothing beside the numbers")
    }
    let values = try smoothed(x, weights, low, high, n, width, kernel, context).map { $0 * mass }
    let step = (high - low) / Double(n - 1)
    let places = (0..<wanted).map {
        wanted == 1 ? from : $0 == wanted - 1 ? to : from + Double($0) * ((to - from) / Double(wanted - 1))
    }
    let heights = places.map { place -> Double in
        let position = (place - low) / step
        let left = min(max(Int(exactly: position.rounded(.down)) ?? 0, 0), n - 2)
        let (a, b) = (low + Double(left) * step, low + Double(left + 1) * step)
        return values[left] + (values[left + 1] - values[left]) * ((place - a) / (b - a))
    }
    let written = args.call.arguments.first { $0.name == nil || $0.name?.name == "x" }?.value ?? .null
    return Value.named([
        ("x", .numbers(places)), ("y", .numbers(heights)), ("bw", .number(width)), ("n", .int(count)),
        ("call", .call(matchedCall(args))), ("data.name", .string(context.deparse(written).joined(separator: " "))),
        ("has.na", false),
    ]).withClass("density")
}

private func kernelName(_ args: Arguments) throws -> Kernel {
    let given = args.has("window") ? args["window"] : args["kernel"]
    guard !given.isMissing else { return .gaussian }
    let word = try given.asCharacters().elements.first??.string ?? ""
    guard let kernel = Kernel.allCases.first(where: { $0.rawValue.hasPrefix(word) }) else {
        throw WorkbenchError(
            .value, "'arg' should be one of " + Kernel.allCases.map { "‘\($0.rawValue)’" }.joined(separator: ", "))
    }
    return kernel
}

private func bandwidth(_ x: [Double], _ args: Arguments) throws -> Double {
    guard case .character(let name) = args["bw"] else { return try args.number("bw") }
    guard x.count >= 2 else {
        throw WorkbenchError(.value, "need at least 2 points to select a bandwidth automatically")
    }
    switch name.elements.first??.string.lowercased() {
    case "nrd0": return try Bandwidth.silverman(x, args.context)
    case "nrd": return try Bandwidth.scott(x, args.context)
    case "ucv", "bcv", "sj", "sj-ste", "sj-dpi":
        throw WorkbenchError(.unsupported, "this rule for 'bw' is not supported", hint: "bw = \"nrd0\" or \"nrd\"")
    default: throw WorkbenchError(.value, "unknown bandwidth rule")
    }
}

/// The sample in bins, convolved with the kernel by Fourier's transform (Silverman's Algorithm AS 176).
private func smoothed(
    _ x: [Double], _ weights: [Double], _ low: Double, _ high: Double, _ n: Int, _ width: Double, _ kernel: Kernel,
    _ context: Context
) throws -> [Double] {
    var bins = [Double](repeating: 0, count: 2 * n)
    let step = (high - low) / Double(n - 1)
    for (value, weight) in zip(x, weights) {
        let position = (value - low) / step
        guard let left = Int(exactly: position.rounded(.down)) else { continue }
        let share = position - Double(left)
        if (0...(n - 2)).contains(left) {
            bins[left] += weight * (1 - share)
            bins[left + 1] += weight * share
        } else if left == -1 {
            bins[0] += weight * share
        } else if left == n - 1 {
            bins[left] += weight * (1 - share)
        }
    }
    let reach = 2 * (high - low)
    var distances = (0..<(2 * n)).map { reach * Double($0) / Double(2 * n - 1) }
    for place in (n + 1)..<(2 * n) { distances[place] = -distances[2 * n - place] }
    let r = RCalls(context)
    let a = try r("fft", .numbers(bins)).asComplexes().elements
    let b = try r("fft", .numbers(distances.map { kernel($0, width) })).asComplexes().elements
    let product = zip(a, b).map { a, b in
        Complex(a.real * b.real + a.imaginary * b.imaginary, a.imaginary * b.real - a.real * b.imaginary)
    }
    let back = try r("fft", .complex(Vector(product)), named: ["inverse": true]).asComplexes().elements
    let heights = back.prefix(n).map { max(0, $0.real / Double(2 * n)) }
    guard kernel != .gaussian else { return heights }
    // Beyond the reach of the other kernels there is nothing but rounding.
    let noise = 1e-15 * (heights.max() ?? 0)
    return heights.map { $0 < noise ? 0 : $0 }
}
