import PluginAPI

extension Canvas {
    /// Draws a whole figure on a page.
    func draw(_ figure: Figure, page: Box) {
        rectangle(page, fill: figure.background, border: nil)
        let layout = FigureLayout(figure, page: page, self)
        let line = FigureLayout.line(self)
        for (panel, region) in zip(figure.panels, layout.regions) { draw(panel, in: region) }
        for (name, box) in layout.columnStrips { strip(name, box, rotation: 0) }
        for (name, box) in layout.rowStrips { strip(name, box, rotation: -90) }
        if let title = figure.title {
            text(
                title, at: Place(x: page.x + page.width / 2, y: page.y + 1.15 * line), color: .ink, size: 1.15,
                adjust: 0.5, rise: 0.5, isBold: true)
        }
        if let label = figure.xLabel {
            text(
                label, at: Place(x: layout.all.x + layout.all.width / 2, y: page.bottom - 0.8 * line), color: .ink,
                size: 0.95, adjust: 0.5, rise: 0.5)
        }
        if let label = figure.yLabel {
            text(
                label, at: Place(x: page.x + 0.9 * line, y: layout.all.y + layout.all.height / 2), color: .ink,
                size: 0.95, adjust: 0.5, rise: 0.5, rotation: 90)
        }
    }

    private func strip(_ name: String, _ box: Box, rotation: Double) {
        rectangle(box, fill: Color(0xEDEFF2), border: nil)
        text(
            name, at: Place(x: box.x + box.width / 2, y: box.y + box.height / 2), color: Color(0x444444), size: 0.85,
            adjust: 0.5, rise: 0.5, rotation: rotation)
    }

    /// Draws a panel whose plotting region is known.
    private func draw(_ panel: Panel, in region: Box) {
        let at = Coordinates(panel, in: region)
        if panel.frame == .grid { grid(panel, at) }
        clipped(to: region) { for mark in panel.marks { draw(mark, at, scale: panel.scale) } }
        if panel.frame == .box { rectangle(region, fill: .clear, border: Stroke(.axis)) }
        for axis in panel.axes { draw(axis, panel, at) }
        labels(panel, at)
        for legend in panel.legends { draw(legend, at, scale: panel.scale) }
    }

    private func grid(_ panel: Panel, _ at: Coordinates) {
        let light = Stroke(Color(0xE4E6EA))
        for value in Ticks(at.x, at.xScale).values {
            line([Place(x: at.x(value), y: at.box.y), Place(x: at.x(value), y: at.box.bottom)], light)
        }
        for value in Ticks(at.y, at.yScale).values {
            line([Place(x: at.box.x, y: at.y(value)), Place(x: at.box.right, y: at.y(value))], light)
        }
        line([Place(x: at.box.x, y: at.box.bottom), Place(x: at.box.right, y: at.box.bottom)], Stroke(Color(0x9A9A9A)))
    }

    /// Tick marks and labels of one side; labels that would touch the one before are left out.
    private func draw(_ axis: AxisLine, _ panel: Panel, _ at: Coordinates) {
        let box = at.box
        let ticks = panel.ticks(of: axis)
        let size = 0.85 * panel.scale
        let hasMarks = panel.frame != .grid
        let reach = hasMarks ? 0.35 * pointSize * panel.scale : 0
        let gap = reach + 0.35 * pointSize * panel.scale
        var free = -Double.infinity
        for (value, label) in zip(ticks.values, ticks.labels) {
            let (from, outward): (Place, (Double, Double))
            switch axis.side {
            case .bottom: (from, outward) = (Place(x: at.x(value), y: box.bottom), (0, 1))
            case .top: (from, outward) = (Place(x: at.x(value), y: box.y), (0, -1))
            case .left: (from, outward) = (Place(x: box.x, y: at.y(value)), (-1, 0))
            case .right: (from, outward) = (Place(x: box.right, y: at.y(value)), (1, 0))
            }
            guard from.x.isFinite, from.y.isFinite else { continue }
            if hasMarks {
                line([from, Place(x: from.x + outward.0 * reach, y: from.y + outward.1 * reach)], Stroke(.axis))
            }
            let place = Place(x: from.x + outward.0 * gap, y: from.y + outward.1 * gap)
            let color = Color(0x444444)
            if axis.side == .left || axis.side == .right {
                text(label, at: place, color: color, size: size, adjust: axis.side == .left ? 1 : 0, rise: 0.5)
            } else if axis.isRotated {
                text(
                    label, at: place, color: color, size: size, adjust: axis.side == .bottom ? 1 : 0, rise: 0.5,
                    rotation: 90)
            } else {
                let half = width(label, size: size) / 2
                guard place.x - half > free else { continue }
                free = place.x + half + 0.4 * pointSize * panel.scale
                text(label, at: place, color: color, size: size, adjust: 0.5, rise: axis.side == .bottom ? 1 : 0)
            }
        }
        guard axis.showsLine, let first = ticks.values.first, let last = ticks.values.last else { return }
        switch axis.side {
        case .bottom: line([Place(x: at.x(first), y: box.bottom), Place(x: at.x(last), y: box.bottom)], Stroke(.axis))
        case .top: line([Place(x: at.x(first), y: box.y), Place(x: at.x(last), y: box.y)], Stroke(.axis))
        case .left: line([Place(x: box.x, y: at.y(first)), Place(x: box.x, y: at.y(last))], Stroke(.axis))
        case .right: line([Place(x: box.right, y: at.y(first)), Place(x: box.right, y: at.y(last))], Stroke(.axis))
        }
    }

