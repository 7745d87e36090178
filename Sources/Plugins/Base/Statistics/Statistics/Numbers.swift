import BaseValues
import Diagnostics
import RRuntime

// R sums in the processor's extended precision; where there is none, pairs of doubles carry as much.
#if arch(x86_64)
    /// Extended precision.
    typealias Extended = Float80
#else
    /// The widest type there is.
    typealias Extended = Double
#endif

/// Mean as R computes it: of the sum, then corrected by the mean of what is left.
func mean(_ values: [Double]) -> Double {
    if values.isEmpty { return .nan }
    var sum: Extended = 0
    for value in values { sum += Extended(value) }
    let count = Extended(values.count)
    let first = sum / count
    guard Double(first).isFinite else { return missingOr(values, Double(first)) }
    var rest: Extended = 0
    for value in values { rest += Extended(value) - first }
    return Double(first + rest / count)
}

/// NA if there is one among the values, else a result that is no number.
private func missingOr(_ values: [Double], _ result: Double) -> Double {
    guard result.isNaN else { return result }
    for value in values where value.isNaN { return value }
    return result
}

/// Mean of whole numbers.
func mean(_ values: [Int32]) -> Double {
    if values.isEmpty { return .nan }
    var sum: Extended = 0
    for value in values { sum += Extended(value) }
    return Double(sum / Extended(values.count))
}

/// Sum of products of deviations from means, divided by n − 1.
func covariance(_ x: [Double], _ y: [Double]) -> Double {
    let n = x.count
    guard n > 1 else { return .na }
    let meanX = mean(x)
    let meanY = mean(y)
    if meanX.isNaN || meanY.isNaN {
        return (x + y).contains { $0.isNA } ? .na : .nan
    }
    var sum: Extended = 0
    for i in 0..<n { sum += (Extended(x[i]) - Extended(meanX)) * (Extended(y[i]) - Extended(meanY)) }
    return Double(sum / Extended(n - 1))
}
