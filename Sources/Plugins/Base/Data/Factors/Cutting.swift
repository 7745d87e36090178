import BaseValues
import Diagnostics
import Glibc
import RRuntime

/// Registers `cut`, `findInterval`, `.bincode`, `tabulate`, `interaction`.
func registerCutting(_ base: Namespace) {
    let parameters: [Parameter] = [
        .value("x"), .value("breaks"), .value("labels", nil), .value("include.lowest", false), .value("right", true),
        .value("dig.lab", 3), .value("ordered_result", false), .dots,
    ]
    base.function("cut", parameters, help: "A factor of the intervals numbers fall into.", dispatch: .generic) { args in
        try cut(args)
    }
    base.alias("cut.default", of: "cut")
    base.function(
        ".bincode", [.value("x"), .value("breaks"), .value("right", true), .value("include.lowest", false)],
        help: "Numbers of the intervals numbers fall into."
    ) { args in
        let breaks = try args["breaks"].asDoubles().elements
        return .integer(
            Vector(
                binCodes(
                    try args["x"].asDoubles().elements, breaks, right: try args.flag("right"),
                    includeLowest: try args.flag("include.lowest"))))
    }
    base.function(
        "findInterval",
        [
            .value("x"), .value("vec"), .value("rightmost.closed", false), .value("all.inside", false),
            .value("left.open", false),
        ], help: "How many of the sorted break points are not above each number."
    ) { args in
        let breaks = try args["vec"].asDoubles().elements
        if zip(breaks, breaks.dropFirst()).contains(where: { !($0.0 <= $0.1) }) {
            throw WorkbenchError(.value, "'vec' must be sorted non-decreasingly and not contain NAs")
        }
        let isRightmost = try args.flag("rightmost.closed")
        let isInside = try args.flag("all.inside")
        let isLeftOpen = try args.flag("left.open")
        return .integer(
            Vector(
                try args["x"].asDoubles().elements.map { number -> Int32? in
                    if number.isNaN { return nil }
                    var low = 0
                    var high = breaks.count
                    while low < high {
                        let middle = (low + high) / 2
                        let isBelow = isLeftOpen ? breaks[middle] < number : breaks[middle] <= number
                        if isBelow { low = middle + 1 } else { high = middle }
                    }
                    if isRightmost, let first = breaks.first, let last = breaks.last {
                        if !isLeftOpen, number == last, low == breaks.count { low -= 1 }
                        if isLeftOpen, number == first, low == 0 { low = 1 }
                    }
                    if isInside { low = min(max(low, 1), max(breaks.count - 1, 1)) }
                    return Int32(truncatingIfNeeded: low)
                }))
    }
    base.function(
        "tabulate", [.value("bin"), .value("nbins", code: "max(1L, bin, na.rm = TRUE)")],
        help: "Counts of the whole numbers from 1."
    ) { args in
        let bin = try args.required("bin")
        guard bin.isNumeric || bin.isFactor else {
            throw WorkbenchError(.type, "'bin' must be numeric or a factor")
        }
        let codes = try bin.asIntegers().elements
        let largest = max(Int(codes.compactMap { $0 }.max() ?? 1), 1)
        let count = args.has("nbins") ? try args.int("nbins") : bin.isFactor ? bin.levelTexts.count : largest
        guard count >= 0, count < 1 << 31 else { throw args.invalid("nbin") }
        try MemoryDoor.check(count: count, elementBytes: 24)
        return .ints(tabulated(codes, count))
    }
    base.function(
        "interaction", [.dots, .value("drop", false), .value("sep", "."), .value("lex.order", false)],
        help: "The factor whose levels are combinations of levels."
    ) { args in
        var factors = args.dotValues
        if factors.count == 1, case .list(let inner) = factors[0] { factors = inner.elements }
        guard !factors.isEmpty else { throw WorkbenchError(.value, "No factors specified") }
        return try interaction(
            factors, drop: try args.flag("drop"), separator: try args.string("sep"),
            lexical: try args.flag("lex.order"), args.context)
    }
}

/// How often each whole number from 1 to a bound occurs.
func tabulated(_ codes: [Int32?], _ count: Int) -> [Int] {
    var counts = [Int](repeating: 0, count: count)
    for case let code? in codes where code >= 1 && Int(code) <= count { counts[Int(code) - 1] += 1 }
    return counts
}

private func binCodes(_ x: [Double], _ breaks: [Double], right: Bool, includeLowest: Bool) -> [Int32?] {
    let last = breaks.count - 1
    return x.map { number -> Int32? in
        if number.isNaN || last < 1 { return nil }
        var low = 0
        var high = last
        let isOutside = number < breaks[low] || number > breaks[high]
        let isExcludedEnd = !includeLowest && number == breaks[right ? low : high]
        if isOutside || isExcludedEnd { return nil }
        while high - low >= 2 {
            let middle = (high + low) / 2
            if number > breaks[middle] || (!right && number == breaks[middle]) { low = middle } else { high = middle }
        }
        return Int32(truncatingIfNeeded: low + 1)
    }
}

/// Numbers with so many significant digits, as `formatC(x, digits, width = 1)` writes them.
private func labelText(_ number: Double, _ digits: Int) -> String {
    number.isFinite ? formatDouble(number, conversion: "g", precision: digits) : nonFiniteText(number)
}

