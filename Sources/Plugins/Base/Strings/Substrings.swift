import Diagnostics
import RRuntime
import TextValues

func registerSubstrings(_ base: Namespace) {
    base.function(
        "nchar",
        [.value("x"), .value("type", "chars"), .value("allowNA", false), .value("keepNA", code: "NA")],
        help: "Numbers of characters, bytes or columns of texts."
    ) { args in try characterCounts(args) }
    base.function("nzchar", [.value("x"), .value("keepNA", false)], help: "Whether texts have any characters.") {
        args in
        let value = try args.required("x")
        let texts = try args.context.asCharacters(value).elements
        let keep = try args.flag("keepNA")
        return .logical(
            Vector(texts.map { $0 == nil ? (keep ? nil : true) : !($0?.isEmpty ?? true) }, shapeAttributes(value)))
    }
    base.function(
        "substr", [.value("x"), .value("start"), .value("stop")], help: "Characters from one position to another."
    ) { args in
        let value = try args.required("x")
        let texts = try textElements(value, args)
        let result = try substrings(texts, try args.required("start"), try args.required("stop"), count: texts.count)
        return .character(Vector(result, textAttributes(value)))
    }
    base.function(
        "substring", [.value("text"), .value("first"), .value("last", 1_000_000)],
        help: "Characters from one position to another, all arguments recycled."
    ) { args in
        let value = try args.required("text")
        let texts = try textElements(value, args)
        let first = try args.required("first")
        guard !texts.isEmpty, first.length > 0, args[2].length > 0 else { return .character(Vector([])) }
        let count = max(texts.count, first.length, args[2].length)
        let recycled = (0..<count).map { texts[$0 % texts.count] }
        let result = try substrings(recycled, first, args[2], count: count)
        return .character(Vector(result, count == texts.count ? textAttributes(value) : nil))
    }
    for (name, first, last) in [("substr<-", "start", "stop"), ("substring<-", "first", "last")] {
        let lastParameter: Parameter = name == "substr<-" ? .value(last) : .value(last, 1_000_000)
        base.function(
            name, [.value(name == "substr<-" ? "x" : "text"), .value(first), lastParameter, .value("value")],
            help: "Overwrites characters of texts."
        ) { args in try replacedSubstrings(args) }
    }
    base.function("strtrim", [.value("x"), .value("width")], help: "Cuts texts to a number of columns.") { args in
        let value = try args.required("x")
        let texts = try textElements(value, args)
        let widths = try args["width"].asIntegers().elements
        guard !widths.isEmpty || texts.isEmpty, !widths.contains(where: { ($0 ?? -1) < 0 }) else {
            throw args.invalid("width")
        }
        let result = texts.enumerated().map { index, text in
            text.map { Text(trimmedToWidth($0.string, Int(widths[index % widths.count] ?? 0))) }
        }
        return .character(Vector(result, textAttributes(value)))
    }
    base.function("startsWith", [.value("x"), .value("prefix")], help: "Whether texts begin with others.") { args in
        try affix(args, "prefix") { $0.utf8.starts(with: $1.utf8) }
    }
    base.function("endsWith", [.value("x"), .value("suffix")], help: "Whether texts end with others.") { args in
        try affix(args, "suffix") { text, suffix in
            text.utf8.count >= suffix.utf8.count && text.utf8.reversed().starts(with: suffix.utf8.reversed())
        }
    }
}

private func characterCounts(_ args: Arguments) throws -> Value {
    let value = try args.required("x")
    if value.inherits("factor") { throw WorkbenchError(.type, "'nchar()' requires a character vector") }
    let texts = try args.context.asCharacters(value).elements
    let type = try args.string("type")
    var keep: Bool?
    if args.has("keepNA") { keep = try args["keepNA"].asLogicals().elements.first.flatMap { $0 } }
    let counts: [Int32?]
    let allowsInvalid = try args.flag("allowNA")
    func count(_ measure: (String) -> Int, naKept: Bool) throws -> [Int32?] {
        try texts.enumerated().map { place, text in
            guard let text else { return naKept ? nil : 2 }
            guard !text.string.hasStrayBytes else {
                if allowsInvalid { return nil }
                throw WorkbenchError(
                    .value, "invalid multibyte string, element \(place + 1)",
                    hint:
                        "iconv(x, \"latin1\", \"UTF-8\") makes text of other encodings; nchar(x, \"bytes\") counts bytes"
                )
            }
            return Int32(clamping: measure(text.string))
        }
    }
    if "chars".hasPrefix(type), !type.isEmpty {
        counts = try count({ $0.unicodeScalars.count }, naKept: keep ?? true)
    } else if "bytes".hasPrefix(type), !type.isEmpty {
        counts = texts.map { text in text.map { Int32(clamping: $0.string.keptBytes.count) } ?? (keep ?? true ? nil : 2)
        }
    } else if "width".hasPrefix(type), !type.isEmpty {
        counts = try count({ DisplayWidth.of($0) }, naKept: keep ?? false)
    } else {
        throw WorkbenchError(.value, "invalid 'type' argument")
    }
    return .integer(Vector(counts, shapeAttributes(value)))
}

