import Diagnostics

/// Settings of windows and sizes are below this: products of two of them, and sums of a few, still fit an `Int`.
let windowLimit = 1 << 30

/// Sides that are computed rather than given (resampling, adaptive pooling) are below this: they cost a table each.
let sideLimit = 1 << 24

/// Refuses numbers whose size alone is wrong, so that the checks of sign that follow say what they mean.
///
/// - Throws: ``WorkbenchError`` of kind `.value` that names the setting, the number and the limit.
func refuseHuge(_ values: [Int], _ name: String, below limit: Int = windowLimit) throws {
    guard let huge = values.first(where: { $0.magnitude >= limit }) else { return }
    throw WorkbenchError(
        .value, "\(name) is too large: \(huge)", hint: "it can be \(limit - 1) at most")
}
