import Diagnostics
import RRuntime

/// `lowess()`: a smooth curve through points by local lines (Cleveland 1979, JASA 74).
func registerLowess(_ stats: Namespace) {
    stats.function(
        "lowess",
        [
            .value("x"), .value("y", nil), .value("f", code: "2/3", help: "share of the points that count at a place"),
            .value("iter", .int(3), help: "rounds that give outliers less weight"),
            .value("delta", code: "0.01 * diff(range(x))"),
        ], help: "A smooth curve through points"
    ) { args in
        var (x, y) = try points(args)
        let share = args.has("f") ? try args.number("f") : 2.0 / 3
        guard share.isFinite, share > 0 else { throw WorkbenchError(.value, "'f' must be finite and > 0") }
        let rounds = try args.int("iter")
        guard rounds >= 0 else { throw WorkbenchError(.value, "'iter' must be finite and >= 0") }
        let order = x.indices.ordered { (x[$0], $0) < (x[$1], $1) }
        (x, y) = (order.map { x[$0] }, order.map { y[$0] })
        let gap = args.has("delta") ? try args.number("delta") : 0.01 * ((x.last ?? 0) - (x.first ?? 0))
        guard gap.isFinite, gap >= 0 else { throw WorkbenchError(.value, "'delta' must be finite and > 0") }
        var curve = LocalLines(x: x, y: y, share: share, gap: gap)
        let smooth = try curve.fitted(rounds: rounds) { try args.context.pollInterrupt() }
        return Value.named([("x", .numbers(x)), ("y", .numbers(smooth))])
    }
}

/// Both coordinates; of one vector the positions and the values.
private func points(_ args: Arguments) throws -> ([Double], [Double]) {
    let given = try args.required("x")
    var (x, y): ([Double], [Double])
    if args["y"].isNull {
        if case .list(let list) = given, let names = given.names,
            let a = names.firstIndex(of: "x"), let b = names.firstIndex(of: "y")
        {
            (x, y) = (try list[a].asDoubles().elements, try list[b].asDoubles().elements)
        } else {
            y = try given.asDoubles().elements
            x = y.indices.map { Double($0 + 1) }
        }
    } else {
        (x, y) = (try given.asDoubles().elements, try args["y"].asDoubles().elements)
    }
    guard x.count == y.count else { throw WorkbenchError(.value, "'x' and 'y' lengths differ") }
    let known = x.indices.filter { x[$0].isFinite && y[$0].isFinite }
    guard known.count == x.count || !known.isEmpty else { throw WorkbenchError(.value, "'x' and 'y' lengths differ") }
    return (known.map { x[$0] }, known.map { y[$0] })
}

private struct LocalLines {
    let x: [Double]
    let y: [Double]
    let share: Double
    /// Places closer than this to the last are interpolated.
    let gap: Double
    private var trust: [Double] = []

    init(x: [Double], y: [Double], share: Double, gap: Double) {
        self.x = x
        self.y = y
        self.share = share
        self.gap = gap
    }

    mutating func fitted(rounds: Int, poll: () throws -> Void) throws -> [Double] {
        let n = x.count
        if n < 2 { return y }
        let wanted = min(share * Double(n) + 1e-7, Double(n))
        let count = max(2, min(n, Int(exactly: wanted.rounded(.down)) ?? n))
        var smooth = [Double](repeating: 0, count: n)
        for round in 0...rounds {
            try pass(&smooth, count, poll)
            let rest = zip(y, smooth).map { abs($0 - $1) }
            if round == rounds { break }
            let sorted = rest.ascending()
            let spread = 3 * (sorted[n / 2] + sorted[n - n / 2 - 1])
            if spread < 1e-7 * rest.reduce(0, +) / Double(n) { break }
            trust = rest.map { r in
                if r <= 0.001 * spread { return 1 }
                if r > 0.999 * spread { return 0 }
                let part = 1 - (r / spread) * (r / spread)
                return part * part
            }
        }
        return smooth
    }

    /// One curve with the present trust in the points.
    private func pass(_ smooth: inout [Double], _ count: Int, _ poll: () throws -> Void) throws {
        let n = x.count
        var (left, right) = (0, count - 1)
        var last = -1
        var i = 0
        while last < n - 1 {
            try poll()
            while right < n - 1, x[i] - x[left] > x[right + 1] - x[i] {
                left += 1
                right += 1
            }
            smooth[i] = value(at: x[i], left, right) ?? y[i]
            if last < i - 1, last >= 0 {
                let width = x[i] - x[last]
                for j in (last + 1)..<i {
                    let part = (x[j] - x[last]) / width
                    smooth[j] = part * smooth[i] + (1 - part) * smooth[last]
                }
            }
            last = i
            let cut = x[last] + gap
            i = last + 1
            while i < n, x[i] <= cut {
                if x[i] == x[last] {
                    smooth[i] = smooth[last]
                    last = i
                }
                i += 1
            }
            i = max(last + 1, i - 1)
        }
    }

    /// The height of the line through the neighbours, near ones counting more.
    private func value(at place: Double, _ left: Int, _ right: Int) -> Double? {
        let n = x.count
        let reach = max(place - x[left], x[right] - place)
        var weights: [Double] = []
        var j = left
        while j < n {
            let distance = abs(x[j] - place)
            var weight = 0.0
            if distance <= 0.999 * reach {
                let ratio = distance / reach
                let part = 1 - ratio * ratio * ratio
                weight = distance <= 0.001 * reach ? 1 : part * part * part
                if !trust.isEmpty { weight *= trust[j] }
            } else if x[j] > place {
                break
            }
            weights.append(weight)
            j += 1
        }
        let sum = weights.reduce(0, +)
        guard sum > 0 else { return nil }
        for k in weights.indices { weights[k] /= sum }
        if reach > 0 {
            let center = weights.indices.reduce(0) { $0 + weights[$1] * x[left + $1] }
            let spread = weights.indices.reduce(0) {
                let away = x[left + $1] - center
                return $0 + weights[$1] * away * away
            }
            if spread.squareRoot() > 0.001 * (x[n - 1] - x[0]) {
                let slope = (place - center) / spread
                for k in weights.indices { weights[k] *= slope * (x[left + k] - center) + 1 }
            }
        }
        return weights.indices.reduce(0) { $0 + weights[$1] * y[left + $1] }
    }
}
