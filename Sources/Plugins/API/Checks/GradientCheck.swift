import Diagnostics
import Tensors

/// Compares a gradient with differences: along a direction the weighted sum of the outputs must change as the gradient
/// says.
///
/// A direction rather than element by element, because it costs three computations whatever the size. The best of a few
/// steps counts: in single precision a thousandth and a hundredth of the size of the elements, in double precision a
/// hundred-thousandth and a millionth, which leaves a tolerance that a gradient wrong by half a per cent does not pass.
/// Differences to both sides count as well as the one across: where an element passes a kink on the way (the 0 of a relu),
/// that to the other side is right.
struct GradientCheck {
    /// In double precision.
    let isExact: Bool
    /// The weighted sum of the outputs for the elements as they are now, and the sum of the absolute terms.
    let sum: () throws -> (value: Double, size: Double)

    init(isExact: Bool, sum: @escaping () throws -> (value: Double, size: Double)) {
        (self.isExact, self.sum) = (isExact, sum)
    }

    /// Share of the gradient's length by which the two may differ.
    private var tolerance: Double { isExact ? 0.001 : 0.03 }
    /// By how much the sum of the outputs may be off, as a share of their size.
    private var precision: Double { isExact ? 1e-14 : 2e-6 }
    private var steps: [Double] { isExact ? [1e-6, 1e-5, 1e-4] : [1e-3, 1e-2] }

    /// - Parameters:
    ///   - tensor: Changed in place, and put back.
    ///   - gradient: Row-major, as long as the tensor.
    /// - Returns: The derivative along the direction by differences, and by the gradient; whether they agree, and whether
    ///   the differences of all steps agree with each other, as those of a smooth function do.
    func compare(_ tensor: Tensor, _ gradient: [Double], along direction: [Double]) throws -> (
        difference: Double, expected: Double, agrees: Bool, isSteady: Bool
    ) {
        let before = tensor.doubles
        let typical = (before.reduce(0) { $0 + $1 * $1 } / Double(max(1, before.count))).squareRoot()
        let expected = zip(gradient, direction).reduce(0) { $0 + $1.0 * $1.1 }
        let length = zip(gradient, direction).reduce(0) {
            $0 + $1.0 * $1.0 * (isExact ? $1.1 * $1.1 : 1)
        }.squareRoot()
        let here = try sum()
        var best = (difference: Double.nan, excess: Double.infinity)
        var across: [Double] = []
        for step in steps.map({ $0 * max(typical, 0.1) }) {
            let above = try value(tensor, before, direction, step)
            let below = try value(tensor, before, direction, -step)
            let noise = precision * max(above.size, below.size, here.size) / step
            let differences = [
                (above.value - below.value) / (2 * step), (above.value - here.value) / step,
                (here.value - below.value) / step,
            ]
            across.append(differences[0])
            for (place, difference) in differences.enumerated() {
                let allowed = tolerance * max(length, difference.magnitude) + (place == 0 ? noise : 2 * noise)
                let excess = (difference - expected).magnitude / max(allowed, .leastNormalMagnitude)
                // NaN is no agreement.
                if excess < best.excess || best.difference.isNaN {
                    best = (difference, excess.isNaN ? .infinity : excess)
                }
            }
        }
        let spread = (across.max() ?? 0) - (across.min() ?? 0)
        let size = across.reduce(1e-9) { max($0, $1.magnitude) }
        return (best.difference, expected, best.excess <= 1, spread <= 0.1 * size)
    }

    private func value(
        _ tensor: Tensor, _ elements: [Double], _ direction: [Double], _ step: Double
    ) throws -> (value: Double, size: Double) {
        defer { try? tensor.put(elements) }
        try tensor.put(zip(elements, direction).map { $0 + step * $1 })
        return try sum()
    }
}
