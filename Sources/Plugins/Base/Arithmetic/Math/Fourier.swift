import Diagnostics
import Glibc
import RRuntime

/// Registers `fft`, `convolve`.
func registerFourier(_ stats: Namespace) {
    stats.function(
        "fft", [.value("z"), .value("inverse", false)],
        help: "Discrete Fourier transform, of arrays along all dimensions; not normalised."
    ) { args in
        let z = try args.required("z")
        guard z.isNumeric || z.typeName == "complex" || z.typeName == "logical" else {
            throw WorkbenchError(.type, "non-numeric argument")
        }
        var values = try z.asComplexes().elements
        let inverse = try args.flag("inverse")
        let dim = z.dim ?? [values.count]
        var step = 1
        for size in dim {
            guard size > 1 else { continue }
            for start in lineStarts(values.count, size, step) {
                try args.context.pollInterrupt()
                let line = try transformed((0..<size).map { values[start + $0 * step] }, inverse, args.context)
                for k in 0..<size { values[start + k * step] = line[k] }
            }
            step *= size
        }
        let result = Value.complex(Vector(values))
        return z.dim == nil ? result : result.setting(Symbol.dim, z.attribute(Symbol.dim))
    }
    stats.function(
        "convolve", [.value("x"), .value("y"), .value("conj", true), .value("type", "circular")],
        help: "Convolution of two sequences."
    ) { args in
        let x = try args.required("x").asDoubles().elements, y = try args.required("y").asDoubles().elements
        let word = try args.string("type")
        guard let type = ["circular", "open", "filter"].first(where: { $0.hasPrefix(word) }) else {
            throw WorkbenchError(.value, "'arg' should be one of ‘circular’, ‘open’, ‘filter’")
        }
        let (n, m) = (x.count, y.count)
        guard n > 0, m > 0 else { throw WorkbenchError(.value, "non-numeric argument") }
        if type == "circular" {
            guard n == m else { throw WorkbenchError(.value, "length mismatch in convolution") }
            let turned = try args.flag("conj")
            return .numbers(
                try (0..<n).map { k in
                    try args.context.pollInterrupt()
                    return (0..<n).reduce(0) { $0 + x[(k + $1) % n] * y[turned ? $1 : (n - $1) % n] }
                })
        }
        // r[k] = Σ x[k − m + j]·y[j] over all overlaps; "filter" keeps the full ones.
        let all = try (0..<(n + m - 1)).map { k -> Double in
            try args.context.pollInterrupt()
            return (0..<m).reduce(0) { sum, j in
                let i = k - (m - 1) + j
                return i >= 0 && i < n ? sum + x[i] * y[j] : sum
            }
        }
        return .numbers(type == "open" ? all : Array(all.dropFirst(min(n, m) - 1).dropLast(min(n, m) - 1)))
    }
}

/// Where the lines along one dimension begin.
private func lineStarts(_ count: Int, _ size: Int, _ step: Int) -> [Int] {
    (0..<(count / size)).map { ($0 / step) * step * size + $0 % step }
}

/// The transform of one line, by its smallest prime factors.
private func transformed(_ x: [Complex], _ inverse: Bool, _ context: Context) throws -> [Complex] {
    let n = x.count
    if n <= 1 { return x }
    let factor = (2...n).first { $0 * $0 > n || n % $0 == 0 }.flatMap { n % $0 == 0 ? $0 : n } ?? n
    func unit(_ k: Int) -> Complex {
        // Exact where it is a corner of a square.
        if 4 * (k % n) % n == 0 {
            let corner = [(1.0, 0.0), (0, -1), (-1, 0), (0, 1)][4 * (k % n) / n]
            return Complex(corner.0, inverse ? -corner.1 : corner.1)
        }
        let angle = (inverse ? 2.0 : -2.0) * .pi * Double(k % n) / Double(n)
        return Complex(cos(angle), sin(angle))
    }
    let m = n / factor
    let units = (0..<n).map(unit)
    let parts =
        m == 1
        ? x.map { [$0] }
        : try (0..<factor).map { r in try transformed((0..<m).map { x[$0 * factor + r] }, inverse, context) }
    return try (0..<n).map { k in
        if factor > 64 { try context.pollInterrupt() }
        var real = 0.0, imaginary = 0.0
        for r in 0..<factor {
            let value = parts[r][k % m], w = units[(r * k) % n]
            real += value.real * w.real - value.imaginary * w.imaginary
            imaginary += value.real * w.imaginary + value.imaginary * w.real
        }
        return Complex(real, imaginary)
    }
}
