import Diagnostics

/// A quadratic model of a function around a point, learnt from the last few steps, and its minimum within bounds.
struct QuadraticModel {
    private let count: Int
    private let pairs: Int
    private var steps: [[Double]] = []
    private var changes: [[Double]] = []
    private var theta = 1.0
    /// The Hessian by rows, kept until something is learnt.
    private var matrix: [[Double]]?

    init(count: Int, pairs: Int) {
        self.count = count
        self.pairs = pairs
    }

    var isEmpty: Bool { steps.isEmpty }

    mutating func forget() {
        steps = []
        changes = []
        theta = 1
        matrix = nil
    }

    mutating func learn(step: [Double], change: [Double], curvature: Double) {
        if steps.count == pairs {
            steps.removeFirst()
            changes.removeFirst()
        }
        steps.append(step)
        changes.append(change)
        theta = dot(change, change) / curvature
        matrix = nil
    }

    /// θI, corrected by each pair in turn (Broyden, Fletcher, Goldfarb, Shanno).
    private mutating func hessian() -> [[Double]] {
        if let matrix { return matrix }
        var b = (0..<count).map { i in (0..<count).map { $0 == i ? theta : 0.0 } }
        for (s, y) in zip(steps, changes) {
            let bs = b.map { dot($0, s) }
            let (sbs, ys) = (dot(s, bs), dot(y, s))
            guard sbs > 0, ys != 0 else { continue }
            for i in 0..<count { for j in 0..<count { b[i][j] += y[i] * y[j] / ys - bs[i] * bs[j] / sbs } }
        }
        matrix = b
        return b
    }

    /// The minimum of the model: along the projected gradient first, then over the variables that are free there.
    mutating func minimum(from x: [Double], gradient g: [Double], _ bounds: Bounds) throws -> [Double] {
        let b = hessian()
        var point = x
        var isFree = [Bool](repeating: true, count: count)
        if bounds.isFinite || isEmpty {
            (point, isFree) = cauchyPoint(x, g, b, bounds)
        }
        let free = isFree.indices.filter { isFree[$0] }
        guard !isEmpty, !free.isEmpty else { return point }
        let moved = zip(point, x).map { $0 - $1 }
        let right = free.map { -(g[$0] + dot(b[$0], moved)) }
        guard let step = solved(free.map { row in free.map { b[row][$0] } }, right) else { return point }
        var share = 1.0
        var stop: Int?
        for (k, i) in free.enumerated() {
            var own = share
            if step[k] < 0, bounds.lower[i].isFinite {
                let room = bounds.lower[i] - point[i]
                own = room >= 0 ? 0 : step[k] * share < room ? room / step[k] : share
            } else if step[k] > 0, bounds.upper[i].isFinite {
                let room = bounds.upper[i] - point[i]
                own = room <= 0 ? 0 : step[k] * share > room ? room / step[k] : share
            }
            if own < share {
                share = own
                stop = k
            }
        }
        for (k, i) in free.enumerated() {
            if k == stop, step[k] != 0 {
                point[i] = step[k] > 0 ? bounds.upper[i] : bounds.lower[i]
            } else {
                point[i] += share * step[k]
            }
        }
        return point
    }

    /// The first minimum along the gradient bent at the bounds, and which variables do not end at one.
    private func cauchyPoint(
        _ x: [Double], _ g: [Double], _ b: [[Double]], _ bounds: Bounds
    ) -> (point: [Double], isFree: [Bool]) {
        var direction = g.map { -$0 }
        var isFree = [Bool](repeating: true, count: count)
        var breaks: [(time: Double, place: Int)] = []
        for i in x.indices {
            if direction[i] == 0 || (x[i] <= bounds.lower[i] && direction[i] < 0)
                || (x[i] >= bounds.upper[i] && direction[i] > 0)
            {
                isFree[i] = x[i] > bounds.lower[i] && x[i] < bounds.upper[i]
                direction[i] = 0
                continue
            }
            let wall = direction[i] < 0 ? bounds.lower[i] : bounds.upper[i]
            if wall.isFinite { breaks.append(((wall - x[i]) / direction[i], i)) }
        }
        breaks = breaks.ordered { $0.time < $1.time }
        var point = x
        func curvature() -> Double { dot(direction, b.map { dot($0, direction) }) }
        let first = theta * dot(direction, direction)
        var now = 0.0
        var next = 0
        while true {
            let moved = zip(point, x).map { $0 - $1 }
            let slope = dot(g, direction) + dot(direction, b.map { dot($0, moved) })
            let bend = max(Double.ulpOfOne * first, curvature())
            let best = bend > 0 ? max(0, -slope / bend) : 0
            guard next < breaks.count, best >= breaks[next].time - now else {
                for i in x.indices { point[i] += best * direction[i] }
                return (point, isFree)
            }
            let (time, place) = breaks[next]
            for i in x.indices { point[i] += (time - now) * direction[i] }
            point[place] = direction[place] < 0 ? bounds.lower[place] : bounds.upper[place]
            direction[place] = 0
            isFree[place] = false
            now = time
            next += 1
            if direction.allSatisfy({ $0 == 0 }) { return (point, isFree) }
        }
    }
}

/// The solution of a positive definite system, or nil where it is none.
private func solved(_ a: [[Double]], _ right: [Double]) -> [Double]? {
    let n = right.count
    var l = a
    for j in 0..<n {
        for i in j..<n {
            var sum = a[i][j]
            for k in 0..<j { sum -= l[i][k] * l[j][k] }
            if i == j {
                guard sum > 0 else { return nil }
                l[j][j] = sum.squareRoot()
            } else {
                l[i][j] = sum / l[j][j]
            }
        }
    }
    var x = right
    for i in 0..<n {
        for k in 0..<i { x[i] -= l[i][k] * x[k] }
        x[i] /= l[i][i]
    }
    for i in (0..<n).reversed() {
        for k in (i + 1)..<max(i + 1, n) { x[i] -= l[k][i] * x[k] }
        x[i] /= l[i][i]
    }
    return x
}