private func cut(_ args: Arguments) throws -> Value {
    let x = try args.required("x")
    guard x.isNumeric else { throw WorkbenchError(.type, "'x' must be numeric") }
    let numbers = try x.asDoubles().elements
    let isRight = try args.flag("right")
    let isLowest = try args.flag("include.lowest")
    var breaks = try args.required("breaks").asDoubles().elements
    if breaks.count == 1 {
        guard breaks[0].isFinite, breaks[0] >= 2, breaks[0] < 1e7 else {
            throw WorkbenchError(.value, "invalid number of intervals")
        }
        let count = Int(breaks[0])
        let finite = numbers.filter { !$0.isNaN }
        guard let low = finite.min(), let high = finite.max(), low.isFinite, high.isFinite else {
            throw WorkbenchError(.value, "'x' has no finite numbers to cut")
        }
        var width = high - low
        func spaced(_ from: Double, _ to: Double) -> [Double] {
            (0...count).map { $0 == count ? to : from + Double($0) * ((to - from) / Double(count)) }
        }
        if width == 0 {
            width = low != 0 ? abs(low) : 1
            breaks = spaced(low - width / 1000, high + width / 1000)
        } else {
            breaks = spaced(low, high)
            breaks[0] = low - width / 1000
            breaks[count] = high + width / 1000
        }
    } else {
        breaks = breaks.filter { !$0.isNaN }.ascending()
    }
    if zip(breaks, breaks.dropFirst()).contains(where: { $0.0 == $0.1 }) {
        throw WorkbenchError(.value, "'breaks' are not unique")
    }
    let codes = binCodes(numbers, breaks, right: isRight, includeLowest: isLowest)
    let intervals = max(breaks.count - 1, 0)
    var labels: [Text?]
    switch args["labels"] {
    case .null, .missing:
        labels = intervalLabels(
            breaks, digits: try args.int("dig.lab"), isRight: isRight, isLowest: isLowest
        ).map { Text($0) }
    case .logical(let v) where v.elements == [false]: return .integer(Vector(codes))
    default:
        labels = try args.context.texts(of: args["labels"])
        guard labels.count == intervals else {
            throw WorkbenchError(.value, "number of intervals and length of 'labels' differ")
        }
    }
    return makeFactor(codes, levels: labels, ordered: try args.flag("ordered_result"))
}

private func intervalLabels(_ breaks: [Double], digits: Int, isRight: Bool, isLowest: Bool) -> [String] {
    guard breaks.count > 1 else { return [] }
    var texts: [String] = []
    var isDistinct = false
    for digits in digits...max(12, digits) {
        texts = breaks.map { labelText($0, digits) }
        isDistinct = !zip(texts, texts.dropFirst()).contains { $0.0 == $0.1 }
        if isDistinct { break }
    }
    let last = breaks.count - 2
    guard isDistinct else { return (0...last).map { "Range_\($0 + 1)" } }
    return (0...last).map { index in
        var open = isRight ? "(" : "["
        var close = isRight ? "]" : ")"
        if isLowest, isRight, index == 0 { open = "[" }
        if isLowest, !isRight, index == last { close = "]" }
        return open + texts[index] + "," + texts[index + 1] + close
    }
}

/// The factor of combinations of several factors' levels; the first varies fastest unless `lexical`.
func interaction(
    _ factors: [Value], drop: Bool, separator: String, lexical: Bool, _ context: Context
) throws -> Value {
    let factors = try factors.map { try makeFactor(of: $0, context) }
    let count = factors.map { $0.length }.max() ?? 0
    let levels = factors.map { $0.levelTexts.map { $0?.string ?? "NA" } }
    let codes = try factors.map { try $0.asIntegers().elements }
    var size = 1
    for list in levels {
        let (product, overflow) = size.multipliedReportingOverflow(by: max(list.count, 1))
        guard !overflow, product < 1 << 28 else { throw WorkbenchError(.memory, "too many combinations of levels") }
        size = product
    }
    let order = lexical ? Array(levels.indices.reversed()) : Array(levels.indices)
    // The first of `order` varies fastest.
    var result = [Int32?](repeating: nil, count: count)
    for row in 0..<count {
        var code = 0
        var step = 1
        var isMissing = false
        for which in order {
            let own = codes[which]
            guard !own.isEmpty, let value = own[row % own.count] else {
                isMissing = true
                break
            }
            code += (Int(value) - 1) * step
            step *= levels[which].count
        }
        if !isMissing { result[row] = Int32(truncatingIfNeeded: code + 1) }
    }
    let names = (0..<(levels.contains { $0.isEmpty } ? 0 : size)).map { index -> Text? in
        var rest = index
        var parts = [String](repeating: "", count: levels.count)
        for which in order {
            parts[which] = levels[which][rest % levels[which].count]
            rest /= levels[which].count
        }
        return Text(parts.joined(separator: separator))
    }
    // Equal names are one level.
    var places: [ElementKey: Int32] = [:]
    var unique: [Text?] = []
    let map = names.map { name -> Int32 in
        if let place = places[ElementKeyOf(name)] { return place }
        unique.append(name)
        places[ElementKeyOf(name)] = Int32(truncatingIfNeeded: unique.count)
        return Int32(truncatingIfNeeded: unique.count)
    }
    let factor = makeFactor(result.map { code in code.flatMap { map.coded($0) } }, levels: unique)
    return drop ? try withoutUnusedLevels(factor, context) : factor
}
