import Diagnostics
import PluginAPI
import TextValues

func registerEncoding(_ base: Namespace) {
    base.function(
        "utf8ToInt", [.value("x"), .value("multiple", false)], help: "Code points of a text."
    ) { args in
        guard case .character(let v) = try args.required("x"), v.count == 1 else {
            throw WorkbenchError(.type, "argument must be a character vector of length 1")
        }
        guard let text = v[0] else { return .integer(Vector([nil])) }
        return .ints(text.string.unicodeScalars.map { Int($0.value) })
    }
    base.function(
        "intToUtf8", [.value("x"), .value("multiple", false), .value("allow_surrogate_pairs", false)],
        help: "The text of code points."
    ) { args in
        let codes = try args.required("x").asIntegers().elements
        let texts: [String?] = try codes.map { code in
            guard let code else { return nil }
            if code == 0 { return "" }
            guard code > 0, let scalar = Unicode.Scalar(UInt32(code)) else {
                if code > 0, (0xD800...0xDFFF).contains(code) { return nil }
                throw WorkbenchError(.value, "not a valid code point: \(code)")
            }
            return String(Character(scalar))
        }
        if try args.flag("multiple") { return .character(Vector(texts.map { $0.map { Text($0) } })) }
        if texts.contains(where: { $0 == nil }) { return .character(Vector([nil])) }
        return .string(texts.compactMap { $0 }.joined())
    }
    base.function(
        "iconv",
        [
            .value("x"), .value("from", ""), .value("to", ""), .value("sub", code: "NA"), .value("mark", true),
            .value("toRaw", false),
        ], help: "Texts in another encoding; all texts here are UTF-8."
    ) { args in try converted(args) }
    for name in ["enc2utf8", "enc2native"] {
        base.function(name, [.value("x")], help: "Texts in UTF-8, which they are.") { args in
            guard case .character = args[0] else { throw WorkbenchError(.type, "argument is not a character vector") }
            return args[0]
        }
    }
    base.function("Encoding", [.value("x")], help: "Declared encodings: UTF-8 where a text has more than ASCII.") {
        args in
        guard case .character(let v) = args[0] else {
            throw WorkbenchError(.type, "character vector argument expected")
        }
        return .strings(v.elements.map { ($0?.string.utf8.contains { $0 >= 0x80 } ?? false) ? "UTF-8" : "unknown" })
    }
    base.function("Encoding<-", [.value("x"), .value("value")]) { args in args[0] }
    base.function("validUTF8", [.value("x")], help: "Whether texts are valid UTF-8.") { args in
        .logical(Vector(try textElements(args[0], args).map { _ in true }))
    }
    base.function("validEnc", [.value("x")]) { args in
        .logical(Vector(try textElements(args[0], args).map { _ in true }))
    }
    base.function("charToRaw", [.value("x")], help: "Bytes of a text.") { args in
        guard case .character(let v) = args[0], v.count >= 1 else {
            throw WorkbenchError(.type, "argument must be a character vector of length 1")
        }
        return .raw(Vector(Array((v[0]?.string ?? "NA").utf8)))
    }
    base.function("rawToChar", [.value("x"), .value("multiple", false)], help: "The text of bytes.") { args in
        guard case .raw(let v) = args[0] else { throw WorkbenchError(.type, "argument 'x' must be a raw vector") }
        if try args.flag("multiple") {
            return .strings(v.elements.map { String(decoding: [$0], as: UTF8.self) })
        }
        var bytes = v.elements
        while bytes.last == 0 { bytes.removeLast() }
        if bytes.contains(0) { throw WorkbenchError(.value, "embedded nul in string: '\(nulShown(bytes))'") }
        return .string(String(decoding: bytes, as: UTF8.self))
    }
}

private func nulShown(_ bytes: [UInt8]) -> String {
    bytes.map { $0 == 0 ? "\\0" : String(decoding: [$0], as: UTF8.self) }.joined()
}

private func converted(_ args: Arguments) throws -> Value {
    let value = try args.required("x")
    let texts = try textElements(value, args)
    let target = try args.string("to").uppercased()
    let toASCII = target.hasPrefix("ASCII") || target.hasPrefix("US-ASCII")
    let translit = target.hasSuffix("//TRANSLIT")
    var substitute: String?
    if args.has("sub"), case .character(let v) = args["sub"], let text = v.elements.first { substitute = text?.string }
    let limit: UInt32 = toASCII ? 0x80 : target.hasPrefix("LATIN1") || target.hasPrefix("ISO-8859-1") ? 0x100 : .max
    let results: [Text?] = texts.map { text in
        guard let text else { return nil }
        if text.string.unicodeScalars.allSatisfy({ $0.value < limit }) { return text }
        var result = ""
        for scalar in text.string.unicodeScalars {
            if scalar.value < limit {
                result.unicodeScalars.append(scalar)
            } else if translit {
                result += "?"
            } else if let substitute {
                for byte in String(Character(scalar)).utf8 {
                    switch substitute {
                    case "byte": result += "<\(rawText(byte))>"
                    default: result += substitute
                    }
                }
            } else {
                return nil
            }
        }
        return Text(result)
    }
    return .character(Vector(results, shapeAttributes(value)))
}
