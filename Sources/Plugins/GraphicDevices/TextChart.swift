import Glibc
import PluginAPI

extension ChartStyle {
    /// What the process's terminal understands: its locale must be UTF-8, `TERM` not dumb.
    static func terminal(usesColor: Bool) -> ChartStyle {
        func variable(_ name: String) -> String? {
            getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
        }
        let locale = (variable("LC_ALL") ?? variable("LC_CTYPE") ?? variable("LANG") ?? "").lowercased()
        let isDumb = variable("TERM") == "dumb"
        let isUnicode = (locale.contains("utf-8") || locale.contains("utf8")) && !isDumb
        return ChartStyle(usesUnicode: isUnicode, usesColor: usesColor && !isDumb && variable("NO_COLOR") == nil)
    }
}

/// A figure drawn with characters, at most so many columns wide.
func textChart(_ figure: Figure, width: Int, style: ChartStyle) -> String {
    let shown = figure.panels.prefix(24)
    guard !shown.isEmpty else { return "" }
    let columns = max(min(figure.columns, width / 34), 1)
    let rows = (shown.count + columns - 1) / columns
    let cellHeight = rows == 1 ? 20 : rows == 2 ? 14 : 11
    let cellWidth = width / columns
    var text = ""
    if let title = figure.title, !title.isEmpty { text += centered(title, width) + "\n" }
    for row in 0..<rows {
        var canvas = TextCanvas(width: width, height: cellHeight, style: style)
        for column in 0..<columns where row * columns + column < shown.count {
            let panel = facet(figure, row * columns + column)
            PanelChart(panel, left: column * cellWidth, width: cellWidth - (columns > 1 ? 1 : 0), height: cellHeight)
                .draw(on: &canvas)
        }
        text += canvas.text()
    }
    return text
}

/// A panel that says by itself what strips and shared labels say of it.
private func facet(_ figure: Figure, _ index: Int) -> Panel {
    var panel = figure.panels[index]
    guard !figure.rowStrips.isEmpty || !figure.columnStrips.isEmpty else {
        panel.xLabel = panel.xLabel ?? figure.xLabel
        return panel
    }
    var names: [String] = []
    if panel.row < figure.rowStrips.count { names.append(figure.rowStrips[panel.row]) }
    if panel.column < figure.columnStrips.count { names.append(figure.columnStrips[panel.column]) }
    panel.title = names.joined(separator: ", ")
    if panel.row == figure.rows - 1 { panel.xLabel = panel.xLabel ?? figure.xLabel }
    panel.axes = [AxisLine(.bottom), AxisLine(.left)]
    return panel
}

private func centered(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max((width - text.unicodeScalars.count) / 2, 0)) + text
}

/// One panel in a part of a text canvas.
private struct PanelChart {
    let panel: Panel
    let left: Int
    let width: Int
    let height: Int
    private let at: Coordinates
    private let yTicks: Ticks
    private let xTicks: Ticks
    /// First column and row of the plotting region, and its size in characters.
    private let plot: (x: Int, y: Int, width: Int, height: Int)

    init(_ panel: Panel, left: Int, width: Int, height: Int) {
        self.panel = panel
        self.left = left
        self.width = width
        self.height = height
        let bottomLine = panel.axes.first { $0.side == .bottom }
        let leftLine = panel.axes.first { $0.side == .left }
        yTicks =
            leftLine.map { panel.ticks(of: $0, wanted: height > 14 ? 5 : 3) } ?? Ticks(Axis.Limits(.nan, .nan), .linear)
        xTicks = bottomLine.map { panel.ticks(of: $0) } ?? Ticks(Axis.Limits(.nan, .nan), .linear)
        let labels = yTicks.labels.map { $0.unicodeScalars.count }.max() ?? 0
        let hasHead = hasText(panel.title) || hasText(panel.yLabel)
        let hasFoot = hasText(panel.xLabel) || !panel.legends.isEmpty
        let foot = (bottomLine == nil ? 0 : 2) + (hasFoot ? 1 : 0)
        let margin = leftLine == nil ? 0 : labels + 2
        plot = (left + margin, hasHead ? 1 : 0, max(width - margin - 1, 4), max(height - foot - (hasHead ? 1 : 0), 2))
        // Half columns and quarter rows are the pixels; the last ones stand for the upper limits.
        at = Coordinates(
            panel, in: Box(x: 0, y: 0, width: Double(plot.width * 2 - 1), height: Double(plot.height * 4 - 1)))
    }

