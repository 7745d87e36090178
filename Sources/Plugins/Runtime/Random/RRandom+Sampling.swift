import Diagnostics
import Glibc

/// `sample.int`: positions counted from 0, drawn with or without replacement, evenly or by weights.
extension RRandom {
    /// A random order of the numbers from 0 up to (and without) `count`.
    public func permutation(_ count: Int) -> [Int] { sample(count, count, replace: false) }

    /// Draws `size` of the numbers from 0 up to (and without) `count`, all equally likely.
    ///
    /// Without replacement `size` must not be larger than `count`; at most `count` are drawn then.
    public func sample(_ count: Int, _ size: Int, replace: Bool) -> [Int] {
        guard count > 0, size > 0 else { return [] }
        if replace || size < 2 {
            return (0..<size).map { _ in Int(index(below: Double(count))) }
        }
        // R draws by hashing when few of very many are wanted: the numbers differ from those of the other way.
        if count > 10_000_000, size <= count / 2 {
            var seen: Set<Int> = []
            return (0..<size).map { _ in
                while true {
                    let candidate = Int(index(below: Double(count)))
                    if seen.insert(candidate).inserted { return candidate }
                }
            }
        }
        var pool = Array(0..<count)
        var left = count
        return (0..<min(size, count)).map { _ in
            let place = Int(index(below: Double(left)))
            let drawn = pool[place]
            left -= 1
            pool[place] = pool[left]
            return drawn
        }
    }

    /// Draws `size` of the numbers from 0 up to (and without) `weights.count`, each as likely as its weight says.
    /// - Throws: for weights that are negative, not finite, or too few positive ones (R's texts).
    public func sample(weights: [Double], _ size: Int, replace: Bool) throws -> [Int] {
        var positive = 0
        var sum = 0.0
        for weight in weights {
            guard weight.isFinite else { throw WorkbenchError(.value, "NA in probability vector") }
            guard weight >= 0 else { throw WorkbenchError(.value, "negative probability") }
            if weight > 0 {
                positive += 1
                sum += weight
            }
        }
        if positive == 0 || (!replace && size > positive) {
            throw WorkbenchError(.value, "too few positive probabilities")
        }
        var p = weights.map { $0 / sum }
        let n = p.count
        if replace {
            if p.filter({ Double(n) * $0 > 0.1 }).count > 200 { return walkerSample(p, size) }
            let order = descendingOrder(&p)
            for i in p.indices.dropFirst() { p[i] += p[i - 1] }
            return (0..<size).map { _ in
                let u = uniform()
                var j = 0
                while j < n - 1, u > p[j] { j += 1 }
                return order[j]
            }
        }
        var order = descendingOrder(&p)
        var total = 1.0
        var last = n - 1
        return (0..<size).map { _ in
            let target = total * uniform()
            var mass = 0.0
            var j = 0
            while j < last {
                mass += p[j]
                if target <= mass { break }
                j += 1
            }
            let drawn = order[j]
            total -= p[j]
            var k = j
            while k < last {
                p[k] = p[k + 1]
                order[k] = order[k + 1]
                k += 1
            }
            last -= 1
            return drawn
        }
    }

    /// Walker's alias method (1977), for more than 200 likely values.
    private func walkerSample(_ p: [Double], _ size: Int) -> [Int] {
        let n = p.count
        var q = p.map { $0 * Double(n) }
        var order = [Int](repeating: 0, count: n)
        var alias = [Int](repeating: 0, count: n)
        var low = -1
        var high = n
        for i in 0..<n {
            if q[i] < 1 {
                low += 1
                order[low] = i
            } else {
                high -= 1
                order[high] = i
            }
        }
        if low >= 0, high < n {
            for k in 0..<(n - 1) {
                let i = order[k]
                let j = order[high]
                alias[i] = j
                q[j] += q[i] - 1
                if q[j] < 1 { high += 1 }
                if high >= n { break }
            }
        }
        for i in 0..<n { q[i] += Double(i) }
        return (0..<size).map { _ in
            let k: Int
            let u: Double
            if sampleKind == .rounding {
                u = uniform() * Double(n)
                k = min(Int(u), n - 1)
            } else {
                k = Int(index(below: Double(n)))
                u = Double(k) + uniform()
            }
            return u < q[k] ? k : alias[k]
        }
    }

    /// Sorts into descending order and returns where each value came from: a heap sort, whose order of equal values
    /// decides which of them is drawn.
    private func descendingOrder(_ a: inout [Double]) -> [Int] {
        let n = a.count
        var ib = Array(0..<n)
        guard n > 1 else { return ib }
        var l = (n >> 1) + 1
        var ir = n
        while true {
            let ra: Double
            let ii: Int
            if l > 1 {
                l -= 1
                ra = a[l - 1]
                ii = ib[l - 1]
            } else {
                ra = a[ir - 1]
                ii = ib[ir - 1]
                a[ir - 1] = a[0]
                ib[ir - 1] = ib[0]
                ir -= 1
                if ir == 1 {
                    a[0] = ra
                    ib[0] = ii
                    return ib
                }
            }
            var i = l
            var j = l << 1
            while j <= ir {
                if j < ir, a[j - 1] > a[j] { j += 1 }
                if ra > a[j - 1] {
                    a[i - 1] = a[j - 1]
                    ib[i - 1] = ib[j - 1]
                    i = j
                    j += i
                } else {
                    j = ir + 1
                }
            }
            a[i - 1] = ra
            ib[i - 1] = ii
        }
    }
}
