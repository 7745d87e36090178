import BaseValues
import Diagnostics
import Glibc
import RRuntime

/// Registers `integrate`.
func registerIntegrate(_ stats: Namespace) {
    stats.function(
        "integrate",
        [
            .value("f"), .value("lower"), .value("upper"), .dots, .value("subdivisions", 100),
            .value("rel.tol", code: ".Machine$double.eps^0.25"), .value("abs.tol", code: "rel.tol"),
            .value("stop.on.error", true), .value("keep.xy", false), .value("aux", nil),
        ], help: "The integral of a function over an interval, by Gauss-Kronrod rules on halved intervals."
    ) { args in try integral(args) }
    stats.method("print", for: "integrate", [.value("x"), .value("digits"), .dots], visible: false) { args in
        guard case .list(let parts) = args[0], let names = args[0].names,
            let value = names.firstIndex(of: "value"), let error = names.firstIndex(of: "abs.error")
        else { return args[0] }
        let digits = args.has("digits") ? try args.int("digits") : args.context.options.int("digits", 7)
        func text(_ part: Value, _ digits: Int) throws -> String {
            let texts = try args.context.call(
                "format", [Argument(part), Argument(.int(digits), name: "digits")], environment: args.environment)
            return try texts.asCharacters().elements.first.flatMap { $0?.string } ?? "NA"
        }
        args.context.console.write(
            "\(try text(parts[value], digits)) with absolute error < \(try text(parts[error], 2))\n")
        return args[0]
    }
}

/// Nodes and weights of the 10-point Gauss rule and the 21-point Kronrod rule on [-1, 1] (QUADPACK); by symmetry the
/// nodes that are not negative, the largest first.
private enum KronrodRule {
    static let nodes: [Double] = [
        0.995657163025808080735527280689003, 0.973906528517171720077964012084452, 0.930157491355708226001207180059508,
        0.865063366688984510732096688423493, 0.780817726586416897063717578345042, 0.679409568299024406234327365114874,
        0.562757134668604683339000099272694, 0.433395394129247190799265943165784, 0.294392862701460198131126603103866,
        0.148874338981631210884826001129720, 0,
    ]
    static let weights: [Double] = [
        0.011694638867371874278064396062192, 0.032558162307964727478818972459390, 0.054755896574351996031381300244580,
        0.075039674810919952767043140916190, 0.093125454583697605535065465083366, 0.109387158802297641899210590325805,
        0.123491976262065851077958109585166, 0.134709217311473325928054001771707, 0.142775938577060080797094273138717,
        0.147739104901338491374841515972068, 0.149445554002916905664936468389821,
    ]
    /// Of the nodes at odd places.
    static let gauss: [Double] = [
        0.066671344308688137593568809893332, 0.149451349150580593145863397657697, 0.219086362515982043995534934228163,
        0.269266719309996355091226921569469, 0.295524224714752870173815619188769,
    ]
}

private struct Panel {
    let low: Double
    let high: Double
    let value: Double
    let error: Double
}

