import Diagnostics
import Glibc
import GraphicDevices
import PluginAPI

private let areaFill = Color(0xC9D3E0)
private let areaBorder = Color(0x5B6777)

/// Registers `hist`, `barplot` and `boxplot`.
func registerDistributions(_ graphics: Namespace) {
    let hist = graphics.function(
        "hist",
        [
            .value("x"), .value("breaks", "Sturges", help: "About how many cells, or their ends."), .value("freq", nil),
            .value("plot", true),
        ]
            + plotParameters + [.dots], help: "Plots how often numbers lie in cells.", dispatch: .generic
    ) { args in
        let graphic = try GraphicArguments(args)
        let values = try graphic.numbers(try args.required("x")).filter { $0.isFinite }
        guard let low = values.min(), let high = values.max() else {
            throw WorkbenchError(.value, "invalid number of 'breaks'", hint: "there is no finite number in 'x'")
        }
        let breaks = try breaks(args["breaks"], low, high, values.count, graphic)
        let counts = try count(values, breaks)
        let widths = zip(breaks.dropFirst(), breaks).map { $0 - $1 }
        let density = zip(counts, widths).map { Double($0) / (Double(max(values.count, 1)) * $1) }
        let isEven = (widths.max() ?? 1) - (widths.min() ?? 1) < 1e-7 * (widths.max() ?? 1)
        let showsCounts = args["freq"].isNull ? isEven : try args.flag("freq")
        let label = args.label("x", position: 0) ?? "x"
        let result = Value.named([
            ("breaks", .numbers(breaks)), ("counts", .ints(counts)), ("density", .numbers(density)),
            ("mids", .numbers(zip(breaks.dropFirst(), breaks).map { ($0 + $1) / 2 })), ("xname", .string(label)),
            ("equidist", .flag(isEven)),
        ]).setting(Symbol.classAttribute, "histogram")
        args.context.isVisible = true
        guard try args.flag("plot") else { return result }
        let heights = showsCounts ? counts.map { Double($0) } : density
        var panel = try graphic.panel(
            x: breaks, y: heights + [0], labels: (label, showsCounts ? "Frequency" : "Density"))
        if graphic.used("ylim") == nil {
            panel.y.limits = Axis.Limits(0, max((heights.max() ?? 1) * 1.04, .leastNormalMagnitude))
        }
        if graphic.given("main") == nil { panel.title = "Histogram of \(label)" }
        panel.frame = .none
        for index in panel.axes.indices { panel.axes[index].showsLine = true }
        panel.marks = [
            .rectangles(
                x0: Array(breaks.dropLast()), y0: heights.map { _ in 0 }, x1: Array(breaks.dropFirst()), y1: heights,
                fills: try graphic.colors("col", areaFill),
                border: Stroke(try graphic.used("border") == nil ? areaBorder : graphic.colors("border")[0], width: 0.8)
            )
        ]
        try graphic.begin(panel)
        args.context.isVisible = false
        return result
    }
    hist.keepsVisibility = true
    graphics.drawing(
        "barplot",
        [
            .value("height"), .value("width", 1), .value("space", nil), .value("names.arg", nil),
            .value("legend.text", nil),
            .value("beside", false), .value("horiz", false),
        ] + plotParameters + [.dots], help: "Plots bars; the columns of a matrix as stacks or beside each other."
    ) { args in try barplot(args) }
    graphics.drawing(
        "boxplot",
        [.value("x"), .value("names", nil), .value("range", 1.5), .value("horizontal", false)] + plotParameters + [
            .dots
        ],
        help: "Plots median, quartiles and outliers of groups of numbers."
    ) { args in try boxplot(args) }
}

