import Testing

@testable import Session

@Suite struct ReplayComparisonTests {
    static let equal: [(String, String)] = [
        ("[1] 1", "[1] 1"),
        ("loss: 2.30259", "loss: 2.30260"),
        ("[1]  10.00001 9.5", "[1] 10.00002  9.5"),
        ("1e-05", "1.000001e-05"),
        ("<environment: 0x55d0c8a7b2c8>", "<environment: 0x7fffc8a7b000>"),
        ("• Total time: 94ms", "• Total time: 1.2s"),
        ("Time difference of 1.2 secs", "Time difference of 3 secs"),
        ("wrote /tmp/RtmpAbC/file12.csv", "wrote /tmp/RtmpXyZ/file99.csv"),
        ("at 12:34:56 on 2026-01-31", "at 01:02:03 on 2026-02-01"),
        ("0", "0.0"),
    ]
    static let unequal: [(String, String)] = [
        ("[1] 1", "[1] 2"),
        ("conv1", "conv2"),
        ("[1] 1.1", "[1] 1.2"),
        ("8,574,792", "8,574,793"),
        ("8574792", "8574793"),
        ("Loss: 1.5", "loss: 1.5"),
        ("[1] TRUE", "[1] FALSE"),
        ("NaN", "1.0"),
        ("a b", "ab"),
        ("1.0 2.0", "1.0"),
        ("-1.5", "1.5"),
        ("1e400", "1e401"),
        ("9007199254740993", "9007199254740992"),
        ("é", "e\u{301}"),
    ]

    @Test(arguments: equal) func `lines agree`(_ pair: (String, String)) {
        #expect(ReplayComparison(tolerance: 1e-5).agree(pair.0, pair.1))
    }

    @Test(arguments: unequal) func `lines differ`(_ pair: (String, String)) {
        #expect(!ReplayComparison(tolerance: 1e-5).agree(pair.0, pair.1))
    }

    @Test func `three points stand for any lines`() {
        let comparison = ReplayComparison(tolerance: 0)
        #expect(comparison.differences(["a", "...", "z"], ["a", "z"]) == nil)
        #expect(comparison.differences(["a", "...", "z"], ["a", "b", "c", "z"]) == nil)
        #expect(comparison.differences(["a", "...", "z"], ["a", "b"]) != nil)
        #expect(comparison.differences(["..."], []) == nil)
        #expect(comparison.differences(["...", "b", "...", "b"], ["a", "b", "c", "b"]) == nil)
        #expect(comparison.differences(["...", "b", "...", "b"], ["a", "b", "c"]) != nil)
        #expect(comparison.differences(["...", "b", "c", "..."], ["b", "b", "c", "d"]) == nil)
        // In time that grows with the product of both, not exponentially.
        let points = Array(repeating: ["...", "a"], count: 20).flatMap { $0 } + ["z"]
        #expect(comparison.differences(points, Array(repeating: "a", count: 2000)) != nil)
    }

    @Test func `a tolerance of nothing is exact also near zero`() {
        #expect(!ReplayComparison(tolerance: 0).agree("1e-10", "9e-10"))
        #expect(ReplayComparison(tolerance: 1e-5).agree("1e-10", "9e-10"))
        #expect(ReplayComparison(tolerance: 1e-5).agree("0.0", "1.1e-17"))
    }

    @Test func `differences keep the order of lines`() {
        let found = ReplayComparison(tolerance: 0).differences(["a", "b", "d"], ["a", "c", "d"])
        #expect(found == [.same("a"), .missing("b"), .extra("c"), .same("d")])
    }
}
