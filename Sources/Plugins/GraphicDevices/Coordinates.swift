import Glibc
import PluginAPI

/// From a panel's numbers to places in a box, one for each axis.
struct Coordinates {
    let x: Axis.Limits
    let y: Axis.Limits
    let xScale: Axis.Scale
    let yScale: Axis.Scale
    let box: Box

    init(_ panel: Panel, in box: Box) {
        let (x, y) = panel.resolvedLimits
        self.x = x
        self.y = y
        xScale = panel.x.scale
        yScale = panel.y.scale
        self.box = box
    }

    func x(_ value: Double) -> Double { box.x + box.width * Coordinates.share(value, x, xScale) }
    func y(_ value: Double) -> Double { box.y + box.height * (1 - Coordinates.share(value, y, yScale)) }
    func place(_ x: Double, _ y: Double) -> Place { Place(x: self.x(x), y: self.y(y)) }

    /// Places of two lists, the shorter one ending them.
    func places(_ xs: [Double], _ ys: [Double]) -> [Place] { zip(xs, ys).map { place($0, $1) } }

    /// How far between the limits a number lies: 0 at the first, 1 at the second; NaN where the scale has no place.
    static func share(_ value: Double, _ limits: Axis.Limits, _ scale: Axis.Scale) -> Double {
        switch scale {
        case .linear: return (value - limits.from) / (limits.to - limits.from)
        case .log10:
            guard value > 0, limits.from > 0, limits.to > 0 else { return .nan }
            return (log10(value) - log10(limits.from)) / (log10(limits.to) - log10(limits.from))
        }
    }

    /// The numbers at which the line y = a + b x is drawn: its ends, or many places where an axis is logarithmic.
    func slopePoints(_ intercept: Double, _ slope: Double) -> [Place] {
        let count = xScale == .linear && yScale == .linear ? 2 : 100
        return steps(0, 1, count).map { t in
            let value =
                xScale == .linear
                ? x.from + (x.to - x.from) * t : pow(10, log10(x.from) + (log10(x.to) - log10(x.from)) * t)
            return place(value, intercept + slope * value)
        }
    }
}

extension Panel {
    /// The limits of both axes: those given, else those of the marks with room around them, else 0 … 1.
    package var resolvedLimits: (x: Axis.Limits, y: Axis.Limits) {
        func resolve(_ axis: Axis, _ extent: ClosedRange<Double>?) -> Axis.Limits {
            if let limits = axis.limits, limits.from != limits.to, limits.from.isFinite, limits.to.isFinite {
                return limits
            }
            let range = extent ?? (axis.scale == .linear ? 0...1 : 0.1...10)
            return Axis.widened(range.lowerBound, range.upperBound, axis.scale)
        }
        return (resolve(x, xExtent), resolve(y, yExtent))
    }

    /// Ticks of an axis line.
    package func ticks(of line: AxisLine, wanted: Int = 5) -> Ticks {
        let isAcross = line.side == .bottom || line.side == .top
        let limits = isAcross ? resolvedLimits.x : resolvedLimits.y
        switch line.ticks {
        case .automatic: return Ticks(limits, isAcross ? x.scale : y.scale, wanted: wanted)
        case .at(let values, let labels):
            var ticks = Ticks(Axis.Limits(0, 1), .linear)
            let texts = labels ?? tickLabels(values)
            let (low, high) = (min(limits.from, limits.to), max(limits.from, limits.to))
            let shown = values.indices.filter { values[$0].isFinite && values[$0] >= low && values[$0] <= high }
            ticks.values = shown.map { values[$0] }
            ticks.labels = shown.map { $0 < texts.count ? texts[$0] : "" }
            return ticks
        }
    }
}
