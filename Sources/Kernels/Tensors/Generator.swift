import CKernels
import Diagnostics
import Glibc

/// libtorch's random numbers on the CPU: mt19937 and everything made from its draws, to the last bit.
///
/// With the seed that R torch was given, tensors, initial weights, dropout masks and shuffles are those of R torch.
/// A session owns one and hands it to whatever draws; two generators never share state.
///
/// - Source: libtorch 2.8 on x86-64 with vector instructions.
public final class Generator: @unchecked Sendable {
    private var state = KernelGenerator()

    /// Makes a generator from a seed.
    public init(seed: UInt64 = 5489) { kernel_random_seed(&state, seed) }

    /// Starts anew from a seed (`torch_manual_seed`).
    public func seed(_ seed: UInt64) { kernel_random_seed(&state, seed) }

    /// The seed it was last started from.
    public var initialSeed: UInt64 { state.seed }

    /// The whole state, for checkpoints.
    public var stateBytes: [UInt8] { withUnsafeBytes(of: &state) { Array($0) } }

    /// Continues from a state that ``stateBytes`` gave.
    ///
    /// - Throws: ``WorkbenchError`` of kind `.value` if it is none.
    public func restore(_ bytes: [UInt8]) throws {
        guard bytes.count == MemoryLayout<KernelGenerator>.size else {
            throw WorkbenchError(
                .value,
                "a generator's state has \(MemoryLayout<KernelGenerator>.size) bytes, these are \(bytes.count)")
        }
        var fresh = KernelGenerator()
        withUnsafeMutableBytes(of: &fresh) { $0.copyBytes(from: bytes) }
        guard fresh.left >= 0, fresh.left <= 624, fresh.next <= 624 else {
            throw WorkbenchError(.value, "these bytes are not a generator's state")
        }
        state = fresh
    }

    /// The next 32 random bits.
    public func random32() -> UInt32 { kernel_random_32(&state) }

    /// The next 64 random bits (two draws).
    public func random64() -> UInt64 { kernel_random_64(&state) }

    // MARK: Tensors

    /// Uniform numbers in [0, 1).
    public func rand(_ shape: [Int], _ dtype: DType = .float32) throws -> Tensor {
        let result = try Tensor.empty(shape, dtype)
        try fill(result) { try self.uniform($0, 0, 1) }
        return result
    }

    /// Standard normal numbers.
    public func randn(_ shape: [Int], _ dtype: DType = .float32) throws -> Tensor {
        let result = try Tensor.empty(shape, dtype)
        try fill(result) { try self.normal($0, 0, 1) }
        return result
    }

    /// Whole numbers in low ..< high.
    ///
    /// - Throws: ``WorkbenchError`` of kind `.value` if the range is empty.
    public func randint(_ low: Int64, _ high: Int64, _ shape: [Int], _ dtype: DType = .int64) throws -> Tensor {
        let result = try Tensor.empty(shape, dtype)
        try fillWhole(result, low, high)
        return result
    }

    /// 0 ..< n in random order.
    public func randperm(_ n: Int, _ dtype: DType = .int64) throws -> Tensor {
        guard n >= 0 else { throw WorkbenchError(.value, "n must be non-negative, got \(n)") }
        _ = try Storage.elementCount(of: [n], dtype: .int64)
        var order = Array(0..<n)
        if n > 1 {
            for i in 0..<(n - 1) {
                let z = n < Int(UInt32.max) / 20 ? Int(random32() % UInt32(n - i)) : Int(random64() % UInt64(n - i))
                order.swapAt(i, i + z)
            }
        }
        return try Tensor(order, dtype: dtype)
    }

    /// One uniform in [0, 1) of 53 bits.
    public func uniform53() -> Double { kernel_random_double(&state) }

