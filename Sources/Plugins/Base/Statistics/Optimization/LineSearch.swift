/// A step that lowers a function enough and flattens its slope enough (Moré & Thuente 1994, ACM TOMS 20).
struct LineSearch {
    /// Slope at the beginning; below 0.
    let slope: Double
    /// The step tried last.
    private(set) var step: Double
    /// Steps tried.
    var evaluations = 0
    private let value: Double
    private let longest: Double
    private var hasBegun = false
    private var isBracketed = false
    private var isFirstStage = true
    private var low: Trial
    private var high: Trial
    private var least: Double
    private var most: Double
    private var width: Double
    private var widthBefore: Double

    /// A step with the value and slope there.
    struct Trial {
        var step: Double
        var value: Double
        var slope: Double
    }

    init(direction: [Double], from x: [Double], _ bounds: Bounds, isFirst: Bool, slope: Double, value: Double) {
        let norm = dot(direction, direction).squareRoot()
        var longest = 1e10
        if bounds.isFinite {
            if isFirst {
                longest = 1
            } else {
                for (i, d) in direction.enumerated() {
                    if d < 0, bounds.lower[i].isFinite {
                        let room = bounds.lower[i] - x[i]
                        if room >= 0 { longest = 0 } else if d * longest < room { longest = room / d }
                    } else if d > 0, bounds.upper[i].isFinite {
                        let room = bounds.upper[i] - x[i]
                        if room <= 0 { longest = 0 } else if d * longest > room { longest = room / d }
                    }
                }
            }
        }
        self.slope = slope
        self.value = value
        self.longest = longest
        step = isFirst && !bounds.isBox ? min(1 / norm, longest) : min(1, longest)
        low = Trial(step: 0, value: value, slope: slope)
        high = low
        least = 0
        most = 5 * step
        width = longest
        widthBefore = 2 * longest
    }

    /// The next step to try, given value and slope at the last one; nil when that one will do.
    mutating func next(value f: Double, slope g: Double) -> Double? {
        guard hasBegun else {
            hasBegun = true
            return step > 0 && step.isFinite ? step : nil
        }
        let wanted = 1e-3 * slope
        let bound = value + step * wanted
        if isFirstStage, f <= bound, g >= 1e-3 * slope { isFirstStage = false }
        if isBracketed, step <= least || step >= most || most - least <= 0.1 * most { return nil }
        if step == longest, f <= bound, g <= wanted { return nil }
        if step == 0, f > bound || g >= wanted { return nil }
        if f <= bound, abs(g) <= 0.9 * -slope { return nil }
        var trial = Trial(step: step, value: f, slope: g)
        if isFirstStage, f <= low.value, f > bound {
            // Of the function less the decrease that is wanted.
            func lowered(_ t: Trial) -> Trial {
                Trial(step: t.step, value: t.value - t.step * wanted, slope: t.slope - wanted)
            }
            func raised(_ t: Trial) -> Trial {
                Trial(step: t.step, value: t.value + t.step * wanted, slope: t.slope + wanted)
            }
            trial = lowered(trial)
            low = lowered(low)
            high = lowered(high)
            step = choose(trial)
            low = raised(low)
            high = raised(high)
        } else {
            step = choose(trial)
        }
        if isBracketed {
            if abs(high.step - low.step) >= 0.66 * widthBefore { step = low.step + 0.5 * (high.step - low.step) }
            widthBefore = width
            width = abs(high.step - low.step)
            least = min(low.step, high.step)
            most = max(low.step, high.step)
        } else {
            least = low.step
            most = step + 4 * (step - low.step)
        }
        step = min(max(step, 0), longest)
        if isBracketed, step <= least || step >= most || most - least <= 0.1 * most { step = low.step }
        return step
    }

    /// A better step by cubic and quadratic interpolation; keeps the interval that holds a minimum.
    private mutating func choose(_ t: Trial) -> Double {
        let sign = t.slope * (low.slope / abs(low.slope))
        var chosen: Double
        func cubic(_ a: Trial, _ b: Trial, clamped: Bool = false) -> (gamma: Double, theta: Double) {
            let theta = 3 * (a.value - b.value) / (b.step - a.step) + a.slope + b.slope
            let scale = max(abs(theta), abs(a.slope), abs(b.slope))
            let inside = (theta / scale) * (theta / scale) - (a.slope / scale) * (b.slope / scale)
            return (scale * (clamped ? max(0, inside) : inside).squareRoot(), theta)
        }
        if t.value > low.value {
            var (gamma, theta) = cubic(low, t)
            if t.step < low.step { gamma = -gamma }
            let r = ((gamma - low.slope) + theta) / (((gamma - low.slope) + gamma) + t.slope)
            let c = low.step + r * (t.step - low.step)
            let q =
                low.step
                + low.slope / ((low.value - t.value) / (t.step - low.step) + low.slope) / 2 * (t.step - low.step)
            chosen = abs(c - low.step) < abs(q - low.step) ? c : c + (q - c) / 2
            isBracketed = true
        } else if sign < 0 {
            var (gamma, theta) = cubic(low, t)
            if t.step > low.step { gamma = -gamma }
            let r = ((gamma - t.slope) + theta) / (((gamma - t.slope) + gamma) + low.slope)
            let c = t.step + r * (low.step - t.step)
            let q = t.step + t.slope / (t.slope - low.slope) * (low.step - t.step)
            chosen = abs(c - t.step) > abs(q - t.step) ? c : q
            isBracketed = true
        } else if abs(t.slope) < abs(low.slope) {
            var (gamma, theta) = cubic(low, t, clamped: true)
            if t.step > low.step { gamma = -gamma }
            let r = ((gamma - t.slope) + theta) / ((gamma + (low.slope - t.slope)) + gamma)
            let c = r < 0 && gamma != 0 ? t.step + r * (low.step - t.step) : t.step > low.step ? most : least
            let q = t.step + t.slope / (t.slope - low.slope) * (low.step - t.step)
            if isBracketed {
                chosen = abs(c - t.step) < abs(q - t.step) ? c : q
                let edge = t.step + 0.66 * (high.step - t.step)
                chosen = t.step > low.step ? min(edge, chosen) : max(edge, chosen)
            } else {
                chosen = abs(c - t.step) > abs(q - t.step) ? c : q
                chosen = max(least, min(most, chosen))
            }
        } else if isBracketed {
            var (gamma, theta) = cubic(t, high)
            theta = 3 * (t.value - high.value) / (high.step - t.step) + high.slope + t.slope
            if t.step > high.step { gamma = -gamma }
            let r = ((gamma - t.slope) + theta) / (((gamma - t.slope) + gamma) + high.slope)
            chosen = t.step + r * (high.step - t.step)
        } else {
            chosen = t.step > low.step ? most : least
        }
        if t.value > low.value {
            high = t
        } else {
            if sign < 0 { high = low }
            low = t
        }
        return chosen
    }
}