private func substrings(_ texts: [Text?], _ start: Value, _ stop: Value, count: Int) throws -> [Text?] {
    let starts = try start.asIntegers().elements
    let stops = try stop.asIntegers().elements
    if count == 0 { return [] }
    guard !starts.isEmpty, !stops.isEmpty else { throw WorkbenchError(.value, "invalid substring arguments") }
    return (0..<count).map { index in
        guard let text = texts[index], let first = starts[index % starts.count], let last = stops[index % stops.count]
        else { return nil }
        return Text(substring(text.string, Int(first), Int(last)))
    }
}

/// Characters `first` to `last`, counted from 1.
func substring(_ text: String, _ first: Int, _ last: Int) -> String {
    substrings(text, [(first, last)])[0]
}

/// Several pieces of one text, each from its first to its last character, counted from 1.
func substrings(_ text: String, _ pieces: [(first: Int, last: Int)]) -> [String] {
    var text = text
    return text.withUTF8 { bytes in
        var cursor = CharacterCursor(bytes)
        return pieces.map { piece in
            let first = max(piece.first, 1)
            guard piece.last >= first else { return "" }
            let start = cursor.offset(before: first)
            let end = cursor.offset(before: piece.last == .max ? .max : piece.last + 1)
            return String(decoding: bytes[start..<end], as: UTF8.self)
        }
    }
}

/// Finds characters by number in UTF-8. It goes on from where it was, so that the pieces of a long text cost one pass.
private struct CharacterCursor {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var offset = 0
    /// Number of the character that begins at `offset`.
    private var character = 1

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// Where a character begins; the end of the text for one behind it.
    mutating func offset(before number: Int) -> Int {
        if number < character { (offset, character) = (0, 1) }
        while offset + 8 <= bytes.count, number - character >= 8 {
            let word = UnsafeRawBufferPointer(bytes).loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            // Bytes 10xxxxxx continue a character.
            let continuing = (word >> 7) & ~(word >> 6) & 0x0101_0101_0101_0101
            character += 8 - continuing.nonzeroBitCount
            offset += 8
        }
        while offset < bytes.count {
            let continues = bytes[offset] & 0xC0 == 0x80
            if !continues, character >= number { break }
            offset += 1
            if !continues { character += 1 }
        }
        return offset
    }
}

private func replacedSubstrings(_ args: Arguments) throws -> Value {
    let value = args[0]
    guard case .character(let v) = value else {
        throw WorkbenchError(.type, "replacing substrings in a non-character object")
    }
    let starts = try args[1].asIntegers().elements
    let stops = try args[2].asIntegers().elements
    guard case .character(let replacements) = args[3], replacements.count > 0 || v.count == 0 else {
        throw WorkbenchError(.value, "invalid value")
    }
    if v.count > 0, starts.isEmpty || stops.isEmpty { throw WorkbenchError(.value, "invalid substring arguments") }
    var result = v.elements
    for index in result.indices {
        guard let text = result[index], let first = starts[index % starts.count], let last = stops[index % stops.count],
            let replacement = replacements[index % replacements.count]
        else {
            result[index] = nil
            continue
        }
        var scalars = Array(text.string.unicodeScalars)
        let start = max(Int(first), 1) - 1
        let end = min(Int(last), scalars.count)
        guard start < end else { continue }
        let new = Array(replacement.string.unicodeScalars.prefix(end - start))
        scalars.replaceSubrange(start..<(start + new.count), with: new)
        result[index] = Text(String(String.UnicodeScalarView(scalars)))
    }
    return .character(Vector(result, v.attributes))
}

private func affix(_ args: Arguments, _ name: String, _ test: (String, String) -> Bool) throws -> Value {
    guard case .character(let texts) = try args.required("x"), case .character(let affixes) = try args.required(name)
    else { throw WorkbenchError(.type, "non-character object(s)") }
    guard texts.count > 0, affixes.count > 0 else { return .logical(Vector([])) }
    let count = max(texts.count, affixes.count)
    return .logical(
        Vector(
            (0..<count).map { index in
                guard let text = texts[index % texts.count], let other = affixes[index % affixes.count] else {
                    return nil
                }
                return test(text.string, other.string)
            }))
}
