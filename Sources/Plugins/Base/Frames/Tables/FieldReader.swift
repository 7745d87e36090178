import BaseValues
import Diagnostics
import RRuntime

/// Splits lines of a table into fields: separators, quotes, comments.
struct FieldReader {
    /// Separator byte, or nil for white space.
    var separator: UInt8?
    /// Bytes that open and close quoted fields.
    var quotes: [UInt8]
    /// Byte that begins a comment, or nil.
    var comment: UInt8?
    /// Blanks around unquoted fields are dropped.
    var stripsBlanks: Bool

    /// A row: its fields, and whether each was quoted.
    typealias Row = [(text: String, isQuoted: Bool)]

    /// The rows of lines; quoted fields may go over several lines. Blank lines give empty rows.
    func rows(_ lines: [String]) -> [Row] {
        var rows: [Row] = []
        var index = 0
        while index < lines.count { rows.append(row(lines, &index)) }
        return rows
    }

    /// The row that begins with a line, which is counted on beyond the row. A quote that stays open ends with the text.
    private func row(_ lines: [String], _ index: inout Int) -> Row {
        var bytes = Array(lines[index].utf8)
        index += 1
        var row: Row = []
        var place = 0
        let isBlank: (UInt8) -> Bool = { $0 == 32 || $0 == 9 }
        while true {
            if separator == nil { while place < bytes.count, isBlank(bytes[place]) { place += 1 } }
            if place >= bytes.count || bytes[place] == comment {
                if separator != nil, !row.isEmpty || place < bytes.count && place > 0 { row.append(("", false)) }
                return row
            }
            var field: [UInt8] = []
            var isQuoted = false
            var lastQuoted = 0
            while place < bytes.count {
                let byte = bytes[place]
                if byte == comment {
                    place = bytes.count
                    break
                }
                if let separator { if byte == separator { break } } else if isBlank(byte) { break }
                let opens = separator == nil ? field.isEmpty && !isQuoted : true
                if opens, quotes.contains(byte) {
                    isQuoted = true
                    place += 1
                    while true {
                        if place >= bytes.count {
                            // The field goes on in the next line.
                            guard index < lines.count else { break }
                            bytes.append(10)
                            bytes += lines[index].utf8
                            index += 1
                        }
                        if bytes[place] == UInt8(ascii: "\\"), separator == nil, place + 1 < bytes.count {
                            if !quotes.contains(bytes[place + 1]) { field.append(bytes[place]) }
                            field.append(bytes[place + 1])
                            place += 2
                        } else if bytes[place] == byte {
                            if separator != nil, place + 1 < bytes.count, bytes[place + 1] == byte {
                                field.append(byte)
                                place += 2
                            } else {
                                place += 1
                                break
                            }
                        } else {
                            field.append(bytes[place])
                            place += 1
                        }
                    }
                    lastQuoted = field.count
                    continue
                }
                field.append(byte)
                place += 1
            }
            var slice = field[...]
            if stripsBlanks, separator != nil {
                if !isQuoted { while let first = slice.first, isBlank(first) { slice = slice.dropFirst() } }
                while let last = slice.last, isBlank(last), slice.endIndex > lastQuoted { slice = slice.dropLast() }
            }
            row.append((String(decoding: slice, as: UTF8.self), isQuoted))
            guard place < bytes.count else { return row }
            if separator != nil {
                place += 1
                if place >= bytes.count {
                    row.append(("", false))
                    return row
                }
            }
        }
    }
}

/// What `type.convert` makes of texts: the first of logical, integer, double, complex-free, text that fits all.
func converted(
    _ texts: [Text?], missing: Set<Text>, decimal: UInt8 = 46, asFactors: Bool, _ context: Context
) throws -> Value {
    func isAbsent(_ text: Text?) -> Bool {
        guard let text else { return true }
        return missing.contains(text) || text.string.utf8.allSatisfy { $0 == 32 || $0 == 9 }
    }
    let present = texts.filter { !isAbsent($0) }.compactMap { $0?.string }
    if present.isEmpty, texts.allSatisfy({ isAbsent($0) }) {
        return .logical(Vector(texts.map { _ in nil }))
    }
    if present.allSatisfy({ ["T", "F", "TRUE", "FALSE"].contains($0) }) {
        return .logical(Vector(texts.map { isAbsent($0) ? nil : $0?.string.hasPrefix("T") }))
    }
    func number(_ text: String) -> Double? {
        guard decimal != 46 else { return parseNumber(text) }
        return parseNumber(String(decoding: text.utf8.map { $0 == decimal ? 46 : $0 }, as: UTF8.self))
    }
    func whole(_ text: String) -> Int32? {
        var bytes = Array(text.utf8)[...]
        while let first = bytes.first, first == 32 { bytes = bytes.dropFirst() }
        while let last = bytes.last, last == 32 { bytes = bytes.dropLast() }
        guard let value = Int32(String(decoding: bytes, as: UTF8.self)), value != Int32.min else { return nil }
        return value
    }
    if present.allSatisfy({ whole($0) != nil }) {
        return .integer(Vector(texts.map { text in isAbsent(text) ? nil : text.flatMap { whole($0.string) } }))
    }
    if present.allSatisfy({ number($0) != nil }) {
        return .double(Vector(texts.map { text in isAbsent(text) ? .na : text.flatMap { number($0.string) } ?? .na }))
    }
    let kept = Value.character(Vector(texts.map { text in text.flatMap { missing.contains($0) ? nil : $0 } }))
    return asFactors ? try makeFactor(of: kept, context) : kept
}