/// Ends of the cells: given ones, else round numbers, about as many as asked for (Sturges' rule).
private func breaks(_ value: Value, _ low: Double, _ high: Double, _ count: Int, _ graphic: GraphicArguments) throws
    -> [Double]
{
    if case .character(let names) = value {
        guard names.elements.first??.string.lowercased() == "sturges" else {
            throw WorkbenchError(.unsupported, "unknown 'breaks' algorithm", hint: "give their number, or their ends")
        }
        return pretty(low, high, Int(ceil(log2(Double(max(count, 1))) + 1)))
    }
    let numbers = try value.asDoubles().elements
    if numbers.count == 1 {
        guard numbers[0] >= 1, numbers[0] <= 1e6 else { throw WorkbenchError(.value, "invalid number of 'breaks'") }
        return pretty(low, high, Int(numbers[0]))
    }
    let sorted = numbers.filter { $0.isFinite }.ascending()
    guard sorted.count >= 2, let first = sorted.first, let last = sorted.last, first <= low, last >= high else {
        throw WorkbenchError(.value, "some 'x' not counted; maybe 'breaks' do not span range of 'x'")
    }
    return sorted
}

/// R's `pretty`: round numbers that cover a range.
private func pretty(_ low: Double, _ high: Double, _ wanted: Int) -> [Double] {
    var (low, high) = (low, high)
    if low == high { (low, high) = low == 0 ? (0, 1) : (low - abs(low) * 0.1, high + abs(high) * 0.1) }
    let unit = Ticks.unit((high - low) / Double(max(wanted, 1)), biases: (1.5, 2.75))
    let (first, last) = ((low / unit + 1e-7).rounded(.down), (high / unit - 1e-7).rounded(.up))
    guard first.isFinite, last.isFinite, last - first < 2_000_000 else { return [low, high] }
    return stride(from: first, through: max(last, first + 1), by: 1).map { $0 * unit }
}

/// Numbers in cells that are closed on the right; the first is closed on both sides.
private func count(_ values: [Double], _ breaks: [Double]) throws -> [Int] {
    var counts = [Int](repeating: 0, count: max(breaks.count - 1, 1))
    let slack = 1e-7 * ((breaks.last ?? 1) - (breaks.first ?? 0)) / Double(max(breaks.count - 1, 1))
    for value in values {
        var (low, high) = (0, breaks.count - 1)
        while high - low > 1 {
            let middle = (low + high) / 2
            if value > breaks[middle] + slack { low = middle } else { high = middle }
        }
        counts[low] += 1
    }
    return counts
}

