import Diagnostics

/// The variable metric method, BFGS (Nash, Compact Numerical Methods, 1990, algorithm 21).
func bfgs(
    _ start: [Double], _ control: OptimControl, _ f: ([Double]) throws -> Double,
    _ gradient: ([Double]) throws -> [Double]
) throws -> Optimum {
    let n = start.count
    let limit = control.limit ?? 100
    var b = start
    var value = try f(b)
    guard value.isFinite else { throw WorkbenchError(.value, "initial value in 'vmmin' is not finite") }
    if limit <= 0 { return Optimum(b, value, 0, 0, 0) }
    var lowest = value
    var (functions, gradients, iterations) = (1, 1, 1)
    var g = try gradient(b)
    var last = gradients
    var matrix = [[Double]](repeating: [Double](repeating: 0, count: n), count: n)
    var code = 0
    while true {
        if last == gradients {
            for i in 0..<n {
                for j in 0..<i { matrix[i][j] = 0 }
                matrix[i][i] = 1
            }
        }
        let before = b
        var change = g
        var slope = 0.0
        var t = [Double](repeating: 0, count: n)
        for i in 0..<n {
            var sum = 0.0
            for j in 0...i { sum -= matrix[i][j] * g[j] }
            for j in (i + 1)..<max(n, i + 1) { sum -= matrix[j][i] * g[j] }
            t[i] = sum
            slope += sum * g[i]
        }
        var unchanged = 0
        if slope < 0 {
            var step = 1.0
            var isAccepted = false
            repeat {
                unchanged = 0
                for i in 0..<n {
                    b[i] = before[i] + step * t[i]
                    if 10 + before[i] == 10 + b[i] { unchanged += 1 }
                }
                if unchanged < n {
                    value = try f(b)
                    functions += 1
                    isAccepted = value.isFinite && value <= lowest + slope * step * 1e-4
                    if !isAccepted { step *= 0.2 }
                }
            } while !(unchanged == n || isAccepted)
            let isEnough =
                value > control.absolute && abs(value - lowest) > control.relative * (abs(lowest) + control.relative)
            if !isEnough {
                unchanged = n
                lowest = value
            }
            if unchanged < n {
                lowest = value
                g = try gradient(b)
                gradients += 1
                iterations += 1
                var d1 = 0.0
                for i in 0..<n {
                    t[i] = step * t[i]
                    change[i] = g[i] - change[i]
                    d1 += t[i] * change[i]
                }
                if d1 > 0 {
                    var d2 = 0.0
                    var x = [Double](repeating: 0, count: n)
                    for i in 0..<n {
                        var sum = 0.0
                        for j in 0...i { sum += matrix[i][j] * change[j] }
                        for j in (i + 1)..<max(n, i + 1) { sum += matrix[j][i] * change[j] }
                        x[i] = sum
                        d2 += sum * change[i]
                    }
                    d2 = 1 + d2 / d1
                    for i in 0..<n {
                        for j in 0...i { matrix[i][j] += (d2 * t[i] * t[j] - t[i] * x[j] - x[i] * t[j]) / d1 }
                    }
                } else {
                    last = gradients
                }
            } else if last < gradients {
                unchanged = 0
                last = gradients
            }
        } else {
            unchanged = 0
            if last == gradients { unchanged = n } else { last = gradients }
        }
        if iterations >= limit {
            code = 1
            break
        }
        if gradients - last > 2 * n { last = gradients }
        if unchanged == n && last == gradients { break }
    }
    return Optimum(b, lowest, functions, gradients, code)
}