    /// 1 with the probability that each element of `p` gives, else 0.
    ///
    /// - Throws: ``WorkbenchError`` of kind `.value` for a probability outside [0, 1].
    public func bernoulli(_ p: Tensor) throws -> Tensor {
        guard p.dtype.isFloating else {
            throw WorkbenchError(.runtime, "bernoulli needs probabilities of a floating type, not \(p.dtype.torchName)")
        }
        let probabilities = p.toArray(of: Double.self)
        for q in probabilities where !(q >= 0 && q <= 1) {
            throw WorkbenchError(.value, "Expected p_in >= 0 && p_in <= 1 to be true, but got \(q)")
        }
        // Single-precision probabilities meet single-precision uniforms, as in libtorch.
        let draws: [Double] =
            p.dtype == .float32
            ? probabilities.map { Float(random32() & 0xff_ffff) * 0x1p-24 < Float($0) ? 1 : 0 }
            : probabilities.map { kernel_random_double(&state) < $0 ? 1 : 0 }
        return try Tensor(draws, shape: p.shape, dtype: p.dtype)
    }

    /// Indices 0 ..< n drawn with the given weights, from each row of a matrix or from a vector.
    public func multinomial(_ weights: Tensor, count: Int, replacement: Bool = false) throws -> Tensor {
        guard weights.dimensions == 1 || weights.dimensions == 2, weights.dtype.isFloating else {
            throw WorkbenchError(.value, "prob_dist must be 1 or 2 dim and floating, got \(weights.typeText)")
        }
        let n = weights.shape[weights.dimensions - 1]
        guard count > 0 else { throw WorkbenchError(.value, "cannot sample n_sample <= 0 samples") }
        guard replacement || count <= n else {
            throw WorkbenchError(
                .value, "cannot sample n_sample > prob_dist.size(-1) samples without replacement: \(count) > \(n)")
        }
        let values = weights.toArray(of: Double.self)
        for w in values where !(w >= 0 && w.isFinite) {
            throw WorkbenchError(.value, "probability tensor contains either `inf`, `nan` or element < 0: \(w)")
        }
        let rows = weights.dimensions == 1 ? 1 : weights.shape[0]
        guard n > 0 else { throw WorkbenchError(.value, "cannot sample from an empty distribution") }
        for row in 0..<rows where values[row * n..<(row + 1) * n].allSatisfy({ $0 == 0 }) {
            throw WorkbenchError(.value, "invalid multinomial distribution (sum of probabilities <= 0)")
        }
        _ = try Tensor.empty(weights.dimensions == 1 ? [count] : [rows, count], .int64)
        var result: [Int] = []
        if replacement {
            for row in 0..<rows {
                var total = 0.0
                var cumulative = values[row * n..<(row + 1) * n].map { w -> Double in
                    total += w
                    return total
                }
                cumulative = cumulative.map { $0 / total }
                for _ in 0..<count {
                    let u = kernel_random_double(&state)
                    result.append(Swift.min(n - 1, cumulative.firstIndex { $0 >= u } ?? n - 1))
                }
            }
        } else {
            let q = try Tensor.empty(weights.shape, weights.dtype)
            try fill(q) { try self.exponential($0, 1) }
            let score = try weights.detached().div(q)
            let order = try score.topk(count, -1).indices
            return order
        }
        return try Tensor(result, shape: weights.dimensions == 1 ? [count] : [rows, count])
    }

    // MARK: Filling

    /// Lets `body` fill a row-major tensor and copies if `x` is stored otherwise.
    func fill(_ x: Tensor, _ body: (Tensor) throws -> Void) throws {
        if x.isContiguous { return try body(x) }
        let row = try Tensor.empty(x.shape, x.dtype)
        try body(row)
        try x.copyElements(from: row)
    }

    func uniform(_ x: Tensor, _ from: Double, _ to: Double) throws {
        switch x.dtype {
        case .float32: kernel_random_uniform_f32(&state, x.typed(Float.self), x.count, from, to)
        case .float64: kernel_random_uniform_f64(&state, x.typed(Double.self), x.count, from, to)
        default: throw WorkbenchError(.runtime, "\"check_uniform_bounds\" not implemented for '\(x.dtype.torchName)'")
        }
    }