private func barplot(_ args: Arguments) throws -> Value {
    let graphic = try GraphicArguments(args)
    let height = try args.required("height")
    let values = try graphic.numbers(height).map { $0.isFinite ? $0 : 0 }
    guard !values.isEmpty else { throw WorkbenchError(.value, "'height' must be a vector or a matrix") }
    let isMatrix = height.dim?.count == 2
    let rows = isMatrix ? height.dim?[0] ?? 1 : 1
    let columns = isMatrix ? height.dim?[1] ?? 1 : values.count
    let isBeside = isMatrix ? try graphic.flag("beside", false) : true
    let isAcross = try graphic.flag("horiz", false)
    let spaces = args["space"].isNull ? (isMatrix && isBeside ? [0, 1] : [0.2]) : try graphic.numbers(args["space"])
    var (x0, x1, y0, y1): ([Double], [Double], [Double], [Double]) = ([], [], [], [])
    var middles: [Double] = []
    var groups: [Double] = []
    var x = 0.0
    for column in 0..<columns {
        x += isMatrix && isBeside ? spaces.last ?? 1 : spaces.first ?? 0.2
        let begin = x
        var (up, down) = (0.0, 0.0)
        for row in 0..<rows {
            let value = values[column * rows + row]
            if isBeside {
                if row > 0 { x += spaces.first ?? 0 }
                (y0, y1) = (y0 + [0], y1 + [value])
                middles.append(x + 0.5)
                (x0, x1) = (x0 + [x], x1 + [x + 1])
                x += 1
            } else {
                (y0, y1) = (y0 + [value < 0 ? down : up], y1 + [(value < 0 ? down : up) + value])
                if value < 0 { down += value } else { up += value }
                (x0, x1) = (x0 + [x], x1 + [x + 1])
            }
        }
        if !isBeside {
            x += 1
            middles.append(x - 0.5)
        }
        groups.append((begin + x) / 2)
    }
    let ends = y0 + y1
    let limits = Axis.Limits(min(ends.min() ?? 0, 0) * 1.02, max(max(ends.max() ?? 1, 0) * 1.02, .leastNormalMagnitude))
    var panel = try graphic.panel(x: [0.04, x], y: ends, labels: (nil, nil))
    let along = Axis(.linear, limits: Axis.Limits(x0.first.map { $0 - 0.2 } ?? 0, x + 0.2))
    let valueLimit =
        graphic.used(isAcross ? "xlim" : "ylim") == nil ? Axis(.linear, limits: limits) : isAcross ? panel.x : panel.y
    (panel.x, panel.y) = isAcross ? (valueLimit, along) : (along, valueLimit)
    panel.frame = .none
    let names = try barNames(height, isMatrix, graphic)
    let valueSide: Side = isAcross ? .bottom : .left
    var line = AxisLine(
        isAcross ? .left : .bottom, ticks: .at(groups.count == names.count ? groups : middles, labels: names))
    line.isRotated = try graphic.number("las", 0) >= 2
    panel.axes = panel.axes.filter { $0.side == valueSide }
    for index in panel.axes.indices { panel.axes[index].showsLine = true }
    if !names.isEmpty { panel.axes.append(line) }
    let standard = rows > 1 ? ramp([Color(0x4A6FA5), Color(0xC9D3E0)], rows) : [Color(0x8FA6C4)]
    let fills = graphic.used("col") == nil ? standard : try graphic.colors()
    let border = Stroke(try graphic.used("border") == nil ? areaBorder : graphic.colors("border")[0], width: 0.8)
    panel.marks = [
        isAcross
            ? .rectangles(x0: y0, y0: x0, x1: y1, y1: x1, fills: fills, border: border)
            : .rectangles(x0: x0, y0: y0, x1: x1, y1: y1, fills: fills, border: border),
        isAcross ? .vertical([0], Stroke(.axis)) : .horizontal([0], Stroke(.axis)),
    ]
    if let texts = try legendTexts(height, graphic) {
        let entries = texts.enumerated().map { Legend.Entry($0.element, fill: fills[$0.offset % fills.count]) }
        panel.legends = [Legend(entries, at: .inside(x: 1, y: 1))]
    }
    try graphic.begin(panel)
    let result = Value.numbers(middles)
    return isMatrix && isBeside ? result.setting(Symbol.dim, .ints([rows, columns])) : result
}

private func barNames(_ height: Value, _ isMatrix: Bool, _ graphic: GraphicArguments) throws -> [String] {
    if let given = graphic.used("names.arg") { return try graphic.texts(given) }
    if let names = height.names, !isMatrix { return names.map { $0?.string ?? "" } }
    guard let names = dimnames(height), let last = names.last, !last.isNull else { return [] }
    return try graphic.texts(last)
}

private func dimnames(_ value: Value) -> [Value]? {
    switch value {
    case .integer(let v): if case .list(let names)? = v.attributes[Symbol.dimnames] { return names.elements }
    case .double(let v): if case .list(let names)? = v.attributes[Symbol.dimnames] { return names.elements }
    default: break
    }
    return nil
}

private func legendTexts(_ height: Value, _ graphic: GraphicArguments) throws -> [String]? {
    guard let given = graphic.used("legend.text") ?? graphic.used("legend") else { return nil }
    if case .logical(let flags) = given {
        guard flags.elements.first == true, let rows = dimnames(height)?.first, !rows.isNull else { return nil }
        return try graphic.texts(rows)
    }
    return try graphic.texts(given)
}

/// Tukey's five numbers: minimum, lower hinge, median, upper hinge, maximum.
private func fiveNumbers(_ sorted: [Double]) -> [Double] {
    let n = sorted.count
    let quarter = Double((n + 3) / 2) / 2
    return [1, quarter, Double(n + 1) / 2, Double(n + 1) - quarter, Double(n)].map { place in
        let low = min(max(Int(place.rounded(.down)) - 1, 0), n - 1)
        let high = min(max(Int(place.rounded(.up)) - 1, 0), n - 1)
        return (sorted[low] + sorted[high]) / 2
    }
}

