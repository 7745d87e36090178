/// A name that the prompt offers, and in one word what it is.
public struct Completion: Hashable, Sendable {
    /// The name.
    public let name: String
    /// `method`, `field`, `function`, `list`, … or empty.
    public let kind: String

    /// Makes a candidate.
    public init(_ name: String, kind: String = "") {
        self.name = name
        self.kind = kind
    }
}