    func normal(_ x: Tensor, _ mean: Double, _ std: Double) throws {
        switch x.dtype {
        case .float32: kernel_random_normal_f32(&state, x.typed(Float.self), x.count, mean, std)
        case .float64: kernel_random_normal_f64(&state, x.typed(Double.self), x.count, mean, std)
        default: throw WorkbenchError(.runtime, "\"normal_kernel_cpu\" not implemented for '\(x.dtype.torchName)'")
        }
    }

    func exponential(_ x: Tensor, _ rate: Double) throws {
        guard x.dtype.isFloating else {
            throw WorkbenchError(
                .runtime,
                "Exponential distribution is a continuous probability distribution. dtype must be a floating point but you specified \(x.dtype.torchName)"
            )
        }
        let draws = (0..<x.count).map { _ in -1 / rate * Glibc.log1p(-kernel_random_double(&state)) }
        try x.copyElements(from: Tensor(draws, shape: x.shape))
    }

    func bernoulli(_ x: Tensor, _ p: Double) throws {
        var draws = [UInt8](repeating: 0, count: x.count)
        draws.withUnsafeMutableBufferPointer { buffer in
            if let base = buffer.baseAddress { kernel_random_bernoulli(&state, base, buffer.count, p) }
        }
        try x.copyElements(from: Tensor(draws, shape: x.shape))
    }

    func fillWhole(_ x: Tensor, _ low: Int64, _ high: Int64) throws {
        guard low < high else {
            throw WorkbenchError(
                .value, "random_ expects 'from' to be less than 'to', but got from=\(low) >= to=\(high)")
        }
        let range = UInt64(bitPattern: high &- low)
        let values = (0..<x.count).map { _ -> Int64 in
            let r = range >= 1 << 28 ? random64() % range : UInt64(random32()) % range
            return low &+ Int64(bitPattern: r)
        }
        try x.copyElements(from: Tensor(values, shape: x.shape))
    }
}

extension Tensor {
    private func drawn(_ generator: Generator, _ body: (Tensor) throws -> Void) throws -> Tensor {
        try checkMayChange()
        try generator.fill(self, body)
        changed(by: detached())
        return self
    }

    /// Fills with uniform numbers in [from, to).
    ///
    /// - Throws: ``WorkbenchError`` of kind `.value` if from > to.
    @discardableResult
    public func uniform_(_ from: Double = 0, _ to: Double = 1, _ generator: Generator) throws -> Tensor {
        guard from <= to else {
            throw WorkbenchError(
                .value, "uniform_ expects to return a [from, to) range, but found from=\(from) > to=\(to)")
        }
        return try drawn(generator) { try generator.uniform($0, from, to) }
    }

    /// Fills with normal numbers.
    ///
    /// - Throws: ``WorkbenchError`` of kind `.value` for a negative standard deviation.
    @discardableResult
    public func normal_(_ mean: Double = 0, _ std: Double = 1, _ generator: Generator) throws -> Tensor {
        guard std >= 0 else { throw WorkbenchError(.value, "normal expects std >= 0.0, but found std \(std)") }
        return try drawn(generator) { try generator.normal($0, mean, std) }
    }

    /// Fills with exponential numbers.
    @discardableResult
    public func exponential_(_ rate: Double = 1, _ generator: Generator) throws -> Tensor {
        guard rate > 0 else {
            throw WorkbenchError(.value, "exponential_ expects lambda > 0.0, but found lambda=\(rate)")
        }
        return try drawn(generator) { try generator.exponential($0, rate) }
    }

    /// Fills with 1 (probability p) and 0.
    @discardableResult
    public func bernoulli_(_ p: Double, _ generator: Generator) throws -> Tensor {
        guard p >= 0, p <= 1 else {
            throw WorkbenchError(.value, "bernoulli_ expects p to be in [0, 1], but got p=\(p)")
        }
        return try drawn(generator) { try generator.bernoulli($0, p) }
    }

    /// Fills with whole numbers in low ..< high.
    @discardableResult
    public func random_(_ low: Int64, _ high: Int64, _ generator: Generator) throws -> Tensor {
        try drawn(generator) { try generator.fillWhole($0, low, high) }
    }
}
