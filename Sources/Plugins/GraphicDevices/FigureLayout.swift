import PluginAPI

/// Where the parts of a figure lie on a page.
struct FigureLayout {
    /// The plotting region of each panel.
    var regions: [Box] = []
    /// The strips above columns and right of rows.
    var columnStrips: [(String, Box)] = []
    var rowStrips: [(String, Box)] = []
    /// What all panels together cover, strips not included.
    var all: Box

    /// Height of a line of text.
    static func line(_ canvas: Canvas, _ scale: Double = 1) -> Double { canvas.pointSize * 1.2 * scale }

    init(_ figure: Figure, page: Box, _ canvas: Canvas) {
        let line = FigureLayout.line(canvas)
        var inner = page
        if let title = figure.title, !title.isEmpty { inner = inner.inset(top: 1.9 * line) }
        all = inner
        if figure.columnStrips.isEmpty, figure.rowStrips.isEmpty {
            if figure.xLabel != nil { inner = inner.inset(bottom: 1.5 * line) }
            if figure.yLabel != nil { inner = inner.inset(left: 1.5 * line) }
            all = inner
            for panel in figure.panels {
                let cell = FigureLayout.cell(panel, figure, in: inner, gap: 0)
                regions.append(FigureLayout.region(panel, in: cell, canvas))
            }
        } else {
            layFacets(figure, inner, canvas, line)
        }
    }

    /// Facets: one margin around all panels, strips at the outer ones, small gaps between them.
    private mutating func layFacets(_ figure: Figure, _ page: Box, _ canvas: Canvas, _ line: Double) {
        var labels = 0.0
        for panel in figure.panels where panel.column == 0 {
            for axis in panel.axes where axis.side == .left {
                for text in panel.ticks(of: axis).labels { labels = max(labels, canvas.width(text, size: 0.85)) }
            }
        }
        let left = labels + 0.7 * line + (figure.yLabel == nil ? 0.2 : 1.5) * line
        let bottom = 1.2 * line + (figure.xLabel == nil ? 0.3 : 1.5) * line
        let top = figure.columnStrips.isEmpty ? 0.6 * line : 1.9 * line
        let right = figure.rowStrips.isEmpty ? 0.8 * line : 2.1 * line
        all = page.inset(left: left, top: top, right: right, bottom: bottom)
        let gap = 0.7 * line
        for panel in figure.panels { regions.append(FigureLayout.cell(panel, figure, in: all, gap: gap)) }
        for (column, name) in figure.columnStrips.enumerated() where column < figure.columns {
            let cell = FigureLayout.cell(row: 0, column: column, figure, in: all, gap: gap)
            columnStrips.append((name, Box(x: cell.x, y: all.y - 1.45 * line, width: cell.width, height: 1.45 * line)))
        }
        for (row, name) in figure.rowStrips.enumerated() where row < figure.rows {
            let cell = FigureLayout.cell(row: row, column: 0, figure, in: all, gap: gap)
            rowStrips.append((name, Box(x: all.right, y: cell.y, width: 1.45 * line, height: cell.height)))
        }
    }

    private static func cell(_ panel: Panel, _ figure: Figure, in box: Box, gap: Double) -> Box {
        let first = cell(row: panel.row, column: panel.column, figure, in: box, gap: gap)
        let last = cell(
            row: panel.row + max(panel.rowSpan, 1) - 1, column: panel.column + max(panel.columnSpan, 1) - 1, figure,
            in: box, gap: gap)
        return Box(x: first.x, y: first.y, width: last.right - first.x, height: last.bottom - first.y)
    }

    private static func cell(row: Int, column: Int, _ figure: Figure, in box: Box, gap: Double) -> Box {
        let (x, width) = stretch(column, max(figure.columns, 1), figure.widths, box.width, gap)
        let (y, height) = stretch(row, max(figure.rows, 1), figure.heights, box.height, gap)
        return Box(x: box.x + x, y: box.y + y, width: width, height: height)
    }

    /// Start and length of a part of a length that is divided by weights.
    private static func stretch(
        _ index: Int, _ count: Int, _ weights: [Double], _ length: Double, _ gap: Double
    ) -> (Double, Double) {
        let usable = max(length - gap * Double(count - 1), 1)
        let all = (0..<count).map { $0 < weights.count && weights[$0] > 0 ? weights[$0] : weights.isEmpty ? 1 : 0.001 }
        let sum = all.reduce(0, +)
        let index = min(max(index, 0), count - 1)
        let before = all[..<index].reduce(0, +)
        return (usable * before / sum + gap * Double(index), usable * all[index] / sum)
    }

    /// The plotting region of a panel: its cell without margins, as wide as its aspect asks for.
    private static func region(_ panel: Panel, in cell: Box, _ canvas: Canvas) -> Box {
        let unit = line(canvas, panel.scale)
        var margins = panel.margins ?? automatic(panel, canvas, unit).map { $0 / unit }
        while margins.count < 4 { margins.append(0) }
        let box = cell.inset(
            left: margins[1] * unit, top: margins[2] * unit, right: margins[3] * unit, bottom: margins[0] * unit)
        guard let aspect = panel.aspect, aspect > 0, aspect.isFinite else { return box }
        let (x, y) = panel.resolvedLimits
        let wanted = abs(y.to - y.from) * aspect / abs(x.to - x.from)
        guard wanted.isFinite, wanted > 0 else { return box }
        let height = min(box.height, box.width * wanted)
        let width = height / wanted
        return Box(
            x: box.x + (box.width - width) / 2, y: box.y + (box.height - height) / 2, width: width, height: height)
    }

    /// Room that labels need: bottom, left, top, right, in points.
    private static func automatic(_ panel: Panel, _ canvas: Canvas, _ line: Double) -> [Double] {
        var room = [0.5, 0.6, 0.6, 0.9].map { $0 * line }
        for axis in panel.axes {
            let labels = panel.ticks(of: axis).labels
            let widest = labels.map { canvas.width($0, size: 0.85 * panel.scale) }.max() ?? 0
            switch axis.side {
            case .bottom: room[0] += axis.isRotated ? widest + 0.7 * line : 1.5 * line
            case .top: room[2] += axis.isRotated ? widest + 0.7 * line : 1.5 * line
            case .left: room[1] += widest + 0.7 * line
            case .right: room[3] += widest + 0.7 * line
            }
        }
        if hasText(panel.xLabel) { room[0] += 1.35 * line }
        if hasText(panel.subtitle) { room[0] += 1.2 * line }
        if hasText(panel.yLabel) { room[1] += 1.35 * line }
        if let title = panel.title, !title.isEmpty {
            room[2] += (0.6 + 1.3 * Double(title.split(separator: "\n", omittingEmptySubsequences: false).count)) * line
        }
        for text in panel.marginTexts {
            let index = text.side.rawValue - 1
            room[index] = max(room[index], (text.line + 1.3) * line)
        }
        return room
    }
}

func hasText(_ text: String?) -> Bool { !(text ?? "").isEmpty }
