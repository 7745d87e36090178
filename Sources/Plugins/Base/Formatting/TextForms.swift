import Diagnostics
import FormatValues
import RRuntime
import TextValues

func registerTextForms(_ base: Namespace) {
    base.function(
        "toString", [.value("x"), .value("width", nil), .dots],
        help: "All elements in one text, with commas between.", dispatch: .generic
    ) { args in try toText(args) }
    base.function("toString.default", [.value("x"), .value("width", nil), .dots]) { args in
        try toText(args)
    }
    base.function(
        "encodeString",
        [
            .value("x"), .value("width", 0), .value("quote", ""), .value("na.encode", true),
            .value("justify", code: "c(\"left\", \"right\", \"centre\", \"none\")"),
        ], help: "Strings escaped as printing shows them."
    ) { args in try encodeStrings(args) }
    base.function(
        "formatNum", [.value("x"), .dots], help: "Numbers as str() shows them: three digits, no zeros at the end."
    ) { args in
        try args.context.call(
            "format",
            [Argument(args[0]), Argument(true, name: "trim"), Argument(true, name: "drop0trailing")] + args.dots,
            environment: args.environment)
    }
    for (name, left, right, plain) in [("sQuote", "‘", "’", "'"), ("dQuote", "“", "”", "\"")] {
        base.function(
            name, [.value("x"), .value("q", code: "getOption(\"useFancyQuotes\")")],
            help: "Puts texts in typographic quotes, or plain ones for q = FALSE."
        ) { args in
            let texts = try textElements(try args.required("x"), args)
            var fancy: Value = args.has("q") ? args["q"] : (args.context.options["useFancyQuotes"] ?? true)
            if case .character(let v) = fancy, let kind = v.elements.first, let kind {
                fancy = kind.string == "TeX" ? fancy : .flag(kind.string == "UTF-8" || kind.string == "TRUE")
                if kind.string == "TeX" {
                    let marks = name == "sQuote" ? ("`", "'") : ("``", "''")
                    return .strings(texts.map { marks.0 + ($0?.string ?? "NA") + marks.1 })
                }
            }
            let isFancy = try fancy.asLogicals().elements.first.flatMap { $0 } ?? true
            return .strings(
                texts.map { text in
                    isFancy ? left + (text?.string ?? "NA") + right : plain + (text?.string ?? "NA") + plain
                })
        }
    }
    base.function(
        "shQuote", [.value("string"), .value("type", code: "c(\"sh\", \"csh\", \"cmd\", \"cmd2\")")],
        help: "Puts texts in quotes for the system's shell."
    ) { args in
        let texts = try textElements(try args.required("string"), args)
        return .strings(texts.map { shellQuoted($0?.string ?? "NA") })
    }
}

/// A text in single quotes; with single quotes in it, in double ones with the shell's specials escaped.
private func shellQuoted(_ text: String) -> String {
    guard text.utf8.contains(UInt8(ascii: "'")) else { return "'\(text)'" }
    var result = ""
    for scalar in text.unicodeScalars {
        if "\"$`\\".unicodeScalars.contains(scalar) { result += "\\" }
        result.unicodeScalars.append(scalar)
    }
    return "\"\(result)\""
}

private func toText(_ args: Arguments) throws -> Value {
    let texts = try textElements(try args.required("x"), args).map { $0?.string ?? "NA" }
    let text = texts.joined(separator: ", ")
    guard let width = try args.optionalInt("width"), width != 0 else { return .string(text) }
    guard width > 0 else { throw WorkbenchError(.value, "'width' must be positive") }
    guard DisplayWidth.of(text) > width else { return .string(text) }
    return .string(trimmedToWidth(text, max(6, width) - 4) + "....")
}

private func encodeStrings(_ args: Arguments) throws -> Value {
    let value = try args.required("x")
    let texts = try args.context.asCharacters(value).elements
    let quoteText = try args.string("quote")
    guard quoteText.unicodeScalars.count <= 1 else { throw args.invalid("quote") }
    let quote = quoteText.unicodeScalars.first
    let naEncode = try args.flag("na.encode")
    let justify = try justification(args["justify"])
    var cells = texts.map { text -> String? in
        if let text { return escaped(text.string, quote: quote) }
        return naEncode ? (quote == nil ? "<NA>" : "NA") : nil
    }
    var width = 0
    switch args["width"] {
    case .null: width = 0
    case let given:
        if let number = try given.asIntegers().elements.first, let number {
            width = Int(max(0, number))
        } else {
            width = cells.reduce(0) { max($0, DisplayWidth.of($1 ?? "")) }
        }
    }
    if justify != .none {
        cells = cells.map { cell in
            guard let cell else { return nil }
            let missing = width - DisplayWidth.of(cell)
            switch justify {
            case .right: return blanks(missing) + cell
            case .centre: return blanks(missing / 2) + cell + blanks(missing - missing / 2)
            default: return cell + blanks(missing)
            }
        }
    }
    return .character(
        Vector(
            cells.map { $0.map { Text($0) } },
            value.attributes.keeping([Symbol.names, Symbol.dim, Symbol.dimnames])))
}
