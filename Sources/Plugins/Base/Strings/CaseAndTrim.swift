import Diagnostics
import RRuntime
import TextValues

func registerCaseAndTrim(_ base: Namespace) {
    base.function("toupper", [.value("x")], help: "Upper-case letters.") { args in
        try mapped(args, "x") { upperCased($0) }
    }
    base.function("tolower", [.value("x")], help: "Lower-case letters.") { args in
        try mapped(args, "x") { lowerCased($0) }
    }
    base.function("casefold", [.value("x"), .value("upper", false)], help: "Upper- or lower-case letters.") { args in
        let upper = try args.flag("upper")
        return try mapped(args, "x") { upper ? upperCased($0) : lowerCased($0) }
    }
    base.function("chartr", [.value("old"), .value("new"), .value("x")], help: "Replaces characters by others.") {
        args in
        let old = try translationSet(try args.string("old"))
        let new = try translationSet(try args.string("new"))
        guard old.count <= new.count else { throw WorkbenchError(.value, "'old' is longer than 'new'") }
        var table: [Unicode.Scalar: Unicode.Scalar] = [:]
        for (from, to) in zip(old, new) { table[from] = to }
        return try mapped(args, "x") { text in
            String(String.UnicodeScalarView(text.unicodeScalars.map { table[$0] ?? $0 }))
        }
    }
    base.function("strrep", [.value("x"), .value("times")], help: "Repeats texts.") { args in
        let value = try args.required("x")
        let texts = try textElements(value, args)
        let times = try args.required("times").asIntegers().elements
        guard !texts.isEmpty, !times.isEmpty else { return .character(Vector([])) }
        let count = max(texts.count, times.count)
        var result: [Text?] = []
        for index in 0..<count {
            guard let text = texts[index % texts.count], let number = times[index % times.count] else {
                result.append(nil)
                continue
            }
            guard number >= 0 else { throw WorkbenchError(.value, "invalid 'times' value") }
            let (size, overflow) = text.string.utf8.count.multipliedReportingOverflow(by: Int(number))
            guard !overflow, size <= Int(Int32.max) else {
                throw WorkbenchError(.memory, "R character strings are limited to 2^31-1 bytes")
            }
            result.append(Text(String(repeating: text.string, count: Int(number))))
        }
        return .character(Vector(result, count == texts.count ? value.attributes.keeping([Symbol.names]) : nil))
    }
    base.function(
        "trimws",
        [
            .value("x"), .value("which", code: "c(\"both\", \"left\", \"right\")"),
            .value("whitespace", "[ \\t\\r\\n]"),
        ], help: "Takes blanks off the ends of texts."
    ) { args in try trimmed(args) }
    base.function("strtoi", [.value("x"), .value("base", code: "10L")], help: "Reads whole numbers in a base.") {
        args in
        let texts = try textElements(try args.required("x"), args)
        // Without a base, 0 and 0x in front say it.
        let radix = args.has("base") ? try args.int("base") : 0
        guard radix == 0 || (2...36).contains(radix) else { throw args.invalid("base") }
        return .integer(Vector(texts.map { $0.flatMap { wholeNumber($0.string, radix) } }))
    }
}

private func upperCased(_ text: String) -> String {
    caseMapped(text) { $0.properties.uppercaseMapping }
}

private func lowerCased(_ text: String) -> String {
    caseMapped(text) { $0.properties.lowercaseMapping }
}

/// Scalar by scalar, as C's towupper: what has no single counterpart stays.
private func caseMapped(_ text: String, _ mapping: (Unicode.Scalar) -> String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
        let other = mapping(scalar).unicodeScalars
        result.append(other.count == 1 ? (other.first ?? scalar) : scalar)
    }
    return String(result)
}

/// The characters of `old` or `new`, ranges like `a-z` written out.
private func translationSet(_ text: String) throws -> [Unicode.Scalar] {
    let scalars = Array(text.unicodeScalars)
    var result: [Unicode.Scalar] = []
    var position = 0
    while position < scalars.count {
        if position + 2 < scalars.count, scalars[position + 1] == "-" {
            let first = scalars[position].value
            let last = scalars[position + 2].value
            guard first <= last else {
                throw WorkbenchError(
                    .value, "decreasing range specification ('\(scalars[position])-\(scalars[position + 2])')")
            }
            for code in first...last { if let scalar = Unicode.Scalar(code) { result.append(scalar) } }
            position += 3
        } else {
            result.append(scalars[position])
            position += 1
        }
    }
    return result
}

private func trimmed(_ args: Arguments) throws -> Value {
    var which = "both"
    if case .character(let v) = args["which"], v.count == 1, let text = v[0] { which = text.string }
    guard let side = ["both", "left", "right"].first(where: { $0.hasPrefix(which) }) else {
        throw WorkbenchError(.value, "'arg' should be one of ‘both’, ‘left’, ‘right’")
    }
    let whitespace = try args.string("whitespace")
    let value = try args.required("x")
    if whitespace == "[ \\t\\r\\n]" {
        func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || byte == 10 || byte == 13 }
        let texts = try textElements(value, args).map { text -> Text? in
            guard let text else { return nil }
            var bytes = Array(text.string.utf8)[...]
            if side != "right" { while let first = bytes.first, isBlank(first) { bytes.removeFirst() } }
            if side != "left" { while let last = bytes.last, isBlank(last) { bytes.removeLast() } }
            return Text(String(decoding: bytes, as: UTF8.self))
        }
        return .character(Vector(texts, textAttributes(value)))
    }
    var result = value
    let empty: Value = ""
    if side != "right" {
        result = try args.context.call(
            "sub", [Argument(.string("^(\(whitespace))+")), Argument(empty), Argument(result)],
            environment: args.environment)
    }
    if side != "left" {
        result = try args.context.call(
            "sub", [Argument(.string("(\(whitespace))+$")), Argument(empty), Argument(result)],
            environment: args.environment)
    }
    return result
}

/// A whole number in a base as C's strtol reads it; nil if anything is left over or it needs more than 32 bits.
private func wholeNumber(_ text: String, _ base: Int) -> Int32? {
    var scalars = Array(text.utf8)[...]
    while let first = scalars.first, first == 32 || (9...13).contains(first) { scalars.removeFirst() }
    var negative = false
    if let sign = scalars.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
        negative = sign == UInt8(ascii: "-")
        scalars.removeFirst()
    }
    var radix = base
    let lower = scalars.prefix(2).map { $0 | 0x20 }
    if radix == 16 || radix == 0 || base == 10, lower == [UInt8(ascii: "0") | 0x20, UInt8(ascii: "x")], base != 10 {
        scalars = scalars.dropFirst(2)
        radix = 16
    } else if radix == 0 {
        radix = scalars.first == UInt8(ascii: "0") ? 8 : 10
    }
    let digits = String(decoding: scalars, as: UTF8.self)
    if digits.isEmpty { return nil }
    guard let value = Int(digits, radix: radix), !digits.hasPrefix("+"), !digits.hasPrefix("-") else { return nil }
    guard let small = Int32(exactly: negative ? -value : value), small != Int32.min else { return nil }
    return small
}
