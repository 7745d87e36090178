import Diagnostics

/// What ``Tensor/pad(_:mode:value:)`` puts around a tensor.
public enum PadMode: String, Sendable {
    /// One number.
    case constant
    /// The elements mirrored at the edge, which is not repeated.
    case reflect
    /// The edge's elements repeated.
    case replicate
    /// The elements of the other end.
    case circular
}

extension Tensor {
    /// Adds elements around the last dimensions.
    ///
    /// - Parameters:
    ///   - amounts: Two numbers (before, after) a dimension, from the last one backwards; negative ones crop (constant
    ///     mode).
    ///   - mode: What the new elements are.
    ///   - value: The number of `.constant`.
    /// - Throws: ``WorkbenchError`` of kind `.value` for amounts that do not fit the sizes.
    public func pad(_ amounts: [Int], mode: PadMode = .constant, value: Double = 0) throws -> Tensor {
        try refuseHuge(amounts, "padding")
        guard amounts.count % 2 == 0, amounts.count / 2 <= dimensions else {
            throw WorkbenchError(
                .value,
                "Padding length should be less than or equal to two times the input dimension but got padding "
                    + "length \(amounts.count) and input of dimension \(dimensions)")
        }
        let sides = (0..<(amounts.count / 2)).map {
            (dim: dimensions - 1 - $0, before: amounts[2 * $0], after: amounts[2 * $0 + 1])
        }
        if mode == .constant {
            var whole = shape
            var inner = self
            for side in sides {
                whole[side.dim] += side.before + side.after
                guard whole[side.dim] >= 0 else {
                    throw WorkbenchError(
                        .value,
                        "The input size \(shape[side.dim]), plus negative padding \(side.before) and \(side.after), "
                            + "resulted in a negative output size")
                }
                let cut = Swift.min(Swift.max(0, -side.before), shape[side.dim])
                let end = Swift.max(cut, shape[side.dim] - Swift.max(0, -side.after))
                inner = try inner.narrow(side.dim, from: cut, length: end - cut)
            }
            let place: (Tensor) throws -> Tensor = { t in
                try sides.reduce(t) {
                    try $0.narrow($1.dim, from: Swift.max(0, $1.before), length: inner.shape[$1.dim])
                }
            }
            let result = try Tensor.full(whole, .double(value), dtype)
            try withoutGradients { try place(result).copyElements(from: inner) }
            return Tensor(op: "ConstantPadNdBackward0", result, from: [inner]) { dy in [try place(dy)] }
        }
        var result = self
        for side in sides {
            let n = shape[side.dim]
            let most = mode == .reflect ? n - 1 : mode == .circular ? n : Int.max
            guard side.before >= 0, side.after >= 0, side.before <= most, side.after <= most, n > 0 else {
                throw WorkbenchError(
                    .value,
                    "Padding size should be less than the corresponding input dimension, but got: padding (\(side.before), "
                        + "\(side.after)) at dimension \(side.dim + 1) of input \(bracketed(shape))")
            }
            let map = (-side.before..<(n + side.after)).map { i -> Int in
                switch mode {
                case .reflect: i < 0 ? 0 - i : i >= n ? 2 * (n - 1) - i : i
                case .circular: (i + n) % n
                default: Swift.min(Swift.max(i, 0), n - 1)
                }
            }
            result = try result.indexSelect(side.dim, Tensor(map))
        }
        return result.named(
            mode == .reflect
                ? "ReflectionPad2DBackward0" : mode == .replicate ? "ReplicationPad2DBackward0" : "CopySlices")
    }
}
