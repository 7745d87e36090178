import Diagnostics
import RRuntime
import TextValues

func registerIconv(_ base: Namespace) {
    base.function(
        "iconv",
        [
            .value("x", help: "texts, or a list of raw vectors"), .value("from", ""), .value("to", ""),
            .value("sub", code: "NA", help: "for what cannot be converted: a text, \"byte\", \"Unicode\", \"c99\""),
            .value("mark", true), .value("toRaw", false),
        ], help: "Texts in another encoding, by the C library's iconv; \"\" is UTF-8."
    ) { args in try converted(args) }
    base.function(
        "enc2utf8", [.value("x")], help: "Texts in UTF-8, which they are."
    ) { args in try texts(args) }
    base.function(
        "enc2native", [.value("x")], help: "Texts in the session's encoding, UTF-8, which they are."
    ) { args in try texts(args) }
    base.function(
        "Encoding", [.value("x")],
        help:
            "Declared encodings: UTF-8 where a text has more than ASCII, unknown where it has bytes that are no UTF-8."
    ) { args in
        guard case .character(let v) = args[0] else {
            throw WorkbenchError(.type, "character vector argument expected")
        }
        return .strings(
            v.elements.map { text in
                guard let text, text.string.utf8.contains(where: { $0 >= 0x80 }) else { return "unknown" }
                return text.string.hasStrayBytes ? "unknown" : "UTF-8"
            })
    }
    base.function(
        "Encoding<-", [.value("x"), .value("value")],
        help: "Says what the bytes are that are no UTF-8: \"latin1\" makes them text."
    ) { args in
        guard case .character(let v) = args[0] else {
            throw WorkbenchError(.type, "character vector argument expected")
        }
        guard case .character(let names) = args[1] else {
            throw WorkbenchError(.type, "a character vector 'value' expected")
        }
        guard names.count > 0 else { throw WorkbenchError(.value, "'value' must be of positive length") }
        return .character(
            Vector(
                v.elements.enumerated().map { place, text in
                    let name = names[place % names.count]?.string ?? ""
                    guard let text, TextConversion.isLatin1(name), text.string.hasStrayBytes else { return text }
                    return Text(latin1(text.string.keptBytes))
                }, args[0].attributes))
    }
}

private func texts(_ args: Arguments) throws -> Value {
    guard case .character = args[0] else { throw WorkbenchError(.type, "argument is not a character vector") }
    return args[0]
}

private func converted(_ args: Arguments) throws -> Value {
    let value = try args.required("x")
    let (from, to) = (try args.string("from"), try args.string("to"))
    let rest = Substitution(
        try args.has("sub") ? args.context.asCharacters(args["sub"]).elements.first.flatMap { $0?.string } : nil)
    let conversion = try TextConversion(from: from, to: to)
    let known = try TextConversion(from: "UTF-8", to: to)
    let toRaw = try args.flag("toRaw")
    let isMarked = try args.flag("mark")
    /// - Parameter isText: It is a text of the session's: one of more than ASCII without stray bytes is UTF-8 for sure, as
    ///   one that is marked in R, whatever `from` says.
    func bytes(_ bytes: [UInt8], isText: Bool) throws -> [UInt8]? {
        let isKnown = isText && bytes.contains { $0 >= 0x80 } && !String(keeping: bytes).hasStrayBytes
        let isUTF8 = isKnown || TextConversion.isUTF8(from)
        return (isKnown ? known : conversion).convert(bytes) { place in
            rest.replacement(bytes, place, isUTF8: isUTF8)
        }
    }
    func text(_ source: [UInt8], isText: Bool) throws -> Text? {
        guard let result = try bytes(source, isText: isText) else { return nil }
        if result.contains(0) { throw WorkbenchError(.value, "embedded nul in string: '\(nulShown(result))'") }
        // What R marks as latin1 prints as text and is text wherever it is used: here it is text.
        return Text(TextConversion.isLatin1(to) && isMarked ? latin1(result) : String(keeping: result))
    }
    let sources: [[UInt8]?]
    var isText = true
    if case .list(let list) = value {
        isText = false
        sources = try list.elements.map { element in
            switch element {
            case .raw(let bytes): return bytes.elements
            case .null: return nil
            default: throw WorkbenchError(.type, "'x' must be a character vector or a list of NULL or raw vectors")
            }
        }
    } else {
        sources = try textElements(value, args).map { $0?.string.keptBytes }
    }
    if toRaw {
        return .list(
            Vector(
                try sources.map { source in
                    guard let source, let result = try bytes(source, isText: isText) else { return .null }
                    return .raw(Vector(result))
                }, shapeAttributes(value)))
    }
    return .character(
        Vector(
            try sources.map { source in
                guard let source else { return nil }
                return try text(source, isText: isText)
            }, shapeAttributes(value)))
}

/// What takes the place of bytes that cannot be converted.
private enum Substitution {
    case none
    case bytes
    case scalars
    case escapes
    case text([UInt8])

    init(_ text: String?) {
        switch text {
        case nil: self = .none
        case "byte": self = .bytes
        case "Unicode": self = .scalars
        case "c99": self = .escapes
        case let text?: self = .text(Array(text.utf8))
        }
    }

    func replacement(_ bytes: [UInt8], _ place: Int, isUTF8: Bool) -> (put: [UInt8], skip: Int)? {
        func put(_ text: String, _ skip: Int = 1) -> ([UInt8], Int) { (Array(text.utf8), skip) }
        let (scalar, length) = isUTF8 ? TextConversion.scalar(in: bytes, at: place) : (nil, 1)
        switch self {
        case .none: return nil
        case .text(let text): return (text, 1)
        case .scalars: if let scalar { return put(TextConversion.named(scalar), length) }
        case .escapes:
            if let scalar {
                let digits = String(scalar.value, radix: 16)
                let isLong = scalar.value > 0xFFFF
                let zeros = String(repeating: "0", count: max(0, (isLong ? 8 : 4) - digits.count))
                return put((isLong ? "\\U" : "\\u") + zeros + digits, length)
            }
        case .bytes: break
        }
        return put("<\(rawText(bytes[place]))>")
    }
}

/// A text with a zero byte in it, as errors show it.
func nulShown(_ bytes: [UInt8]) -> String {
    bytes.map { $0 == 0 ? "\\0" : String(keeping: [$0]) }.joined()
}
