import Diagnostics
import Tensors

/// Compares a gradient with differences: along a random direction the weighted sum of the outputs must change as the
/// gradient says.
///
/// A direction rather than element by element, because it costs three computations whatever the size. Steps are a
/// thousandth and a hundredth of the size of the elements; the better one counts, single precision leaves no better
/// choice. Differences to both sides count as well as the one across: where an element passes a kink on the way (the 0 of
/// a relu), that to the other side is right.
struct GradientCheck {
    /// Share of the gradient's length by which the two may differ.
    static let tolerance = 0.03

    /// The weighted sum of the outputs for the elements as they are now, and the sum of the absolute terms.
    let sum: () throws -> (value: Double, size: Double)

    /// - Parameters:
    ///   - tensor: Changed in place, and put back.
    ///   - gradient: Row-major, as long as the tensor.
    /// - Returns: The derivative along the direction by differences, and by the gradient; whether they agree.
    func compare(_ tensor: Tensor, _ gradient: [Double], along direction: [Double]) throws -> (
        difference: Double, expected: Double, agrees: Bool
    ) {
        let before = tensor.doubles
        let typical = (before.reduce(0) { $0 + $1 * $1 } / Double(max(1, before.count))).squareRoot()
        let expected = zip(gradient, direction).reduce(0) { $0 + $1.0 * $1.1 }
        let length = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let here = try sum()
        var best = (difference: Double.nan, excess: Double.infinity)
        for step in [1e-3, 1e-2].map({ $0 * max(typical, 0.1) }) {
            let above = try value(tensor, before, direction, step)
            let below = try value(tensor, before, direction, -step)
            let noise = 2e-6 * max(above.size, below.size, here.size) / step
            let differences = [
                (above.value - below.value) / (2 * step), (above.value - here.value) / step,
                (here.value - below.value) / step,
            ]
            for (place, difference) in differences.enumerated() {
                let allowed =
                    GradientCheck.tolerance * max(length, difference.magnitude) + (place == 0 ? noise : 2 * noise)
                let excess = (difference - expected).magnitude / max(allowed, .leastNormalMagnitude)
                // NaN is no agreement.
                if excess < best.excess || best.difference.isNaN {
                    best = (difference, excess.isNaN ? .infinity : excess)
                }
            }
        }
        return (best.difference, expected, best.excess <= 1)
    }

    private func value(
        _ tensor: Tensor, _ elements: [Double], _ direction: [Double], _ step: Double
    ) throws -> (value: Double, size: Double) {
        defer { try? tensor.put(elements) }
        try tensor.put(zip(elements, direction).map { $0 + step * $1 })
        return try sum()
    }
}
