import PluginAPI

extension Canvas {
    /// Draws a legend over the marks.
    func draw(_ legend: Legend, _ at: Coordinates, scale: Double) {
        guard !legend.entries.isEmpty else { return }
        let size = 0.9 * legend.size * scale
        let unit = pointSize * size
        let sample =
            legend.entries.contains { $0.stroke != nil }
            ? 2.2 * unit
            : legend.entries.contains { $0.point != nil || $0.fill != nil } ? 1.0 * unit : 0
        let lead = sample > 0 ? sample + 0.6 * unit : 0
        let widths = legend.entries.map { lead + width($0.label, size: size) }
        let pitch = 1.45 * unit
        let pad = 0.7 * unit
        let titleWidth = legend.title.map { width($0, size: size, isBold: true) } ?? 0
        let titleHeight = hasText(legend.title) ? pitch : 0
        var inner = (width: widths.max() ?? 0, height: pitch * Double(legend.entries.count))
        if legend.isHorizontal {
            inner = (widths.reduce(0, +) + Double(widths.count - 1) * 1.2 * unit, pitch)
        }
        let box = place(
            legend.place, width: max(inner.width, titleWidth) + 2 * pad,
            height: inner.height + titleHeight + 2 * pad * 0.7, at)
        rectangle(box, fill: legend.background, border: legend.hasBox ? Stroke(Color(0xC4C8CE)) : nil)
        var y = box.y + pad * 0.7 + pitch / 2
        if let title = legend.title, !title.isEmpty {
            text(
                title, at: Place(x: box.x + box.width / 2, y: y), color: .ink, size: size, adjust: 0.5, rise: 0.5,
                isBold: true)
            y += pitch
        }
        var x = box.x + pad
        for (entry, width) in zip(legend.entries, widths) {
            draw(entry, Place(x: x, y: y), sample: sample, lead: lead, size: size)
            if legend.isHorizontal { x += width + 1.2 * unit } else { y += pitch }
        }
    }

    private func draw(_ entry: Legend.Entry, _ start: Place, sample: Double, lead: Double, size: Double) {
        let middle = Place(x: start.x + sample / 2, y: start.y)
        if let fill = entry.fill {
            let half = 0.38 * pointSize * size
            rectangle(
                Box(x: middle.x - half, y: middle.y - half, width: 2 * half, height: 2 * half), fill: fill,
                border: Stroke(Color(0x888888), width: 0.5))
        }
        if let stroke = entry.stroke { line([start, Place(x: start.x + sample, y: start.y)], stroke) }
        if let point = entry.point, let code = point.symbols.first, let color = point.colors.first {
            symbol(
                code, at: middle, color: color, fill: point.fills.first ?? .clear, size: (point.sizes.first ?? 1) * size
            )
        }
        text(entry.label, at: Place(x: start.x + lead, y: start.y), color: .ink, size: size, adjust: 0, rise: 0.5)
    }

    private func place(_ place: Legend.Place, width: Double, height: Double, _ at: Coordinates) -> Box {
        switch place {
        case .at(let x, let y): return Box(x: at.x(x), y: at.y(y), width: width, height: height)
        case .inside(let x, let y):
            let gap = 0.5 * pointSize
            let left = at.box.x + gap + (at.box.width - 2 * gap - width) * x
            let top = at.box.y + gap + (at.box.height - 2 * gap - height) * (1 - y)
            return Box(x: left, y: top, width: width, height: height)
        }
    }
}
