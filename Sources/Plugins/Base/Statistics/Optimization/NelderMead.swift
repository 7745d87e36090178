import Diagnostics

/// The simplex method of Nelder and Mead (Nash, Compact Numerical Methods, 1990, algorithm 19).
func nelderMead(
    _ start: [Double], _ control: OptimControl, _ f: ([Double]) throws -> Double
) throws -> Optimum {
    let n = start.count
    let big = 1.0e35
    let limit = control.limit ?? 500
    var points = [[Double]](repeating: start, count: n + 2)
    var values = [Double](repeating: 0, count: n + 2)
    let c = n + 1
    var value = try f(start)
    guard value.isFinite else { throw WorkbenchError(.value, "function cannot be evaluated at initial parameters") }
    if limit <= 0 { return Optimum(start, value, 0, nil, 0) }
    var evaluations = 1
    let tolerance = control.relative * (abs(value) + control.relative)
    values[0] = value
    var step = start.map { 0.1 * abs($0) }.max() ?? 0
    if step == 0 { step = 0.1 }
    var size = 0.0
    for j in 1..<(n + 1) {
        points[j] = start
        var trial = step
        while points[j][j - 1] == start[j - 1] {
            points[j][j - 1] = start[j - 1] + trial
            trial *= 10
        }
        size += trial
    }
    var oldSize = size
    var needsValues = true
    var code = 0
    func safe(_ x: [Double]) throws -> Double {
        let result = try f(x)
        evaluations += 1
        return result.isFinite ? result : big
    }
    var low = 0
    while true {
        if needsValues {
            for j in 0..<(n + 1) where j != low { values[j] = try safe(points[j]) }
            needsValues = false
        }
        var lowest = values[low]
        var highest = lowest
        var high = low
        for j in 0..<(n + 1) where j != low {
            if values[j] < lowest {
                low = j
                lowest = values[j]
            }
            if values[j] > highest {
                high = j
                highest = values[j]
            }
        }
        if highest <= lowest + tolerance || lowest <= control.absolute { break }
        var centre = [Double](repeating: 0, count: n)
        for i in 0..<n {
            var sum = -points[high][i]
            for j in 0..<(n + 1) { sum += points[j][i] }
            centre[i] = sum / Double(n)
        }
        points[c] = centre
        let reflected = (0..<n).map { (1 + control.alpha) * centre[$0] - control.alpha * points[high][$0] }
        value = try safe(reflected)
        let reflectedValue = value
        if value < lowest {
            values[c] = value
            let expanded = (0..<n).map { control.gamma * reflected[$0] + (1 - control.gamma) * centre[$0] }
            value = try safe(expanded)
            if value < reflectedValue {
                points[high] = expanded
                values[high] = value
            } else {
                points[high] = reflected
                values[high] = reflectedValue
            }
        } else {
            if value < highest {
                points[high] = reflected
                values[high] = value
            }
            let contracted = (0..<n).map { (1 - control.beta) * points[high][$0] + control.beta * centre[$0] }
            value = try safe(contracted)
            if value < values[high] {
                points[high] = contracted
                values[high] = value
            } else if reflectedValue >= highest {
                needsValues = true
                size = 0
                for j in 0..<(n + 1) where j != low {
                    for i in 0..<n {
                        points[j][i] = control.beta * (points[j][i] - points[low][i]) + points[low][i]
                        size += abs(points[j][i] - points[low][i])
                    }
                }
                if size < oldSize {
                    oldSize = size
                } else {
                    code = 10
                    break
                }
            }
        }
        if evaluations > limit {
            code = 1
            break
        }
    }
    let best = (0...n).min { values[$0] < values[$1] } ?? 0
    return Optimum(points[best], values[best], evaluations, nil, code)
}