    /// A place in dots of the plotting region, or nil outside of what can be counted.
    private func dot(_ place: Place) -> (Int, Int)? {
        guard place.x.isFinite, place.y.isFinite, abs(place.x) < 1e6, abs(place.y) < 1e6 else { return nil }
        return (Int(place.x.rounded()), Int(place.y.rounded()))
    }

    func draw(on canvas: inout TextCanvas) {
        for mark in panel.marks { draw(mark, on: &canvas) }
        axes(on: &canvas)
        let head = 0
        if let label = panel.yLabel, !label.isEmpty { canvas.write(label, left, head, nil) }
        if let title = panel.title?.split(separator: "\n").first.map({ String($0) }), !title.isEmpty {
            let start = plot.x + max((plot.width - title.unicodeScalars.count) / 2, 0)
            canvas.write(title, max(start, left + (panel.yLabel.map { $0.unicodeScalars.count + 2 } ?? 0)), head, nil)
        }
        foot(on: &canvas)
    }

    private func axes(on canvas: inout TextCanvas) {
        let isPlain = !canvas.style.usesUnicode
        let gray = Color(0x8A8A8A)
        let bottom = plot.y + plot.height
        if panel.axes.contains(where: { $0.side == .left }) {
            for row in plot.y..<bottom { canvas.put(isPlain ? "|" : "│", plot.x - 1, row, gray) }
            for (value, label) in zip(yTicks.values, yTicks.labels) {
                guard let (_, y) = dot(Place(x: 0, y: at.y(value))), (0..<plot.height * 4).contains(y) else { continue }
                let row = plot.y + y / 4
                canvas.put(isPlain ? "+" : "┤", plot.x - 1, row, gray)
                canvas.write(label, plot.x - 2 - label.unicodeScalars.count + 1, row, nil)
            }
        }
        guard panel.axes.contains(where: { $0.side == .bottom }) else { return }
        canvas.put(isPlain ? "+" : "└", plot.x - 1, bottom, gray)
        for column in plot.x..<(plot.x + plot.width) { canvas.put(isPlain ? "-" : "─", column, bottom, gray) }
        var free = left - 1
        for (value, label) in zip(xTicks.values, xTicks.labels) {
            guard let (x, _) = dot(Place(x: at.x(value), y: 0)), (0..<plot.width * 2).contains(x) else { continue }
            let column = plot.x + x / 2
            canvas.put(isPlain ? "+" : "┴", column, bottom, gray)
            let count = label.unicodeScalars.count
            let start = min(max(column - count / 2, left), left + width - count)
            guard start > free else { continue }
            canvas.write(label, start, bottom + 1, nil)
            free = start + count
        }
    }

    /// The x label in the middle, or what the legend says.
    private func foot(on canvas: inout TextCanvas) {
        let row = height - 1
        let entries = panel.legends.flatMap { $0.entries }
        let label = panel.xLabel ?? ""
        guard !entries.isEmpty else {
            canvas.write(label, plot.x + max((plot.width - label.unicodeScalars.count) / 2, 0), row, nil)
            return
        }
        var column = plot.x
        if !label.isEmpty {
            canvas.write(label + "   ", column, row, nil)
            column += label.unicodeScalars.count + 3
        }
        for entry in entries {
            let ink = entry.stroke?.color ?? entry.fill ?? entry.point?.colors.first
            let sample =
                !canvas.style.usesUnicode
                ? "*"
                : entry.fill != nil
                    ? "■" : entry.stroke != nil ? (entry.stroke?.dashes.isEmpty == true ? "──" : "╌╌") : "•"
            canvas.write(sample + " ", column, row, ink)
            column += sample.unicodeScalars.count + 1
            canvas.write(entry.label, column, row, nil)
            column += entry.label.unicodeScalars.count + 3
        }
    }

