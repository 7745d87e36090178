import Diagnostics
import Glibc
import RRuntime

/// A table of estimates as R prints it: numbers of a kind with common digits, p values, stars.
package struct CoefficientTable {
    /// Columns of numbers; NaN and NA are shown as `missing`.
    package var columns: [[Double]]
    package var rowNames: [String]
    package var columnNames: [String]
    /// Columns that share their digits: estimates and standard errors.
    package var estimates: [Int] = []
    /// Columns of test statistics.
    package var statistics: [Int] = []
    /// Columns in which tiny numbers are 0.
    package var zapped: [Int] = []
    /// The last column holds p values.
    package var hasPValues = true
    /// How many digits.
    package var digits: Int
    /// Whether stars are shown, and what they mean.
    package var stars = true
    package var legend = true
    /// What stands for NA.
    package var missing = "NA"

    /// The fields in order.
    package init(
        columns: [[Double]], rowNames: [String], columnNames: [String], estimates: [Int] = [], statistics: [Int] = [],
        zapped: [Int] = [], hasPValues: Bool = true, digits: Int, stars: Bool = true, legend: Bool = true,
        missing: String = "NA"
    ) {
        self.columns = columns
        self.rowNames = rowNames
        self.columnNames = columnNames
        self.estimates = estimates
        self.statistics = statistics
        self.zapped = zapped
        self.hasPValues = hasPValues
        self.digits = digits
        self.stars = stars
        self.legend = legend
        self.missing = missing
    }

    /// Prints it.
    package func print(_ context: Context) throws {
        let r = RCalls(context)
        let count = columns.count
        let digits = min(max(digits, 1), 22)
        guard count > 0, columns.allSatisfy({ $0.count == rowNames.count }) else {
            throw WorkbenchError(.value, "'x' must be coefficient matrix/data frame")
        }
        let statisticDigits = max(1, min(5, digits - 1))
        var numbers = columns
        for place in zapped {
            let finite = numbers[place].filter { $0.isFinite }.map { abs($0) }
            let places =
                finite.max().map { largest -> Int in
                    guard largest > 0 else { return digits }
                    return Int(exactly: (max(0, Double(digits) - log10(largest)) + 0.5).rounded(.down)) ?? digits
                } ?? digits
            numbers[place] = try r.round(numbers[place], places)
        }
        var cells = [[String]](repeating: [], count: count)
        if !estimates.isEmpty {
            let all = estimates.flatMap { numbers[$0] }
            let sizes = all.filter { $0.isFinite && $0 != 0 }.map { log10(abs($0)).rounded(.down) }
            let leading = [(sizes.min() ?? 0) + 1, (sizes.max() ?? 0) + 1]
            let places = leading.map { digits - (Int(exactly: $0) ?? 0) }.reduce(1) { max($0, $1) }
            let shown = try r.format(try r.round(all, places), digits: digits)
            for (k, place) in estimates.enumerated() {
                cells[place] = Array(shown[(k * rowNames.count)..<((k + 1) * rowNames.count)])
            }
        }
        if !statistics.isEmpty {
            let all = try r.round(statistics.flatMap { numbers[$0] }, statisticDigits)
            let shown = try r.format(all, digits: digits)
            for (k, place) in statistics.enumerated() {
                cells[place] = Array(shown[(k * rowNames.count)..<((k + 1) * rowNames.count)])
            }
        }
        let last = hasPValues ? count - 1 : count
        for place in 0..<last where cells[place].isEmpty && !rowNames.isEmpty {
            cells[place] = try r.format(numbers[place], digits: digits)
        }
        for place in 0..<last where !statistics.contains(place) {
            // Rounded to 0 without being 0: with digits of their own.
            let lost = rowNames.indices.filter { row in
                !numbers[place][row].isNaN && numbers[place][row] != 0 && parseNumber(cells[place][row]) == 0
            }
            let shown = try r.format(lost.map { numbers[place][$0] }, digits: max(1, digits - 1))
            for (row, text) in zip(lost, shown) { cells[place][row] = text }
        }
        for place in 0..<last {
            for row in rowNames.indices where numbers[place][row].isNaN {
                cells[place][row] = numbers[place][row].isNA ? missing : "NaN"
            }
        }
        var marks: [String] = []
        if hasPValues {
            let p = columns[count - 1]
            let known = p.indices.filter { !p[$0].isNaN }
            let shown = try pValueTexts(known.map { p[$0] }, digits: statisticDigits, context)
            cells[count - 1] = [String](repeating: missing, count: rowNames.count)
            for (row, text) in zip(known, shown) { cells[count - 1][row] = text }
            if stars, known.contains(where: { p[$0] < 0.1 }) { marks = p.map(starsOf) }
            let width = marks.map { $0.utf8.count }.max() ?? 0
            marks = marks.map { $0.rightPadded(to: width) }
        }
        var heads = columnNames.count == count ? columnNames : [String](repeating: "", count: count)
        if !marks.isEmpty {
            cells.append(marks)
            heads.append("")
        }
        let table = Value.strings(cells.flatMap { $0 }).setting(Symbol.dim, .ints([rowNames.count, cells.count]))
            .setting(Symbol.dimnames, .items([.strings(rowNames), .strings(heads)]))
        _ = try r("print.default", table, named: ["quote": false, "right": true])
        if !marks.isEmpty, legend {
            context.console.write("---\nSignif. codes:  0 ‘***’ 0.001 ‘**’ 0.01 ‘*’ 0.05 ‘.’ 0.1 ‘ ’ 1\n")
        }
    }
}

private func starsOf(_ p: Double) -> String {
    if p.isNaN { return "" }
    return p <= 0.001 ? "***" : p <= 0.01 ? "**" : p <= 0.05 ? "*" : p <= 0.1 ? "." : " "
}

/// `format.pval()`: p values, tiny ones as `<2e-16`.
package func pValueTexts(
    _ p: [Double], digits: Int, smallest: Double = Double.ulpOfOne, _ context: Context
) throws -> [String] {
    let r = RCalls(context)
    var digits = min(max(digits, 1), 22)
    var texts = [String](repeating: "NA", count: p.count)
    let shown = p.indices.filter { !p[$0].isNaN && p[$0] >= smallest }
    let fixed = shown.filter { p[$0] == 0 || log10(max(p[$0], 1e-50)).rounded(.down) >= -4 }
    let small = shown.filter { !fixed.contains($0) }
    for group in [fixed, small] where !group.isEmpty {
        for (place, text) in zip(group, try r.format(group.map { p[$0] }, digits: digits)) { texts[place] = text }
    }
    let tiny = p.indices.filter { !p[$0].isNaN && p[$0] < smallest }
    guard !tiny.isEmpty else { return texts }
    digits = max(1, digits - 2)
    var gap = digits == 1 ? "" : " "
    if !shown.isEmpty {
        let width = shown.map { texts[$0].utf8.count }.max() ?? 0
        if digits > 1, digits + 6 > width { digits = max(1, width - 7) }
        gap = digits == 1 && width <= 6 ? "" : " "
    }
    let bound = "<" + gap + (try r.format([smallest], digits: digits)).joined()
    for place in tiny { texts[place] = bound }
    return texts
}
