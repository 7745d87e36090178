import TestSupport
import Testing

/// Closures made in `forward` see the activations of their batch; what they hold must go, whatever ends a fit.
@Suite struct MemoryTests {
    @Test func `200 steps and 20 calls of lr_finder grow by less than 20 MB each`() throws {
        let run = Subprocess(arguments: [packageRoot + "/scripts/benchmarks/memory.R"])
        #expect(run.status == 0, "\(run.errors)")
        let numbers = run.output.split(separator: " ").compactMap { Double($0) }
        // "memory grows by 1.2 MB in 200 steps, 3.4 MB in 20 lr_finder() calls"
        try #require(numbers.count == 4, "\(run.output)")
        #expect(numbers[0] < 20)
        #expect(numbers[2] < 20)
    }
}
