import Diagnostics
import Testing

/// Sorting of names, numbers and places.
@Suite struct OrderingTests {
    /// Canonically equal texts are equal to `String`, and not to R in the C locale.
    @Test func names() {
        let names = ["e\u{301}", "\u{e9}", "f", "Z", "a", ""]
        #expect(
            names.inByteOrder().map { Array($0.utf8) }
                == ["", "Z", "a", "e\u{301}", "f", "\u{e9}"].map { Array($0.utf8) })
    }

    @Test func equalOnesStay() {
        let pairs = [(2, "a"), (1, "b"), (2, "c"), (1, "d")]
        #expect(pairs.ordered { $0.0 < $1.0 }.map { $0.1 } == ["b", "d", "a", "c"])
        #expect(places(4) { pairs[$0].0 > pairs[$1].0 } == [0, 2, 1, 3])
        #expect(places(0) { _, _ in false }.isEmpty)
    }

    @Test func numbers() { #expect(Set([3, -.infinity, 0.5]).ascending() == [-.infinity, 0.5, 3]) }

    @Test func errorsPass() {
        struct Refusal: Error {}
        #expect(throws: Refusal.self) { try [1, 2].ordered { _, _ in throw Refusal() } }
    }
}
