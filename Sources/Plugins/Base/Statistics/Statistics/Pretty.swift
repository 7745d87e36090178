import BaseValues
import Diagnostics
import Glibc
import RRuntime

/// `pretty()`: round numbers that cover a range.
func registerPretty(_ base: Namespace) {
    base.function(
        "pretty",
        [
            .value("x"), .value("n", .int(5)), .value("min.n", code: "n %/% 3"), .value("shrink.sml", 0.75),
            .value("high.u.bias", 1.5), .value("u5.bias", code: "0.5 + 1.5 * high.u.bias"), .value("eps.correct", 0),
            .dots,
        ], help: "About n + 1 equally spaced round numbers that cover x.", dispatch: .generic
    ) { args in
        let given = try args.required("x")
        let (numbers, lost) = try given.asDoublesNotingLoss()
        if lost { try args.context.warn("NAs introduced by coercion", call: args.call) }
        let x = numbers.elements.filter { $0.isFinite }
        guard let low = x.min(), let high = x.max() else {
            return try args.context.call("[", [Argument(given), Argument(.integer(Vector([])))])
        }
        let n = try args.int("n")
        let least = args.has("min.n") ? try args.int("min.n") : n / 3
        guard n >= 0, n < 1_000_000, least >= 0, least <= max(n, 0) else { throw args.invalid("n") }
        let bias = try args.number("high.u.bias")
        let ticks = RoundNumbers(
            low, high, n: n, least: least, shrink: try args.number("shrink.sml"), bias: bias,
            biasOfFive: args.has("u5.bias") ? try args.number("u5.bias") : 0.5 + 1.5 * bias)
        if let correction = ticks.correction { try args.context.warn(correction, call: args.call) }
        return .numbers(ticks.values)
    }
}

/// R's choice of a unit 1, 2 or 5 times a power of ten, and of the multiples of it around a range.
private struct RoundNumbers {
    let values: [Double]
    /// A warning: the range was too small or too large.
    private(set) var correction: String?

    init(_ low: Double, _ high: Double, n: Int, least: Int, shrink: Double, bias: Double, biasOfFive: Double) {
        let span = high - low
        var cell = 1.0
        var isSmall = true
        if span != 0 || high != 0 {
            cell = max(abs(low), abs(high))
            let factor = 1 + (biasOfFive >= 1.5 * bias + 0.5 ? 1 / (1 + bias) : 1.5 / (1 + biasOfFive))
            isSmall = span < cell * (factor * Double(max(1, n)) * Double.ulpOfOne * 3)
        }
        if isSmall {
            if cell > 10 { cell = 9 + cell / 10 }
            cell *= shrink
            if least > 1 { cell /= Double(least) }
        } else {
            cell = span
            if !span.isFinite, n > 1 {
                cell = high / Double(n) - low / Double(n)
            } else if n > 1 {
                cell /= Double(n)
            }
        }
        let smallest = Double.leastNormalMagnitude / 1_048_576, largest = Double.greatestFiniteMagnitude / 1.25
        if cell < smallest || cell > largest {
            let held = cell < smallest ? smallest : largest
            func text(_ number: Double) -> String { formatDouble(number, conversion: "g", precision: 6) }
            correction =
                "R_pretty(): very \(cell < smallest ? "small" : "large") range 'cell'=\(text(cell)), "
                + "corrected to \(text(held))"
            cell = held
        }
        let base = pow(10, floor(log10(cell)))
        var unit = base
        if 2 * base - cell < bias * (cell - unit) {
            unit = 2 * base
            if 5 * base - cell < biasOfFive * (cell - unit) {
                unit = 5 * base
                if 10 * base - cell < bias * (cell - unit) { unit = 10 * base }
            }
        }
        let slack = 1e-10
        var first = floor(low / unit + slack), last = ceil(high / unit - slack)
        while first * unit > low + slack * unit { first -= 1 }
        while !(first * unit).isFinite, first < 0 { first += 1 }
        while last * unit < high - slack * unit { last += 1 }
        while !(last * unit).isFinite, last > 0 { last -= 1 }
        var missing = Double(least) - floor(0.5 + last - first)
        if missing > 0 {
            missing = floor(missing)
            let half = floor(missing / 2)
            if low == 0, first == 0, high != 0 {
                last += missing
            } else if high == 0, last == 0, low != 0 {
                first -= missing
            } else if first >= 0 {
                last += half
                first -= missing - half
            } else {
                first -= half
                last += missing - half
            }
        }
        let count = Int(exactly: (last - first).rounded()) ?? 0
        guard count > 0, count < 10_000_000 else {
            values = [first * unit]
            return
        }
        let (start, end) = (min(first * unit, low), max(last * unit, high))
        let step =
            (end - start).isFinite ? (end - start) / Double(count) : end / Double(count) - start / Double(count)
        values = (0...count).map { place in
            let value = place == count ? end : start + Double(place) * step
            return abs(value) < 1e-14 * step ? 0 : value
        }
    }
}
