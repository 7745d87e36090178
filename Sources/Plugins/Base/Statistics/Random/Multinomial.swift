import Diagnostics
import RRuntime

/// `rmultinom()`: how many of so many draws fall into each class.
func registerMultinomial(_ stats: Namespace) {
    stats.function(
        "rmultinom", [.value("n"), .value("size"), .value("prob")],
        help: "Numbers of draws in each of several classes, a column a time"
    ) { args in
        func count(_ name: String) throws -> Int {
            let number = try args.required(name).asDoubles().elements.first ?? .nan
            guard number >= 0, let whole = Int(exactly: number.rounded(.towardZero)), whole <= Int(Int32.max) else {
                throw WorkbenchError(.value, "invalid \(name == "n" ? "first argument 'n'" : "second argument 'size'")")
            }
            return whole
        }
        let (times, size) = (try count("n"), try count("size"))
        let given = try args.required("prob")
        let weights = try given.asDoubles().elements
        guard weights.allSatisfy({ $0.isFinite }) else { throw WorkbenchError(.value, "NA in probability vector") }
        guard weights.allSatisfy({ $0 >= 0 }) else { throw WorkbenchError(.value, "negative probability") }
        let total = weights.reduce(0, +)
        guard total > 0 else { throw WorkbenchError(.value, "no positive probabilities") }
        let (cells, overflow) = times.multipliedReportingOverflow(by: weights.count)
        guard !overflow else { throw args.invalid("n") }
        try MemoryDoor.check(count: cells, elementBytes: MemoryLayout<Int32?>.stride)
        let random = args.context.random
        var result: [Int32?] = []
        result.reserveCapacity(cells)
        for _ in 0..<times {
            try args.context.pollInterrupt()
            var left = size
            var mass = 1.0
            for (place, weight) in weights.enumerated() {
                let share = weight / total
                if left == 0 || share == 0 {
                    result.append(0)
                    continue
                }
                var drawn = left
                if place < weights.count - 1, share / mass < 1 {
                    drawn = Int(exactly: random.binomial(size: Double(left), probability: share / mass)) ?? 0
                }
                result.append(Int32(clamping: drawn))
                left -= drawn
                mass -= share
            }
        }
        let matrix = Value.integer(Vector(result)).setting(Symbol.dim, .ints([weights.count, times]))
        guard let names = given.names else { return matrix }
        return matrix.setting(Symbol.dimnames, .items([.character(Vector(names)), .null]))
    }
}
