/// The least-squares solution by Householder's reflections, columns that depend on earlier ones moved to the end: the
/// algorithm and the compact form of R's `qr()` (LINPACK's dqrdc with limited pivoting).
package struct LeastSquares {
    /// Columns of R above the diagonal, of the reflections on and below it.
    package private(set) var qr: [[Double]]
    /// The first component of each reflection.
    package private(set) var qraux: [Double]
    /// Columns in the order in which they were taken, from 0.
    package private(set) var pivot: [Int]
    /// Number of independent columns.
    package private(set) var rank: Int
    /// Number of rows.
    package let rows: Int

    package init(
        _ columns: [[Double]], rows: Int, tolerance: Double = 1e-7, poll: () throws -> Void = {}
    ) rethrows {
        self.rows = rows
        qr = columns
        let p = columns.count
        pivot = Array(0..<p)
        qraux = columns.map { LeastSquares.length($0[...]) }
        var current = qraux
        var original = qraux.map { $0 == 0 ? 1 : $0 }
        var k = p
        for l in 0..<min(rows, p) {
            try poll()
            while l < k, qraux[l] < original[l] * tolerance {
                let column = qr.remove(at: l)
                qr.append(column)
                pivot.append(pivot.remove(at: l))
                qraux.append(qraux.remove(at: l))
                current.append(current.remove(at: l))
                original.append(original.remove(at: l))
                k -= 1
            }
            if l == rows - 1 { break }
            var norm = LeastSquares.length(qr[l][l...])
            guard norm != 0 else { continue }
            if qr[l][l] != 0 { norm = qr[l][l] < 0 ? -abs(norm) : abs(norm) }
            for i in l..<rows { qr[l][i] /= norm }
            qr[l][l] += 1
            for j in (l + 1)..<max(l + 1, p) {
                var t = 0.0
                for i in l..<rows { t -= qr[l][i] * qr[j][i] }
                t /= qr[l][l]
                for i in l..<rows { qr[j][i] += t * qr[l][i] }
                guard qraux[j] != 0 else { continue }
                let ratio = abs(qr[j][l]) / qraux[j]
                let left = max(1 - ratio * ratio, 0)
                if left < 1e-6 {
                    qraux[j] = LeastSquares.length(qr[j][(l + 1)...])
                    current[j] = qraux[j]
                } else {
                    qraux[j] *= left.squareRoot()
                }
            }
            qraux[l] = qr[l][l]
            qr[l][l] = -norm
        }
        rank = min(k, rows)
    }

    /// Takes over a finished decomposition.
    package init(columns: [[Double]], qraux: [Double], pivot: [Int], rank: Int, rows: Int) {
        qr = columns
        self.qraux = qraux
        self.pivot = pivot
        self.rank = rank
        self.rows = rows
    }

    private static func length(_ x: ArraySlice<Double>) -> Double { x.reduce(0) { $0 + $1 * $1 }.squareRoot() }

    private func reflect(_ y: inout [Double], _ j: Int) {
        guard qraux[j] != 0, j < rows - 1 || rows == 1 else { return }
        let diagonal = qraux[j]
        var t = -diagonal * y[j]
        for i in (j + 1)..<max(j + 1, rows) { t -= qr[j][i] * y[i] }
        t /= diagonal
        y[j] += t * diagonal
        for i in (j + 1)..<max(j + 1, rows) { y[i] += t * qr[j][i] }
    }

    /// Qᵀy.
    package func effects(_ y: [Double]) -> [Double] {
        var y = y
        for j in 0..<min(rank, max(rows - 1, 0)) { reflect(&y, j) }
        return y
    }

    /// Qy.
    package func back(_ y: [Double]) -> [Double] {
        var y = y
        for j in (0..<min(rank, max(rows - 1, 0))).reversed() { reflect(&y, j) }
        return y
    }

    /// The solution of the first `rank` columns in pivoted order, given Qᵀy.
    package func solution(_ effects: [Double]) -> [Double] {
        var b = Array(effects.prefix(rank))
        for j in (0..<rank).reversed() {
            b[j] /= qr[j][j]
            for i in 0..<j { b[i] -= b[j] * qr[j][i] }
        }
        return b
    }

    /// (XᵀX)⁻¹ of the first `rank` columns in pivoted order, column by column.
    package var inverse: [[Double]] {
        // Rows of R⁻¹.
        var inverse = [[Double]](repeating: [Double](repeating: 0, count: rank), count: rank)
        for j in 0..<rank {
            for i in (0...j).reversed() {
                var sum = i == j ? 1.0 : 0
                for k in (i + 1)..<max(i + 1, j + 1) { sum -= qr[k][i] * inverse[k][j] }
                inverse[i][j] = sum / qr[i][i]
            }
        }
        return (0..<rank).map { a in
            (0..<rank).map { b in (max(a, b)..<rank).reduce(0) { $0 + inverse[a][$1] * inverse[b][$1] } }
        }
    }
}