    private func draw(_ mark: Mark, on canvas: inout TextCanvas) {
        switch mark {
        case .line(let x, let y, let stroke, _): path(at.places(x, y), stroke, on: &canvas)
        case .points(let x, let y, let style, _): points(at.places(x, y), style, on: &canvas)
        case .segments(let x0, let y0, let x1, let y1, let strokes):
            for (index, (from, to)) in zip(at.places(x0, y0), at.places(x1, y1)).enumerated() where !strokes.isEmpty {
                path([from, to], strokes[index % strokes.count], on: &canvas)
            }
        case .polygon(let x, let y, _, let border):
            let places = at.places(x, y)
            if let border { path(places + places.prefix(1), border, on: &canvas) }
        case .rectangles(let x0, let y0, let x1, let y1, let fills, let border):
            for (index, (from, to)) in zip(at.places(x0, y0), at.places(x1, y1)).enumerated() where !fills.isEmpty {
                let fill = fills[index % fills.count]
                if fill.alpha > 0 {
                    area(from, to, fill, on: &canvas)
                } else if let border {
                    path([from, Place(x: from.x, y: to.y), to, Place(x: to.x, y: from.y), from], border, on: &canvas)
                }
            }
        case .horizontal(let values, let stroke):
            for value in values {
                path([Place(x: 0, y: at.y(value)), Place(x: at.box.right, y: at.y(value))], stroke, on: &canvas)
            }
        case .vertical(let values, let stroke):
            for value in values {
                path([Place(x: at.x(value), y: 0), Place(x: at.x(value), y: at.box.bottom)], stroke, on: &canvas)
            }
        case .slope(let intercept, let slope, let stroke): path(at.slopePoints(intercept, slope), stroke, on: &canvas)
        case .text(let x, let y, let texts, let style):
            for (index, place) in at.places(x, y).enumerated() where !texts.isEmpty {
                guard let (dx, dy) = dot(place), inside(dx, dy) else { continue }
                let text = texts[index % texts.count]
                let start = plot.x + dx / 2 - Int(Double(text.unicodeScalars.count) * min(max(style.adjust, 0), 1))
                canvas.write(text, max(start, plot.x), plot.y + dy / 4, style.colors.first)
            }
        case .raster(let image, let x0, let y0, let x1, let y1, _):
            raster(image, at.place(x0, y1), at.place(x1, y0), on: &canvas)
        }
    }

    private func inside(_ x: Int, _ y: Int) -> Bool {
        (0..<plot.width * 2).contains(x) && (0..<plot.height * 4).contains(y)
    }

    private func path(_ places: [Place], _ stroke: Stroke, on canvas: inout TextCanvas) {
        guard stroke.color.alpha > 0 else { return }
        let ink = shade(stroke.color)
        for (from, to) in zip(places, places.dropFirst()) {
            guard let (a, b) = clipped(from, to), let start = dot(a), let end = dot(b) else { continue }
            canvas.line(
                start.0 + plot.x * 2, start.1 + plot.y * 4, end.0 + plot.x * 2, end.1 + plot.y * 4, ink,
                dashed: !stroke.dashes.isEmpty)
        }
    }

    /// The part of a line that lies in the plotting region (Liang and Barsky's parameters), or nil.
    private func clipped(_ from: Place, _ to: Place) -> (Place, Place)? {
        guard from.x.isFinite, from.y.isFinite, to.x.isFinite, to.y.isFinite else { return nil }
        let (dx, dy) = (to.x - from.x, to.y - from.y)
        var (enter, leave) = (0.0, 1.0)
        for (change, room) in [(-dx, from.x), (dx, at.box.right - from.x), (-dy, from.y), (dy, at.box.bottom - from.y)]
        {
            if change == 0 {
                if room < 0 { return nil }
            } else if change < 0 {
                enter = max(enter, room / change)
            } else {
                leave = min(leave, room / change)
            }
        }
        guard enter <= leave else { return nil }
        return (
            Place(x: from.x + enter * dx, y: from.y + enter * dy), Place(x: from.x + leave * dx, y: from.y + leave * dy)
        )
    }

