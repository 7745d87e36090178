import Diagnostics
import RRuntime
import TextValues

func registerEncoding(_ base: Namespace) {
    registerIconv(base)
    base.function(
        "utf8ToInt", [.value("x"), .value("multiple", false)], help: "Code points of a text."
    ) { args in
        guard case .character(let v) = try args.required("x"), v.count >= 1 else {
            throw WorkbenchError(.type, "argument must be a character vector of length 1")
        }
        if v.count > 1 {
            try args.context.warn(
                "argument should be a character vector of length 1\nall but the first element will be ignored",
                call: args.call)
        }
        guard let text = v[0] else { return .integer(Vector([nil])) }
        if text.string.hasStrayBytes { return .integer(Vector([nil])) }
        return .ints(text.string.unicodeScalars.map { Int($0.value) })
    }
    base.function(
        "intToUtf8", [.value("x"), .value("multiple", false), .value("allow_surrogate_pairs", false)],
        help: "The text of code points."
    ) { args in
        let x = try args.required("x")
        guard x.isNull || x.isAtomic else { throw WorkbenchError(.type, "argument 'x' must be an integer vector") }
        let (numbers, lost) = try x.asIntegersNotingLoss()
        if lost, case .character = x { try args.context.warn("NAs introduced by coercion", call: args.call) }
        let codes = numbers.elements
        let texts: [String?] = codes.map { code in
            guard let code else { return nil }
            if code == 0 { return "" }
            // Surrogates and numbers beyond Unicode are NA.
            guard code > 0, let scalar = Unicode.Scalar(UInt32(code)) else { return nil }
            return String(Character(scalar))
        }
        if try args.flag("multiple") { return .character(Vector(texts.map { $0.map { Text($0) } })) }
        if texts.contains(where: { $0 == nil }) { return .character(Vector([nil])) }
        return .string(texts.compactMap { $0 }.joined())
    }
    base.function("validUTF8", [.value("x")], help: "Whether texts are valid UTF-8.") { args in
        .logical(Vector(try textElements(args[0], args).map { !($0?.string.hasStrayBytes ?? false) }))
    }
    base.function("validEnc", [.value("x")], help: "Whether texts are valid in their encoding.") { args in
        .logical(Vector(try textElements(args[0], args).map { !($0?.string.hasStrayBytes ?? false) }))
    }
    base.function("charToRaw", [.value("x")], help: "Bytes of a text.") { args in
        guard case .character(let v) = args[0], v.count >= 1 else {
            throw WorkbenchError(.type, "argument must be a character vector of length 1")
        }
        return .raw(Vector((v[0]?.string ?? "NA").keptBytes))
    }
    base.function("rawToChar", [.value("x"), .value("multiple", false)], help: "The text of bytes.") { args in
        guard case .raw(let v) = args[0] else { throw WorkbenchError(.type, "argument 'x' must be a raw vector") }
        if try args.flag("multiple") {
            return .strings(v.elements.map { String(keeping: [$0]) })
        }
        var bytes = v.elements
        while bytes.last == 0 { bytes.removeLast() }
        if bytes.contains(0) { throw WorkbenchError(.value, "embedded nul in string: '\(nulShown(bytes))'") }
        return .string(String(keeping: bytes))
    }
}
