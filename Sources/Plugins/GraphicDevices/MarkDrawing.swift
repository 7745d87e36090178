import PluginAPI

extension Canvas {
    /// Draws a mark in a panel's coordinates.
    func draw(_ mark: Mark, _ at: Coordinates, scale: Double) {
        switch mark {
        case .line(let x, let y, let stroke, _): line(at.places(x, y), stroke)
        case .points(let x, let y, let style, _): points(at.places(x, y), style, scale)
        case .segments(let x0, let y0, let x1, let y1, let strokes):
            guard !strokes.isEmpty else { return }
            for (index, (from, to)) in zip(at.places(x0, y0), at.places(x1, y1)).enumerated() {
                line([from, to], strokes[index % strokes.count])
            }
        case .polygon(let x, let y, let fill, let border): polygon(at.places(x, y), fill: fill, border: border)
        case .rectangles(let x0, let y0, let x1, let y1, let fills, let border):
            guard !fills.isEmpty else { return }
            for (index, (from, to)) in zip(at.places(x0, y0), at.places(x1, y1)).enumerated() {
                guard from.x.isFinite, from.y.isFinite, to.x.isFinite, to.y.isFinite else { continue }
                let corners = [from, Place(x: to.x, y: from.y), to, Place(x: from.x, y: to.y)]
                polygon(corners, fill: fills[index % fills.count], border: border)
            }
        case .horizontal(let values, let stroke):
            for value in values {
                line([Place(x: at.box.x, y: at.y(value)), Place(x: at.box.right, y: at.y(value))], stroke)
            }
        case .vertical(let values, let stroke):
            for value in values {
                line([Place(x: at.x(value), y: at.box.y), Place(x: at.x(value), y: at.box.bottom)], stroke)
            }
        case .slope(let intercept, let slope, let stroke): line(at.slopePoints(intercept, slope), stroke)
        case .text(let x, let y, let texts, let style):
            guard !texts.isEmpty, !style.colors.isEmpty else { return }
            for (index, place) in at.places(x, y).enumerated() {
                let unit = style.size * scale * pointSize * 0.6
                text(
                    texts[index % texts.count],
                    at: Place(x: place.x + style.shift.x * unit, y: place.y - style.shift.y * unit),
                    color: style.colors[index % style.colors.count], size: style.size * scale, adjust: style.adjust,
                    rise: style.rise, rotation: style.rotation, isBold: style.isBold)
            }
        case .raster(let image, let x0, let y0, let x1, let y1, let smooth):
            let (left, top) = (at.x(x0), at.y(y1))
            let box = Box(x: left, y: top, width: at.x(x1) - left, height: at.y(y0) - top)
            self.image(image, in: box, smooth: smooth)
        }
    }

    private func points(_ places: [Place], _ style: PointStyle, _ scale: Double) {
        guard !style.symbols.isEmpty, !style.colors.isEmpty, !style.sizes.isEmpty else { return }
        for (index, place) in places.enumerated() where place.x.isFinite && place.y.isFinite {
            symbol(
                style.symbols[index % style.symbols.count], at: place, color: style.colors[index % style.colors.count],
                fill: style.fills.isEmpty ? .clear : style.fills[index % style.fills.count],
                size: style.sizes[index % style.sizes.count] * scale)
        }
    }

    /// One of R's plotting symbols.
    func symbol(_ code: Int, at place: Place, color: Color, fill: Color, size: Double) {
        let r = 0.375 * size * pointSize * 0.8
        let stroke = Stroke(color, width: 1)
        func square(_ half: Double, _ inside: Color, _ border: Stroke?) {
            rectangle(
                Box(x: place.x - half, y: place.y - half, width: 2 * half, height: 2 * half), fill: inside,
                border: border)
        }
        func shape(_ corners: [(Double, Double)], _ inside: Color, _ border: Stroke?) {
            polygon(corners.map { Place(x: place.x + $0.0 * r, y: place.y + $0.1 * r) }, fill: inside, border: border)
        }
        func lines(_ ends: [((Double, Double), (Double, Double))]) {
            for (a, b) in ends {
                line(
                    [
                        Place(x: place.x + a.0 * r, y: place.y + a.1 * r),
                        Place(x: place.x + b.0 * r, y: place.y + b.1 * r),
                    ], stroke)
            }
        }
        let plus = [((-1.2, 0.0), (1.2, 0.0)), ((0.0, -1.2), (0.0, 1.2))]
        let cross = [((-0.9, -0.9), (0.9, 0.9)), ((-0.9, 0.9), (0.9, -0.9))]
        let up = [(0.0, -1.3), (1.15, 0.7), (-1.15, 0.7)]
        let down = [(0.0, 1.3), (1.15, -0.7), (-1.15, -0.7)]
        let diamond = [(0.0, -1.25), (1.25, 0.0), (0.0, 1.25), (-1.25, 0.0)]
        switch code {
        case 0: square(r * 0.9, .clear, stroke)
        case 1: circle(place, radius: r, fill: .clear, border: stroke)
        case 2: shape(up, .clear, stroke)
        case 3: lines(plus)
        case 4: lines(cross)
        case 5: shape(diamond, .clear, stroke)
        case 6: shape(down, .clear, stroke)
        case 7:
            square(r * 0.9, .clear, stroke)
            lines(cross)
        case 8: lines(plus + cross)
        case 9:
            shape(diamond, .clear, stroke)
            lines(plus)
        case 10:
            circle(place, radius: r, fill: .clear, border: stroke)
            lines(plus)
        case 11:
            shape(up, .clear, stroke)
            shape(down, .clear, stroke)
        case 12:
            square(r * 0.9, .clear, stroke)
            lines(plus)
        case 13:
            circle(place, radius: r, fill: .clear, border: stroke)
            lines(cross)
        case 14:
            square(r, .clear, stroke)
            shape(up, .clear, stroke)
        case 15: square(r * 0.9, color, nil)
        case 16: circle(place, radius: r, fill: color, border: nil)
        case 17: shape(up, color, nil)
        case 18: shape(diamond, color, nil)
        case 19: circle(place, radius: r * 1.05, fill: color, border: nil)
        case 20: circle(place, radius: r * 0.67, fill: color, border: nil)
        case 21: circle(place, radius: r, fill: fill, border: stroke)
        case 22: square(r * 0.9, fill, stroke)
        case 23: shape(diamond, fill, stroke)
        case 24: shape(up, fill, stroke)
        case 25: shape(down, fill, stroke)
        case 46: square(0.5, color, nil)
        default:
            guard code > 32, let scalar = Unicode.Scalar(UInt32(clamping: code)) else { return }
            text(String(Character(scalar)), at: place, color: color, size: size, adjust: 0.5, rise: 0.5)
        }
    }
}
