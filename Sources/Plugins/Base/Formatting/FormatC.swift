import Diagnostics
import FormatValues
import Glibc
import RRuntime
import TextValues

func registerFormatC(_ base: Namespace) {
    base.function(
        "formatC",
        [
            .value("x"), .value("digits", nil), .value("width", nil), .value("format", nil), .value("flag", ""),
            .value("mode", nil), .value("big.mark", ""), .value("big.interval", 3), .value("small.mark", ""),
            .value("small.interval", 5), .value("decimal.mark", code: "getOption(\"OutDec\")"),
            .value("preserve.width", "individual"), .value("zero.print", nil), .value("replace.zero", true),
            .value("drop0trailing", false),
        ], help: "Texts of numbers in C's formats: one format for all."
    ) { args in try formatC(args) }
    base.function(
        "prettyNum",
        [
            .value("x"), .value("big.mark", ""), .value("big.interval", 3), .value("small.mark", ""),
            .value("small.interval", 5), .value("decimal.mark", code: "getOption(\"OutDec\")"),
            .value("input.d.mark", code: "decimal.mark"),
            .value("preserve.width", code: "c(\"common\", \"individual\", \"none\")"), .value("zero.print", nil),
            .value("replace.zero", false), .value("drop0trailing", false), .value("is.cmplx", code: "NA"), .dots,
        ], help: "Puts marks for thousands into written numbers."
    ) { args in try prettyNum(args) }
}

private func preserving(_ value: Value, _ fallback: NumberMarks.Preserving) throws -> NumberMarks.Preserving {
    guard case .character(let v) = value, v.count == 1, let text = v[0] else { return fallback }
    switch text.string {
    case "common": return .common
    case "individual": return .individual
    case "none": return .none
    default: throw WorkbenchError(.value, "'arg' should be one of ‘common’, ‘individual’, ‘none’")
    }
}

private func prettyNum(_ args: Arguments) throws -> Value {
    var value = try args.required("x")
    if value.inherits("factor") { value = try args.context.call("as.character", [Argument(value)]) }
    let marks = try NumberMarks(args)
    let mode = try preserving(args["preserve.width"], .common)
    var texts: [String]
    if case .character(let v) = value {
        texts = v.elements.map { $0?.string ?? "NA" }
        guard marks.changesSomething else { return value }
    } else {
        // Each number on its own, as format() shows it; with marks each keeps its own width.
        var settings = FormatSettings(args.context)
        settings.trim = true
        settings.print.decimalMark = "."
        texts = []
        for index in 0..<value.length {
            let element = try args.context.call(
                "[[", [Argument(value), Argument(.int(index + 1))], environment: args.environment)
            texts.append(formatted(element, settings).elements.first.flatMap { $0?.string } ?? "NULL")
        }
        texts = marks.applied(to: texts, preserving: .individual, pointIn: ".")
        let attributes = value.attributes.keeping([Symbol.names])
        return .character(Vector(texts.map { Text($0) }, attributes))
    }
    let input = args.has("input.d.mark") ? try args.string("input.d.mark") : marks.decimalMark
    let results = marks.applied(to: texts, preserving: mode, pointIn: input)
    return .character(Vector(results.map { Text($0) }, value.setting(Symbol.classAttribute, nil).attributes))
}

