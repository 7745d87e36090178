import Diagnostics

/// One element of a character vector: text that compares by its bytes, as R does in the C locale.
///
/// Swift's `String` compares canonically (`"é"` in one or two scalars is equal) and counts grapheme clusters; R does
/// neither. `nil` of `Text?` is `NA_character_`.
@frozen
public struct Text: Hashable, Comparable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The text.
    public var string: String

    /// Wraps a string.
    @inlinable public init(_ string: String) { self.string = string }
    /// Wraps a literal.
    @inlinable public init(stringLiteral value: String) { string = value }

    /// The text.
    public var description: String { string }
    /// No bytes at all.
    @inlinable public var isEmpty: Bool { string.isEmpty }

    /// Equal bytes.
    @inlinable public static func == (a: Text, b: Text) -> Bool {
        a.string.utf8.count == b.string.utf8.count && a.string.utf8.elementsEqual(b.string.utf8)
    }

    /// Order of the bytes (C locale).
    @inlinable public static func < (a: Text, b: Text) -> Bool {
        a.string.utf8.lexicographicallyPrecedes(b.string.utf8)
    }

    /// Hashes the bytes.
    @inlinable public func hash(into hasher: inout Hasher) {
        var copy = string
        copy.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }

    /// Begins with the bytes of another text.
    @inlinable public func hasPrefix(_ prefix: String) -> Bool { string.utf8.starts(with: prefix.utf8) }
}

extension Sequence<Text> {
    /// Sorted by their bytes.
    public func inByteOrder() -> [Text] { ordered { $0 < $1 } }
}
