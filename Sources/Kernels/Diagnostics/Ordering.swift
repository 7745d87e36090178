// Every module that sorts gets its own copies of the standard library's sort, one for each type, which take the compiler
// longer than what they are used for. Names, and whatever else there are few of, are sorted here.

extension Sequence {
    /// The elements in the order that a comparison gives them; equal ones stay in theirs.
    @inlinable
    public func ordered(by precedes: (Element, Element) throws -> Bool) rethrows -> [Element] {
        let all = Array(self)
        return try places(all.count) { try precedes(all[$0], all[$1]) }.map { all[$0] }
    }
}

extension Sequence<String> {
    /// Sorted by their bytes: R's order in the C locale, which is ours for names and files everywhere.
    public func inByteOrder() -> [String] { sortedByBytes(Array(self)) }
}

extension Sequence<Double> {
    /// Sorted from the least to the greatest; there must be no NaN among them.
    public func ascending() -> [Double] { sortedNumbers(Array(self)) }
}

/// The places from 0 up to a count in the order that a comparison gives them; equal ones stay in theirs.
@inline(never) @_semantics("optimize.no.crossmodule")
public func places(_ count: Int, inOrder precedes: (Int, Int) throws -> Bool) rethrows -> [Int] {
    try (0..<count).sorted(by: precedes)
}

@inline(never) @_semantics("optimize.no.crossmodule")
private func sortedByBytes(_ texts: [String]) -> [String] {
    texts.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
}

@inline(never) @_semantics("optimize.no.crossmodule")
private func sortedNumbers(_ numbers: [Double]) -> [Double] { numbers.sorted() }