private func boxplot(_ args: Arguments) throws -> Value {
    let graphic = try GraphicArguments(args)
    let x = try args.required("x")
    if case .call = x {
        throw WorkbenchError(
            .unsupported, "plots of formulas are not supported", hint: "write boxplot(split(y, group))")
    }
    var groups: [[Double]] = []
    var names: [String] = []
    if case .list(let list) = x {
        groups = try list.elements.map { try graphic.numbers($0) }
        names = x.names?.map { $0?.string ?? "" } ?? groups.indices.map { String($0 + 1) }
    } else {
        groups = [try graphic.numbers(x)]
        for dot in args.dots where dot.name == nil { groups.append(try graphic.numbers(dot.value)) }
        names = groups.count == 1 ? [""] : groups.indices.map { String($0 + 1) }
    }
    if let given = graphic.used("names") { names = try graphic.texts(given) }
    groups = groups.map { $0.filter { $0.isFinite }.ascending() }
    guard groups.contains(where: { !$0.isEmpty }) else {
        throw WorkbenchError(.value, "invalid first argument", hint: "there is no finite number")
    }
    let range = try graphic.number("range", 1.5)
    let fill = graphic.used("col") == nil ? [areaFill] : try graphic.colors()
    var (marks, stats): ([Mark], [Double]) = ([], [])
    let isAcross = try graphic.flag("horizontal", false)
    func turned(_ x: [Double], _ y: [Double]) -> ([Double], [Double]) { isAcross ? (y, x) : (x, y) }
    for (index, values) in groups.enumerated() where !values.isEmpty {
        let at = Double(index + 1)
        let five = fiveNumbers(values)
        let reach = range * (five[3] - five[1])
        let inside = range == 0 ? values : values.filter { $0 >= five[1] - reach && $0 <= five[3] + reach }
        let (low, high) = (inside.first ?? five[1], inside.last ?? five[3])
        stats += [low, five[1], five[2], five[3], high]
        let dark = Stroke(areaBorder)
        let half = groups.count == 1 ? 0.2 : 0.38
        func segment(_ x: [Double], _ y: [Double], _ stroke: Stroke) {
            let (xs, ys) = turned(x, y)
            marks.append(.line(x: xs, y: ys, stroke))
        }
        segment([at, at], [low, five[1]], Stroke(areaBorder, dashes: [4, 4]))
        segment([at, at], [five[3], high], Stroke(areaBorder, dashes: [4, 4]))
        segment([at - half / 2, at + half / 2], [low, low], dark)
        segment([at - half / 2, at + half / 2], [high, high], dark)
        let (xs, ys) = turned([at - half, at + half, at + half, at - half], [five[1], five[1], five[3], five[3]])
        marks.append(.polygon(x: xs, y: ys, fill: fill[index % fill.count], border: dark))
        segment([at - half, at + half], [five[2], five[2]], Stroke(.ink, width: 2.5))
        let outliers = values.filter { $0 < low || $0 > high }
        let (ox, oy) = turned(outliers.map { _ in at }, outliers)
        marks.append(.points(x: ox, y: oy, PointStyle(areaBorder, symbol: 1)))
    }
    let places = [0.5, Double(groups.count) + 0.5]
    let all = groups.flatMap { $0 }
    var panel = try graphic.panel(x: isAcross ? all : places, y: isAcross ? places : all, labels: (nil, nil))
    panel.marks = marks
    let side: Side = isAcross ? .left : .bottom
    panel.axes = panel.axes.filter { $0.side != side }
    panel.axes.append(AxisLine(side, ticks: .at(groups.indices.map { Double($0 + 1) }, labels: names)))
    try graphic.begin(panel)
    return .named([
        ("stats", Value.numbers(stats).setting(Symbol.dim, .ints([5, stats.count / 5]))),
        ("n", .ints(groups.map(\.count))), ("names", .strings(names)),
    ])
}
