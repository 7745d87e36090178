import Diagnostics
import Glibc

/// R's random number generator: Mersenne Twister, normal numbers by inversion, `sample` by rejection of random bits.
///
/// `set.seed(1)` starts the same stream as in R. Everything of a session that draws like R (samplers, shuffling,
/// transforms, mixup) draws from its one generator, ``Context/random``. Source: Matsumoto and Nishimura (1998); R's
/// `?RNG` for seeding and the layout of `.Random.seed`.
public final class RRandom: @unchecked Sendable {
    /// How `sample` makes whole numbers.
    public enum SampleKind: Int, Sendable {
        /// R before 3.6: `floor(n * u)`, slightly biased for large n.
        case rounding = 0
        /// Random bits, rejected when too large.
        case rejection = 1
    }

    /// How `sample` makes whole numbers.
    public var sampleKind = SampleKind.rejection
    private var words: [UInt32]
    private var position: Int
    /// Whether a seed was given or drawn already.
    private var isSeeded = false
    /// The seed that `set.seed()` was last given; nil if the state comes from elsewhere.
    public private(set) var givenSeed: Int32?

    /// Number of words of the twister.
    static let wordCount = 624

    /// Makes a generator that is seeded from the clock when first used.
    public init() {
        words = [UInt32](repeating: 0, count: RRandom.wordCount)
        position = RRandom.wordCount
    }

    /// Makes a generator as `set.seed(seed)` would leave it.
    public convenience init(seed: Int32) {
        self.init()
        self.seed(seed)
    }

    /// `set.seed(seed)`.
    public func seed(_ seed: Int32) {
        var state = UInt32(bitPattern: seed)
        for _ in 0..<50 { state = 69069 &* state &+ 1 }
        // The first of the 625 numbers is the position, overwritten by "all words used up".
        state = 69069 &* state &+ 1
        for index in 0..<RRandom.wordCount {
            state = 69069 &* state &+ 1
            words[index] = state
        }
        position = RRandom.wordCount
        isSeeded = true
        givenSeed = seed
    }

    /// Seeds from the clock and the process, as R does when no seed was set.
    public func seedFromClock() {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let mixed = UInt64(truncatingIfNeeded: now.tv_nsec) << 16 ^ UInt64(truncatingIfNeeded: now.tv_sec)
        seed(Int32(truncatingIfNeeded: mixed ^ UInt64(truncatingIfNeeded: getpid()) << 16))
        givenSeed = nil
    }

    // MARK: Uniform numbers

    /// A number of the open interval from 0 to 1 with 32 random bits.
    public func uniform() -> Double {
        if position >= RRandom.wordCount {
            if !isSeeded { seedFromClock() }
            regenerate()
        }
        var y = words[position]
        position += 1
        y ^= y >> 11
        y ^= (y << 7) & 0x9d2c_5680
        y ^= (y << 15) & 0xefc6_0000
        y ^= y >> 18
        let value = Double(y) * 2.3283064365386963e-10
        let smallest = 0.5 * 2.328306437080797e-10
        if value <= 0 { return smallest }
        if 1 - value <= 0 { return 1 - smallest }
        return value
    }

    private func regenerate() {
        words.withUnsafeMutableBufferPointer { mt in
            let n = RRandom.wordCount
            let m = 397
            func mixed(_ high: UInt32, _ low: UInt32) -> UInt32 {
                let y = (high & 0x8000_0000) | (low & 0x7fff_ffff)
                return (y >> 1) ^ (y & 1 == 0 ? 0 : 0x9908_b0df)
            }
            var k = 0
            while k < n - m {
                mt[k] = mt[k + m] ^ mixed(mt[k], mt[k + 1])
                k += 1
            }
            while k < n - 1 {
                mt[k] = mt[k + m - n] ^ mixed(mt[k], mt[k + 1])
                k += 1
            }
            mt[n - 1] = mt[m - 1] ^ mixed(mt[n - 1], mt[0])
        }
        position = 0
    }

    /// A number between two limits; NaN for limits that are no interval.
    public func uniform(_ low: Double, _ high: Double) -> Double {
        if !low.isFinite || !high.isFinite || high < low { return .nan }
        if low == high { return low }
        return low + (high - low) * uniform()
    }

    /// A whole number from 0 up to (and without) a bound.
    public func index(below bound: Double) -> Double {
        if !(bound > 0) { return 0 }
        if sampleKind == .rounding {
            guard bound > 2_147_483_647 else { return floor(bound * uniform()) }
            let fine = 33_554_432.0
            return floor(bound * ((floor(fine * uniform()) + uniform()) / fine))
        }
        let bits = Int(ceil(log2(min(bound, 4.5e15))))
        while true {
            let candidate = Double(randomBits(bits))
            if candidate < bound { return candidate }
        }
    }

