import Diagnostics
import Tensors

/// Compares a gradient with differences: along a direction the weighted sum of the outputs must change as the gradient
/// says.
///
/// A direction rather than element by element, because it costs two computations whatever the size. Steps are tried one
/// after another until one agrees. Differences to both sides count as well as the one across: where an element passes a
/// kink on the way (the 0 of a relu), that to the other side is right. A gradient is only wrong where the differences of
/// two neighbouring steps agree with each other and not with it: where none do (kinks close by, statistics over a
/// batch of few values), there is nothing to compare it with, and that is said. Where several elements are exactly at a
/// kink, neither side nor the middle is right, however small the step: the two sides differ as much at any step, which
/// those of a curve do not, and the gradient has to be compared somewhere else.
final class GradientCheck {
    /// How a comparison came out.
    enum Verdict {
        case agrees
        /// What differences say instead.
        case wrong(difference: Double)
        /// The elements are at a kink: differences to the two sides do not approach each other.
        case kinked
        /// The differences do not converge.
        case unjudged
    }

    /// In double precision.
    let isExact: Bool
    /// The weighted sum of the outputs for the elements as they are now, and the sum of the absolute terms.
    let sum: () throws -> (value: Double, size: Double)
    private var here: (value: Double, size: Double)?

    init(isExact: Bool, sum: @escaping () throws -> (value: Double, size: Double)) {
        (self.isExact, self.sum) = (isExact, sum)
    }

    /// Share of the gradient's length by which the two may differ.
    private var tolerance: Double { isExact ? 0.001 : 0.03 }
    /// By how much the sum of the outputs may be off, as a share of their size.
    private var precision: Double { isExact ? 1e-14 : 2e-6 }
    /// Shares of the size of the elements: first those that mostly do.
    private var steps: [Double] { isExact ? [1e-6, 1e-5, 1e-4, 1e-7, 1e-8] : [1e-3, 1e-2] }

    private struct Quotient {
        let step: Double
        let value: Double
        /// By how much those to the two sides differ.
        let gap: Double
        /// By how much it may be off.
        let noise: Double
    }

    /// - Parameters:
    ///   - tensor: Changed in place, and put back.
    ///   - gradient: Row-major, as long as the tensor.
    func compare(
        _ tensor: Tensor, _ gradient: [Double], along direction: [Double]
    ) throws -> (expected: Double, verdict: Verdict) {
        let before = tensor.doubles
        let typical = max(GradientCheck.typical(before), 0.1)
        let expected = zip(gradient, direction).reduce(0) { $0 + $1.0 * $1.1 }
        let length = zip(gradient, direction).reduce(0) {
            $0 + $1.0 * $1.0 * (isExact ? $1.1 * $1.1 : 1)
        }.squareRoot()
        let here = try here ?? sum()
        self.here = here
        func allowed(_ quotient: Double) -> Double { tolerance * max(length, quotient.magnitude) }
        var across: [Quotient] = []
        for share in steps {
            let step = share * typical
            let above = try value(tensor, before, direction, step)
            let below = try value(tensor, before, direction, -step)
            let noise = precision * max(above.size, below.size, here.size) / step
            let middle = (above.value - below.value) / (2 * step)
            let sides = [(above.value - here.value) / step, (here.value - below.value) / step]
            across.append(
                Quotient(step: step, value: middle, gap: (sides[0] - sides[1]).magnitude, noise: noise))
            // The small steps say something only where rounding does not drown it.
            guard !isExact || share >= 1e-6 || 4 * noise <= allowed(middle) else { continue }
            // NaN is no agreement.
            if (middle - expected).magnitude <= allowed(middle) + noise
                || sides.contains(where: { ($0 - expected).magnitude <= allowed($0) + 2 * noise })
            {
                return (expected, .agrees)
            }
        }
        across = across.ordered { $0.step < $1.step }
        for (small, large) in zip(across, across.dropFirst()) {
            let size = allowed(max(small.value.magnitude, large.value.magnitude))
            let noise = small.noise + large.noise
            guard (small.value - large.value).magnitude <= size / 2 + noise, !isExact || 2 * noise <= size else {
                continue
            }
            // That of a curve is as much smaller as the step is.
            let isKinked = small.gap > size + 4 * small.noise && small.gap >= large.gap / 2
            return (expected, isKinked ? .kinked : .wrong(difference: large.value))
        }
        return (expected, .unjudged)
    }

    /// Whether a step so small that only double precision knows it leaves the outputs where they are, or makes them jump:
    /// somewhere inside they are computed with fewer digits.
    func isCoarse(_ tensor: Tensor, along direction: [Double]) throws -> Bool {
        let before = tensor.doubles
        let typical = max(GradientCheck.typical(before), 0.1)
        let here = try here ?? sum()
        self.here = here
        func quotient(_ share: Double) throws -> (value: Double, noise: Double) {
            let above = try value(tensor, before, direction, share * typical)
            return (
                (above.value - here.value) / (share * typical), precision * max(above.size, here.size) / share / typical
            )
        }
        let (one, three, large) = (try quotient(1e-9), try quotient(3e-9), try quotient(1e-3))
        if one.value == 0, three.value == 0 { return large.value.magnitude > 100 * large.noise }
        let size = max(one.value.magnitude, three.value.magnitude)
        return (one.value - three.value).magnitude > 0.5 * size + 10 * one.noise
    }

    /// Root of the mean square.
    static func typical(_ elements: [Double]) -> Double {
        (elements.reduce(0) { $0 + $1 * $1 } / Double(max(1, elements.count))).squareRoot()
    }

    private func value(
        _ tensor: Tensor, _ elements: [Double], _ direction: [Double], _ step: Double
    ) throws -> (value: Double, size: Double) {
        defer { try? tensor.put(elements) }
        try tensor.put(zip(elements, direction).map { $0 + step * $1 })
        return try sum()
    }
}
