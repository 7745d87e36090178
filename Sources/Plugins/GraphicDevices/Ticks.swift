import Glibc
import PluginAPI

/// Round numbers inside a range, as R's axes choose them.
package struct Ticks {
    /// Where they stand.
    package var values: [Double]
    /// What stands at them.
    var labels: [String]

    /// Ticks for the numbers at the ends of an axis.
    ///
    /// - Parameter wanted: About how many intervals, as `par("lab")`: 5.
    package init(_ limits: Axis.Limits, _ scale: Axis.Scale, wanted: Int = 5) {
        let (low, high) = (min(limits.from, limits.to), max(limits.from, limits.to))
        guard low.isFinite, high.isFinite, high > low else {
            values = low.isFinite ? [low] : []
            labels = tickLabels(values)
            return
        }
        switch scale {
        case .linear: values = Ticks.linear(low, high, wanted)
        case .log10: values = Ticks.logarithmic(low, high, wanted)
        }
        labels = tickLabels(values)
    }

    /// Multiples of 1, 2 or 5 times a power of ten.
    static func linear(_ low: Double, _ high: Double, _ wanted: Int) -> [Double] {
        let unit = step(high - low, wanted)
        let slack = 1e-7
        let first = (low / unit - slack).rounded(.up)
        let last = (high / unit + slack).rounded(.down)
        guard unit > 0, first.isFinite, last.isFinite, last >= first, last - first < 1000 else { return [low, high] }
        return stride(from: first, through: last, by: 1).map { $0 * unit == 0 ? 0 : $0 * unit }
    }

    private static func step(_ range: Double, _ wanted: Int) -> Double {
        unit(range / Double(max(wanted, 1)), biases: (0.8, 1.7))
    }

    /// 1, 2, 5 or 10 times a power of ten, near the width of a cell. R's choice: a larger unit is taken once the cell is
    /// nearer to it in a biased sense.
    /// - Parameter biases: R's `high.u.bias` and `u5.bias`.
    package static func unit(_ cell: Double, biases: (high: Double, five: Double)) -> Double {
        let base = pow(10, floor(log10(cell)))
        var unit = base
        if 2 * base - cell < biases.high * (cell - unit) {
            unit = 2 * base
            if 5 * base - cell < biases.five * (cell - unit) {
                unit = 5 * base
                if 10 * base - cell < biases.high * (cell - unit) { unit = 10 * base }
            }
        }
        return unit
    }

    /// Powers of ten, every second or third of them if there are more than ten; also 5 times or 2 and 5 times if there are few.
    static func logarithmic(_ low: Double, _ high: Double, _ wanted: Int) -> [Double] {
        guard low > 0 else { return [] }
        let first = Int(ceil(log10(low) - 1e-9))
        let last = Int(floor(log10(high) + 1e-9))
        if last <= first, high / low < 10 { return linear(low, high, wanted).filter { $0 > 0 } }
        let factors: [Double] = last - first <= 2 ? [1, 2, 5] : last - first <= 3 ? [1, 5] : [1]
        let skip = factors.count > 1 ? 1 : (last - first) / (2 * max(wanted, 1)) + 1
        var values: [Double] = []
        for exponent in stride(from: first - 1, through: last, by: 1) {
            if factors.count == 1, (exponent - first) % skip != 0 || exponent < first { continue }
            for factor in factors {
                let value = factor * pow(10, Double(exponent))
                if value >= low * (1 - 1e-9), value <= high * (1 + 1e-9) { values.append(value) }
            }
        }
        return values
    }
}

/// Numbers as R writes them at ticks: all with the digits that the set needs.
func tickLabels(_ values: [Double]) -> [String] {
    guard !values.isEmpty else { return [] }
    let format = NumberFormat(values, digits: 7)
    return values.map { format.text($0) }
}
