/// A piece of source text that is kept alive as long as something points into it.
public final class SourceText: Sendable {
    /// File name as the user gave it, or nil for text typed at the prompt.
    public let file: String?
    /// The whole text in UTF-8.
    public let bytes: [UInt8]
    /// Byte offset at which each line begins; the first is 0.
    public let lineStarts: [Int]

    /// Keeps a text and finds its lines.
    public init(_ text: String, file: String? = nil) {
        self.file = file
        bytes = Array(text.utf8)
        var starts = [0]
        for (offset, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") { starts.append(offset + 1) }
        lineStarts = starts
    }

    /// Line (from 1) and column (bytes, from 0) of a byte offset.
    public func position(of offset: Int) -> (line: Int, column: Int) {
        let clamped = min(max(offset, 0), bytes.count)
        var low = 0
        var high = lineStarts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if lineStarts[middle] <= clamped { low = middle } else { high = middle }
        }
        return (low + 1, clamped - lineStarts[low])
    }

    /// Text of a line (from 1) without its line end; empty if there is no such line.
    public func line(_ number: Int) -> String {
        guard number >= 1, number <= lineStarts.count else { return "" }
        let start = lineStarts[number - 1]
        var end = number < lineStarts.count ? lineStarts[number] - 1 : bytes.count
        if end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
        return String(decoding: bytes[start..<max(start, end)], as: UTF8.self)
    }

    /// Text of a byte range, clamped to the text.
    public func text(in range: Range<Int>) -> String {
        String(decoding: bytes[range.clamped(to: 0..<bytes.count)], as: UTF8.self)
    }
}

/// A stretch of a source text, in bytes.
public struct SourceSpan: Sendable {
    /// The text it lies in.
    public let source: SourceText
    /// First byte.
    public let start: Int32
    /// One past the last byte.
    public let end: Int32

    /// Makes a span; offsets beyond two gigabytes are clamped.
    public init(_ source: SourceText, _ range: Range<Int>) {
        self.source = source
        start = Int32(clamping: range.lowerBound)
        end = Int32(clamping: range.upperBound)
    }

    /// The bytes it covers.
    public var range: Range<Int> { Int(start)..<Int(max(start, end)) }

    /// The text it covers, as written.
    public var text: String { source.text(in: range) }

    /// Line (from 1) and column (bytes, from 0) of its first byte.
    public var position: (line: Int, column: Int) { source.position(of: Int(start)) }

    /// The smallest span that covers this one and another of the same text.
    public func joined(with other: SourceSpan) -> SourceSpan {
        SourceSpan(source, Int(min(start, other.start))..<Int(max(end, other.end)))
    }
}