    private func points(_ places: [Place], _ style: PointStyle, on canvas: inout TextCanvas) {
        guard !style.colors.isEmpty else { return }
        let isSparse = places.count <= 120
        for (index, place) in places.enumerated() {
            guard let (x, y) = dot(place), inside(x, y) else { continue }
            let ink = shade(style.colors[index % style.colors.count])
            if isSparse {
                canvas.put(canvas.style.usesUnicode ? "•" : "o", plot.x + x / 2, plot.y + y / 4, ink)
            } else {
                canvas.dot(x + plot.x * 2, y + plot.y * 4, ink)
            }
        }
    }

    /// A filled box: full characters, and eighths of one at its upper edge.
    private func area(_ from: Place, _ to: Place, _ fill: Color, on canvas: inout TextCanvas) {
        guard let a = dot(from), let b = dot(to) else { return }
        let (x0, x1) = (min(a.0, b.0), max(a.0, b.0))
        let top = max(min(from.y, to.y), 0)
        let low = min(max(from.y, to.y), at.box.bottom + 1)
        guard low > top else { return }
        let eighths: [Unicode.Scalar] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
        let (first, last) = ((x0 + 1) / 2, max((x1 - 1) / 2, (x0 + 1) / 2))
        for column in max(first, 0)...max(min(last, plot.width - 1), max(first, 0)) where column < plot.width {
            for row in 0..<plot.height {
                let (rowTop, rowLow) = (Double(row * 4), Double(row * 4 + 4))
                let covered = min(low, rowLow) - max(top, rowTop)
                guard covered > 0.25 else { continue }
                let part = min(Int((covered * 2).rounded()), 8)
                guard part > 0 else { continue }
                let full = part == 8 || top < rowTop
                let scalar: Unicode.Scalar = !canvas.style.usesUnicode ? "#" : full ? "█" : eighths[part - 1]
                canvas.put(scalar, plot.x + column, plot.y + row, shade(fill))
            }
        }
    }

    /// Pixels: two of them in a character with colours, else one shade of gray.
    private func raster(_ image: RasterImage, _ from: Place, _ to: Place, on canvas: inout TextCanvas) {
        guard let a = dot(from), let b = dot(to), a.0 != b.0, a.1 != b.1 else { return }
        func pixel(_ x: Double, _ y: Double) -> Color? {
            let u = (x - from.x) / (to.x - from.x)
            let v = (y - from.y) / (to.y - from.y)
            guard u >= 0, u < 1, v >= 0, v < 1 else { return nil }
            return image.pixels[Int(v * Double(image.height)) * image.width + Int(u * Double(image.width))]
        }
        let ramp: [Unicode.Scalar] = canvas.style.usesUnicode ? [" ", "░", "▒", "▓", "█"] : [" ", ".", ":", "+", "#"]
        for row in 0..<plot.height {
            for column in 0..<plot.width {
                let x = Double(column) * 2 + 0.5
                let (upper, lower) = (pixel(x, Double(row) * 4 + 1), pixel(x, Double(row) * 4 + 3))
                guard let any = upper ?? lower else { continue }
                if canvas.style.usesColor, canvas.style.usesUnicode {
                    canvas.put("▀", plot.x + column, plot.y + row, upper ?? any, on: lower ?? any)
                } else {
                    let step = Int((any.luminance * 4).rounded())
                    canvas.put(ramp[min(max(step, 0), 4)], plot.x + column, plot.y + row, nil)
                }
            }
        }
    }

    /// Dark colours disappear on dark terminals: those take the terminal's own colour.
    private func shade(_ color: Color) -> Color? { color.luminance < 0.2 ? nil : color }
}