    private func randomBits(_ bits: Int) -> Int64 {
        var value: Int64 = 0
        var drawn = 0
        while drawn <= bits {
            value = 65536 &* value &+ Int64(floor(uniform() * 65536))
            drawn += 16
        }
        if bits < 64 { value &= (1 << Int64(bits)) - 1 }
        return value
    }

    // MARK: Normal and exponential numbers

    /// A standard normal number.
    public func normal() -> Double {
        let big = 134_217_728.0
        let first = uniform()
        let fine = floor(big * first) + uniform()
        return NormalDistribution.quantile(fine / big)
    }

    /// A normal number; NaN for a negative deviation.
    public func normal(mean: Double, sd: Double) -> Double {
        if mean.isNaN || !sd.isFinite || sd < 0 { return .nan }
        if sd == 0 || !mean.isFinite { return mean }
        return mean + sd * normal()
    }

    /// A standard exponential number: Ahrens and Dieter (1972), algorithm SA.
    public func exponential() -> Double {
        var sum = 0.0
        var u = uniform()
        while true {
            u += u
            if u > 1 { break }
            sum += RRandom.logTwoSums[0]
        }
        u -= 1
        if u <= RRandom.logTwoSums[0] { return sum + u }
        var smallest = uniform()
        var i = 0
        repeat {
            smallest = min(smallest, uniform())
            i += 1
        } while u > RRandom.logTwoSums[i]
        return sum + smallest * RRandom.logTwoSums[0]
    }

    /// Sums of ln(2)^k / k! for k from 1; the last is 1 and ends every search.
    private static let logTwoSums = [
        0.6931471805599453, 0.9333736875190459, 0.9888777961838676, 0.9984589039328338, 0.9998292811061389,
        0.9999833164100727, 0.9999985691438768, 0.9999998906925558, 0.9999999924734159, 0.9999999995283275,
        0.9999999999728814, 0.9999999999985598, 0.9999999999999289, 0.9999999999999968, 0.9999999999999999, 1.0,
    ]

    // MARK: State

    /// `.Random.seed`: 626 integers, kinds first, then position and words.
    public var state: Value {
        if !isSeeded { seedFromClock() }
        var numbers: [Int32?] = [Int32(10000 * sampleKind.rawValue + 403), Int32(position)]
        numbers.reserveCapacity(626)
        for word in words {
            let number = Int32(bitPattern: word)
            numbers.append(number == Int32.min ? nil : number)
        }
        return .integer(Vector(numbers))
    }

    /// Goes on where a generator was when `.Random.seed` was read.
    /// - Throws: when the value is no such state, or that of another generator.
    public func restore(_ state: Value) throws {
        guard case .integer(let numbers) = state, numbers.count == RRandom.wordCount + 2, let kind = numbers[0],
            let place = numbers[1]
        else {
            throw WorkbenchError(
                .value, "'.Random.seed' is not a valid seed",
                hint: "626 integers are wanted, as .Random.seed has them after set.seed(1)")
        }
        guard kind % 10000 == 403, let sampling = SampleKind(rawValue: Int(kind / 10000)) else {
            throw WorkbenchError(
                .unsupported, "'.Random.seed[1]' is \(kind): only Mersenne-Twister with inversion is there")
        }
        guard (0...Int32(RRandom.wordCount)).contains(place) else {
            throw WorkbenchError(.value, "'.Random.seed' is not a valid seed")
        }
        sampleKind = sampling
        position = Int(place)
        for index in 0..<RRandom.wordCount { words[index] = UInt32(bitPattern: numbers[index + 2] ?? Int32.min) }
        isSeeded = true
        givenSeed = nil
    }
}

extension Context {
    /// The session's generator. Its state is the variable `.Random.seed` of the global environment, as in R.
    public var random: RRandom {
        background?.random
            ?? storage(RRandom.self) {
                let generator = RRandom()
                let name = Symbol.named(".Random.seed")
                if let known = globalEnvironment.local(name) { try? generator.restore(known) }
                let access = Builtin(".Random.seed", namespace: "base", [Parameter.value("value")]) { args in
                    let generator = args.context.random
                    if args.has("value") {
                        try generator.restore(args[0])
                        return args[0]
                    }
                    return generator.state
                }
                globalEnvironment.define(name, .activeBinding(ActiveBinding(.builtin(access))))
                return generator
            }
    }
}