    private func labels(_ panel: Panel, _ at: Coordinates) {
        let box = at.box
        let line = FigureLayout.line(self, panel.scale)
        let middle = Place(x: box.x + box.width / 2, y: box.y + box.height / 2)
        var below = box.bottom + 0.95 * line
        if let axis = panel.axes.first(where: { $0.side == .bottom }) {
            let labels = panel.ticks(of: axis).labels
            let widest = labels.map { width($0, size: 0.85 * panel.scale) }.max() ?? 0
            below += axis.isRotated ? widest + 0.4 * line : 1.2 * line
        }
        if let label = panel.xLabel, !label.isEmpty {
            text(label, at: Place(x: middle.x, y: below), color: .ink, size: 0.95 * panel.scale, adjust: 0.5, rise: 0.5)
            below += 1.2 * line
        }
        if let label = panel.subtitle, !label.isEmpty {
            text(
                label, at: Place(x: middle.x, y: below), color: Color(0x555555), size: 0.85 * panel.scale, adjust: 0.5,
                rise: 0.5)
        }
        if let label = panel.yLabel, !label.isEmpty {
            var widest = 0.0
            for axis in panel.axes where axis.side == .left {
                widest = panel.ticks(of: axis).labels.map { width($0, size: 0.85 * panel.scale) }.max() ?? 0
            }
            let x =
                panel.margins.map {
                    max(box.x - widest - 1.4 * line, box.x - ($0.count > 1 ? $0[1] : 4) * line + 0.7 * line)
                } ?? (box.x - widest - 1.35 * line)
            text(
                label, at: Place(x: x, y: middle.y), color: .ink, size: 0.95 * panel.scale, adjust: 0.5, rise: 0.5,
                rotation: 90)
        }
        if let title = panel.title, !title.isEmpty {
            text(
                title, at: Place(x: middle.x, y: box.y - 0.75 * line), color: .ink, size: 1.1 * panel.scale,
                adjust: 0.5, rise: 0, isBold: true)
        }
        for margin in panel.marginTexts { draw(margin, panel, at, line) }
    }

    private func draw(_ margin: MarginText, _ panel: Panel, _ at: Coordinates, _ line: Double) {
        let box = at.box
        let away = (margin.line + 0.3) * line
        let size = margin.size * panel.scale
        switch margin.side {
        case .bottom, .top:
            let x = margin.at.map { at.x($0) } ?? (box.x + box.width * margin.adjust)
            let y = margin.side == .top ? box.y - away : box.bottom + away + 0.6 * line
            text(margin.text, at: Place(x: x, y: y), color: margin.color, size: size, adjust: margin.adjust, rise: 0)
        case .left, .right:
            let y = margin.at.map { at.y($0) } ?? (box.bottom - box.height * margin.adjust)
            let x = margin.side == .left ? box.x - away : box.right + away + 0.6 * line
            text(
                margin.text, at: Place(x: x, y: y), color: margin.color, size: size, adjust: margin.adjust, rise: 0,
                rotation: 90)
        }
    }
}