private func integral(_ args: Arguments) throws -> Value {
    let function = try args.functionValue("f")
    let lower = try args.number("lower")
    let upper = try args.number("upper")
    let relative = args.has("rel.tol") ? try args.number("rel.tol") : pow(Double.ulpOfOne, 0.25)
    let absolute = args.has("abs.tol") ? try args.number("abs.tol") : relative
    let limit = try args.int("subdivisions")
    guard limit >= 1 else { throw WorkbenchError(.value, "invalid parameter values") }
    let dots = args.dots
    let context = args.context
    let environment = args.environment
    let call = Call("f", [.symbol(Symbol.named("x")), .symbol(Symbol.dots)])

    /// The function at many places at once.
    func values(_ x: [Double]) throws -> [Double] {
        let result = try context.call(
            function, [Argument(.numbers(x))] + dots, call: call, environment: environment)
        let numbers = try result.asDoubles().elements
        guard numbers.count == x.count else {
            throw WorkbenchError(
                .value, "evaluation of function gave a result of incorrect length",
                hint: "f must take a vector and give as many numbers: Vectorize(f) makes such a function")
        }
        guard numbers.allSatisfy({ $0.isFinite }) else { throw WorkbenchError(.value, "non-finite function value") }
        return numbers
    }

    // An infinite end is moved to 0 by x = end ± (1 - t) / t.
    let isInfinite = !lower.isFinite || !upper.isFinite
    func transformed(_ t: [Double]) throws -> [Double] {
        guard isInfinite else { return try values(t) }
        let steps = t.map { (1 - $0) / $0 }
        let both = !lower.isFinite && !upper.isFinite
        let start = lower.isFinite ? lower : upper.isFinite ? upper : 0
        let sign: Double = upper.isFinite ? -1 : 1
        let y = try values(steps.map { start + sign * $0 } + (both ? steps.map { -$0 } : []))
        return t.indices.map { (y[$0] + (both ? y[$0 + t.count] : 0)) / (t[$0] * t[$0]) }
    }

    func panel(_ low: Double, _ high: Double) throws -> Panel {
        let centre = (low + high) / 2
        let half = (high - low) / 2
        var places: [Double] = []
        for node in KronrodRule.nodes.dropLast() { places += [centre - half * node, centre + half * node] }
        places.append(centre)
        let y = try transformed(places)
        var kronrod = y[20] * KronrodRule.weights[10]
        var gauss = 0.0
        var size = abs(y[20]) * KronrodRule.weights[10]
        for index in 0..<10 {
            let pair = y[2 * index] + y[2 * index + 1]
            kronrod += pair * KronrodRule.weights[index]
            size += (abs(y[2 * index]) + abs(y[2 * index + 1])) * KronrodRule.weights[index]
            if index % 2 == 1 { gauss += pair * KronrodRule.gauss[index / 2] }
        }
        let mean = kronrod / 2
        var spread = abs(y[20] - mean) * KronrodRule.weights[10]
        for index in 0..<10 {
            spread += (abs(y[2 * index] - mean) + abs(y[2 * index + 1] - mean)) * KronrodRule.weights[index]
        }
        spread *= abs(half)
        size *= abs(half)
        var error = abs((kronrod - gauss) * half)
        if spread != 0, error != 0 { error = spread * min(1, pow(200 * error / spread, 1.5)) }
        if size > Double.leastNormalMagnitude / (50 * Double.ulpOfOne) {
            error = max(50 * Double.ulpOfOne * size, error)
        }
        return Panel(low: low, high: high, value: kronrod * half, error: error)
    }

    var panels = [isInfinite ? try panel(0, 1) : try panel(lower, upper)]
    var message = "OK"
    while true {
        let value = panels.reduce(0) { $0 + $1.value }
        let error = panels.reduce(0) { $0 + $1.error }
        if error <= max(min(absolute, 1e-10), min(relative, 1e-10) * abs(value)) { break }
        guard panels.count < limit else {
            // More digits than asked for are welcome, not needed.
            if error <= max(absolute, relative * abs(value)) { break }
            message = "maximum number of subdivisions reached"
            break
        }
        guard let worst = panels.indices.max(by: { panels[$0].error < panels[$1].error }) else { break }
        let old = panels[worst]
        let middle = (old.low + old.high) / 2
        guard middle > min(old.low, old.high), middle < max(old.low, old.high) else {
            message = "extremely bad integrand behaviour"
            break
        }
        panels[worst] = try panel(old.low, middle)
        panels.append(try panel(middle, old.high))
        try context.pollInterrupt()
    }
    if message != "OK", try args.flag("stop.on.error") { throw WorkbenchError(.value, message) }
    // From minus infinity to a finite end the transformation keeps the direction; from plus infinity it turns round.
    let isTurned = isInfinite && lower > upper
    let value = panels.reduce(0) { $0 + $1.value } * (isTurned ? -1 : 1)
    return Value.named([
        ("value", .number(value)), ("abs.error", .number(panels.reduce(0) { $0 + $1.error })),
        ("subdivisions", .int(panels.count)), ("message", .string(message)), ("call", .call(args.call)),
    ]).withClass("integrate")
}