private func formatC(_ args: Arguments) throws -> Value {
    var value = try args.required("x").setting(Symbol.classAttribute, nil)
    let attributes = value.attributes
    var flag = try args.string("flag")
    guard flag.allSatisfy({ "0+- #'I".contains($0) }) else {
        throw WorkbenchError(.value, "'flag' should contain only characters from [0+- #'I]")
    }
    guard value.length > 0 else { return .character(Vector([])) }
    var mode = try args.optionalString("mode") ?? value.typeName
    switch mode {
    case "double", "real", "numeric":
        mode = "double"
        if case .double = value {} else { value = .double(Vector(try value.asDoubles().elements)) }
    case "integer": value = .integer(Vector(try roundedIntegers(value)))
    case "logical", "character": break
    default: throw WorkbenchError(.value, "'mode' must be \"double\" (\"real\"), \"integer\" or \"character\"")
    }
    var format = try args.optionalString("format")
    let width = try args.optionalInt("width")
    if let width {
        guard let columns = Int32(exactly: width), columns != Int32.min else { throw args.invalid("width") }
        try MemoryDoor.check(count: value.length, elementBytes: abs(width) + 16)
    }
    if mode == "character" || format == "s" {
        if mode != "character" {
            try args.context.warn("coercing argument to \"character\" for format=\"s\"", call: args.call)
        }
        var texts = try args.context.asCharacters(value).elements.map { $0?.string ?? "NA" }
        if mode == "character", value.isNumeric {
            texts = formatted(value, FormatSettings(args.context)).elements.map { $0?.string ?? "NA" }
        }
        return .character(Vector(formattedTexts(texts, width, flag).map { Text($0) }, attributes))
    }
    if mode == "logical" { throw WorkbenchError(.type, "unsupported type ", hint: "format() takes truth values") }
    if let given = format {
        guard ["f", "e", "E", "g", "G", "fg", "d"].contains(given) else {
            throw WorkbenchError(.value, "'format' must be one of {\"f\",\"e\",\"E\",\"g\",\"G\", \"fg\", \"s\"}")
        }
        mode = given == "d" ? "integer" : "double"
    } else {
        format = mode == "integer" ? "d" : "g"
    }
    let conversion = format ?? "g"
    var digits = mode == "integer" ? 2 : 4
    var columns = width ?? (args["digits"].isNull ? 1 : -1)
    if let given = try args.optionalInt("digits") {
        digits = given < 0 ? 6 : given
        if digits > 50, conversion != "f" {
            try args.context.warn("'digits' reduced to 50", call: args.call)
            digits = 50
        }
    }
    if width == nil, columns == -1 { columns = digits + 1 } else if columns == 0 { columns = digits }
    flag = flag.filter { $0 != "'" && $0 != "I" }
    var results: [String] = []
    if mode == "integer" {
        let (whole, lost) = try value.asIntegersNotingLoss()
        if lost { try args.context.warn("NAs introduced by coercion to integer range", call: args.call) }
        for number in whole.elements {
            guard let number else {
                results += formattedTexts(["NA"], columns, flag)
                continue
            }
            results.append(
                formatInteger(Int64(number), width: abs(columns), flags: columns < 0 ? flag + "-" : flag))
        }
    } else {
        for number in try value.asDoubles().elements {
            guard number.isFinite else {
                results += formattedTexts([nonFiniteText(number)], columns, flag)
                continue
            }
            results.append(formattedNumber(number, conversion, digits, columns, flag))
        }
    }
    let marks = try NumberMarks(args)
    if marks.changesSomething || marks.decimalMark != "." {
        results = marks.applied(
            to: results, preserving: try preserving(args["preserve.width"], .individual), pointIn: ".")
    }
    return .character(Vector(results.map { Text($0) }, attributes))
}

private func formattedNumber(
    _ number: Double, _ conversion: String, _ digits: Int, _ width: Int, _ flag: String
) -> String {
    var flags = flag
    if width < 0, !flags.contains("-") { flags += "-" }
    guard conversion == "fg" else {
        let letter = conversion.unicodeScalars.first ?? "g"
        return formatDouble(number, conversion: letter, precision: digits, width: abs(width), flags: flags)
    }
    // "fg": significant digits in fixed notation.
    if number == 0 { return "0" }
    let wanted = max(digits, 1)
    var number = number
    var exponent = Int((log10(abs(number)) + 1e-12).rounded(.down))
    let scale = pow(10.0, Double(exponent))
    let places = pow(10.0, Double(wanted - 1))
    let leading = ((abs(number) / scale + 1e-12) * places).rounded(.toNearestOrEven) / places
    if exponent > 0, leading >= 10 {
        number = (number < 0 ? -1 : 1) * leading * scale
        exponent += 1
    }
    if exponent == -4, abs(number) < 1e-4 { exponent = -5 }
    guard exponent < -4 else {
        let precision = exponent >= wanted ? exponent + 1 : wanted
        return formatDouble(number, conversion: "g", precision: precision, width: abs(width), flags: flags)
    }
    var text = formatDouble(number, conversion: "f", precision: wanted - 1 - exponent, flags: flags)
    if !flags.contains("#") { while text.last == "0" { text.removeLast() } }
    return text
}

private func formattedTexts(_ texts: [String], _ width: Int?, _ flag: String) -> [String] {
    var left = flag.contains("-")
    var columns = width ?? 0
    if columns < 0 {
        left = true
        columns = -columns
    }
    return texts.map { $0.fitted(to: columns, left: left) }
}

private func roundedIntegers(_ value: Value) throws -> [Int32?] {
    if case .integer(let v) = value { return v.elements }
    return try Value.double(Vector(try value.asDoubles().elements)).asIntegers().elements
}
