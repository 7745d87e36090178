import BaseValues
import Diagnostics
import Glibc
import PluginAPI

/// Registers `optim` with the methods Nelder-Mead and BFGS (Nash, Compact Numerical Methods, 1990).
func registerOptim(_ stats: Namespace) {
    stats.function(
        "optim",
        [
            .value("par"), .value("fn"), .value("gr", nil), .dots, .value("method", "Nelder-Mead"), .value("lower"),
            .value("upper"), .value("control", code: "list()"), .value("hessian", false),
        ], help: "The lowest point of a function of several numbers."
    ) { args in try optim(args) }
}

private struct Control {
    var scale = 1.0
    var limit: Int?
    var absolute = -Double.infinity
    var relative = Double.ulpOfOne.squareRoot()
    var alpha = 1.0
    var beta = 0.5
    var gamma = 2.0
    var step = 1e-3
}

private func optim(_ args: Arguments) throws -> Value {
    var control = Control()
    if args.has("control"), case .list(let list) = args["control"] {
        for (index, name) in (args["control"].names ?? []).enumerated() {
            let value = list[index]
            let number = try value.isAtomic ? value.asDoubles().elements.first ?? .nan : .nan
            switch name?.string {
            case "fnscale": control.scale = number
            case "maxit": control.limit = Int(exactly: number.rounded())
            case "abstol": control.absolute = number
            case "reltol": control.relative = number
            case "alpha": control.alpha = number
            case "beta": control.beta = number
            case "gamma": control.gamma = number
            case "trace", "parscale", "ndeps", "REPORT": break
            case let other:
                try args.context.warn("unknown names in control: \(other ?? "NA")", call: args.call)
            }
        }
    }
    let par = try args.required("par")
    let start = try par.asDoubles().elements
    let names = par.names
    let function = try args.functionValue("fn")
    let (context, extra, environment, scale) = (args.context, args.dots, args.environment, control.scale)
    func vector(_ x: [Double]) -> Value { Value.numbers(x).withNames(names) }
    let f: ([Double]) throws -> Double = { x in
        let result = try context.call(function, [Argument(vector(x))] + extra, environment: environment)
        guard result.length == 1, result.isAtomic, let number = try result.asDoubles().elements.first else {
            throw WorkbenchError(
                .value, "objective function in optim evaluates to length \(result.length) not 1")
        }
        return number / scale
    }
    let step = control.step
    let numericGradient: ([Double]) throws -> [Double] = { x in
        var moved = x
        return try x.indices.map { i in
            moved[i] = x[i] + step
            let above = try f(moved)
            moved[i] = x[i] - step
            let below = try f(moved)
            moved[i] = x[i]
            let slope = (above - below) / (2 * step)
            guard slope.isFinite else { throw WorkbenchError(.value, "non-finite finite-difference value [\(i + 1)]") }
            return slope
        }
    }
    var gradient = numericGradient
    if !args["gr"].isNull {
        let given = try args.functionValue("gr")
        gradient = { x in
            let result = try context.call(given, [Argument(vector(x))] + extra, environment: environment)
            let values = try result.asDoubles().elements
            guard values.count == x.count else {
                throw WorkbenchError(.value, "gradient in optim evaluated to length \(values.count) not \(x.count)")
            }
            return values.map { $0 / scale }
        }
    }
    let method = try args["method"].asCharacters().elements.first??.string ?? "Nelder-Mead"
    let found: (point: [Double], value: Double, functions: Int?, gradients: Int?, code: Int)
    if "Nelder-Mead".hasPrefix(method) {
        found = try nelderMead(start, control, f)
    } else if "BFGS".hasPrefix(method) {
        found = try bfgs(start, control, f, gradient)
    } else {
        throw WorkbenchError(
            .unsupported, "optim(method = \"\(method)\") is not there",
            hint: "methods: \"Nelder-Mead\", \"BFGS\"; for one number optimize()")
    }
    func count(_ n: Int?) -> Int32? { n.map { Int32(truncatingIfNeeded: $0) } }
    let counts = Value.integer(Vector([count(found.functions), count(found.gradients)])).withNames([
        "function", "gradient",
    ])
    var fields: [(String, Value)] = [
        ("par", vector(found.point)), ("value", .number(found.value * scale)), ("counts", counts),
        ("convergence", .int(found.code)), ("message", .null),
    ]
    if try args.flag("hessian") {
        let n = start.count
        var matrix = [Double](repeating: 0, count: n * n)
        var moved = found.point
        for i in 0..<n {
            moved[i] = found.point[i] + step
            let above = try gradient(moved)
            moved[i] = found.point[i] - step
            let below = try gradient(moved)
            moved[i] = found.point[i]
            for j in 0..<n { matrix[i * n + j] = scale * (above[j] - below[j]) / (2 * step) }
        }
        let symmetric = (0..<(n * n)).map { 0.5 * (matrix[$0] + matrix[$0 % n * n + $0 / n]) }
        fields.append(("hessian", Value.numbers(symmetric).setting(Symbol.dim, .ints([n, n]))))
    }
    return Value.named(fields)
}

private func nelderMead(
    _ start: [Double], _ control: Control, _ f: ([Double]) throws -> Double
) throws -> (point: [Double], value: Double, functions: Int?, gradients: Int?, code: Int) {
    let n = start.count
    let big = 1.0e35
    let limit = control.limit ?? 500
    var points = [[Double]](repeating: start, count: n + 2)
    var values = [Double](repeating: 0, count: n + 2)
    let c = n + 1
    var value = try f(start)
    guard value.isFinite else { throw WorkbenchError(.value, "function cannot be evaluated at initial parameters") }
    if limit <= 0 { return (start, value, 0, nil, 0) }
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
    return (points[best], values[best], evaluations, nil, code)
}

private func bfgs(
    _ start: [Double], _ control: Control, _ f: ([Double]) throws -> Double, _ gradient: ([Double]) throws -> [Double]
) throws -> (point: [Double], value: Double, functions: Int?, gradients: Int?, code: Int) {
    let n = start.count
    let limit = control.limit ?? 100
    var b = start
    var value = try f(b)
    guard value.isFinite else { throw WorkbenchError(.value, "initial value in 'vmmin' is not finite") }
    if limit <= 0 { return (b, value, 0, 0, 0) }
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
    return (b, lowest, functions, gradients, code)
}
