import Diagnostics
import RRuntime
import TextValues

func registerSprintf(_ base: Namespace) {
    base.function(
        "sprintf", [.value("fmt", help: "format with conversions like %5.2f"), .dots],
        help: "Texts with values put into a format, as C's printf does."
    ) { args in try sprintf(try args.required("fmt"), args.dotValues, args) }
}

/// Most bytes that R lets one conversion, or a format, have.
private let longestResult = 8192

/// One piece of a format.
private enum Piece {
    case literal(String)
    case conversion(Conversion)
}

/// `%2$-8.3f` and the like.
private struct Conversion {
    var argument: Int?
    var flags = ""
    var width: Amount = .none
    var precision: Amount = .none
    var letter: Unicode.Scalar = "s"
    var source = ""

    enum Amount {
        case none
        case number(Int)
        /// `*` or `*2$`: an argument says it.
        case argument(Int?)
    }
}

private func parsedFormat(_ format: String) throws -> [Piece] {
    let scalars = Array(format.unicodeScalars)
    var pieces: [Piece] = []
    var literal = String.UnicodeScalarView()
    var position = 0
    func number() -> Int? {
        var value: Int?
        while position < scalars.count, let digit = Int(String(scalars[position])),
            ("0"..."9").contains(scalars[position])
        {
            value = min((value ?? 0) * 10 + digit, 1_000_000_000)
            position += 1
        }
        return value
    }
    func amount() -> Conversion.Amount {
        if position < scalars.count, scalars[position] == "*" {
            position += 1
            let saved = position
            if let which = number(), position < scalars.count, scalars[position] == "$" {
                position += 1
                return .argument(which)
            }
            position = saved
            return .argument(nil)
        }
        return number().map { .number($0) } ?? .none
    }
    while position < scalars.count {
        if scalars[position] != "%" {
            literal.append(scalars[position])
            position += 1
            continue
        }
        if position + 1 < scalars.count, scalars[position + 1] == "%" {
            literal.append("%")
            position += 2
            continue
        }
        if !literal.isEmpty { pieces.append(.literal(String(literal))) }
        literal = String.UnicodeScalarView()
        let start = position
        position += 1
        var conversion = Conversion()
        let saved = position
        if let which = number(), position < scalars.count, scalars[position] == "$" {
            position += 1
            conversion.argument = which
        } else {
            position = saved
        }
        while position < scalars.count, "-+ 0#".unicodeScalars.contains(scalars[position]) {
            if !conversion.flags.unicodeScalars.contains(scalars[position]) {
                conversion.flags.unicodeScalars.append(scalars[position])
            }
            position += 1
        }
        conversion.width = amount()
        if position < scalars.count, scalars[position] == "." {
            position += 1
            conversion.precision = amount()
            if case .none = conversion.precision { conversion.precision = .number(0) }
        }
        var source = String.UnicodeScalarView()
        source.append(contentsOf: scalars[start..<min(position + 1, scalars.count)])
        conversion.source = String(source)
        guard position < scalars.count, "diosfeEgGaAxX%".unicodeScalars.contains(scalars[position]) else {
            throw WorkbenchError(.value, "unrecognised format specification '\(rest(scalars, start))'")
        }
        conversion.letter = scalars[position]
        position += 1
        pieces.append(.conversion(conversion))
    }
    if !literal.isEmpty { pieces.append(.literal(String(literal))) }
    return pieces
}

private func rest(_ scalars: [Unicode.Scalar], _ start: Int) -> String {
    // R shows the specification up to where it stops being one.
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars[start...])
    return String(view)
}

func sprintf(_ format: Value, _ values: [Value], _ args: Arguments) throws -> Value {
    guard case .character(let formats) = format else { throw WorkbenchError(.type, "'fmt' is not a character vector") }
    var count = formats.count
    if count == 0 { return .character(Vector([])) }
    var sources: [SprintfSource] = []
    for value in values {
        let source = try SprintfSource(value, args)
        if source.count == 0 { return .character(Vector([])) }
        count = max(count, source.count)
        sources.append(source)
    }
    if values.contains(where: { $0.length == 0 }) { return .character(Vector([])) }
    var parsed: [[Piece]?] = []
    for format in formats.elements {
        guard (format?.string.utf8.count ?? 0) <= longestResult else {
            throw WorkbenchError(.value, "'fmt' length exceeds maximal format length \(longestResult)")
        }
        parsed.append(try format.map { try parsedFormat($0.string) })
    }
    var used = Set<Int>()
    var results: [Text?] = []
    results.reserveCapacity(count)
    for index in 0..<count {
        guard let pieces = parsed[index % parsed.count] else {
            results.append("NA")
            continue
        }
        var next = 0
        var text = ""
        func take(_ position: Int?) throws -> SprintfSource {
            let place: Int
            if let position {
                place = position - 1
            } else {
                place = next
                next += 1
            }
            guard place >= 0, place < sources.count else {
                if position != nil { throw WorkbenchError(.value, "reference to non-existent argument \(place + 1)") }
                throw WorkbenchError(.value, "too few arguments")
            }
            used.insert(place)
            return sources[place]
        }
        func amount(_ amount: Conversion.Amount) throws -> Int? {
            switch amount {
            case .none: return nil
            case .number(let number): return number
            case .argument(let place):
                let source = try take(place)
                guard let value = try source.value.asIntegers().elements[index % source.count] else {
                    throw WorkbenchError(
                        .value, "argument for '*' conversion specification must be a number of length 1")
                }
                return Int(value)
            }
        }
        for piece in pieces {
            switch piece {
            case .literal(let literal): text += literal
            case .conversion(var conversion):
                var width = try amount(conversion.width) ?? 0
                let precision = try amount(conversion.precision)
                if width < 0 {
                    conversion.flags += conversion.flags.contains("-") ? "" : "-"
                    width = -width
                }
                let source = try take(conversion.argument)
                let wanted = max(width, conversion.letter == "s" ? 0 : precision ?? 0)
                guard wanted <= longestResult else {
                    throw WorkbenchError(
                        .value,
                        "required resulting string length \(wanted) is greater than maximal \(longestResult)")
                }
                if index == 0 { source.convert(for: conversion.letter) }
                text += try source.text(
                    index % source.count, conversion.letter, conversion.flags, width, precision, conversion.source)
            }
        }
        results.append(Text(text))
    }
    if used.count < sources.count, !sources.isEmpty {
        let missing = sources.count - used.count
        if missing == 1 {
            try args.context.warn("one argument not used by format '\(formats[0]?.string ?? "NA")'", call: args.call)
        } else {
            try args.context.warn(
                "\(missing) arguments not used by format '\(formats[0]?.string ?? "NA")'", call: args.call)
        }
    }
    return .character(Vector(results))
}

/// An argument of `sprintf`, converted when a conversion first asks for another type.
private final class SprintfSource {
    let value: Value
    let count: Int
    private let args: Arguments
    private lazy var texts: [Text?]? = try? sprintfTexts()
    private lazy var wholes: [Int32?]? = wholeNumbers()

    init(_ value: Value, _ args: Arguments) throws {
        self.args = args
        var value = value
        if value.isObject, !value.inherits("factor") {
            let texts = try args.context.call("as.character", [Argument(value)], environment: args.environment)
            if case .character = value {
                value = texts
            } else if value.isAtomic {
                self.objectTexts = try texts.asCharacters().elements
            } else {
                value = texts
            }
        } else if value.inherits("factor") {
            self.objectTexts = try factorTexts(value, args)
        }
        switch value {
        case .logical, .integer, .double, .character, .null: break
        case .complex, .raw, .list: break
        default:
            throw WorkbenchError(
                .type, "cannot coerce type '\(value.typeName)' to vector of type 'character'")
        }
        self.value = value
        count = value.length
    }

    private var objectTexts: [Text?]?

    /// The types R tells apart.
    private enum Shown { case text, whole, real, truth, other }

    private lazy var shown: Shown = {
        switch value {
        case .character: return .text
        case .integer: return .whole
        case .double: return .real
        case .logical: return .truth
        default: return .other
        }
    }()

    /// The formats of the first result convert the argument to what they want; later ones must find that type, as in R.
    func convert(for letter: Unicode.Scalar) {
        switch letter {
        case "s": if texts != nil { shown = .text }
        case "d", "i", "o", "x", "X": if shown == .real, wholes != nil { shown = .whole }
        default: if shown == .whole || shown == .truth { shown = .real }
        }
    }

    private func fits(_ letter: Unicode.Scalar) -> Bool {
        switch letter {
        case "s": return shown == .text || shown == .other
        case "d", "i": return shown == .whole || shown == .truth || shown == .other
        case "o", "x", "X": return shown == .whole || shown == .other
        default: return shown == .real || shown == .other
        }
    }

    private func sprintfTexts() throws -> [Text?] {
        if let objectTexts { return objectTexts }
        return try args.context.asCharacters(value.bare).elements
    }

    /// Doubles that are all whole numbers can be shown by `%d`.
    private func wholeNumbers() -> [Int32?]? {
        switch value {
        case .integer(let v): return v.elements
        case .logical(let v): return v.elements.map { $0.map { $0 ? 1 : 0 } }
        case .double(let v):
            var result: [Int32?] = []
            for number in v.elements {
                if number.isNA {
                    result.append(nil)
                    continue
                }
                guard let whole = Int32(exactly: number) else { return nil }
                result.append(whole)
            }
            return result
        default: return nil
        }
    }

    func text(
        _ index: Int, _ letter: Unicode.Scalar, _ flags: String, _ width: Int, _ precision: Int?, _ source: String
    ) throws -> String {
        let left = flags.contains("-")
        guard fits(letter) else { throw wrongType(source, letter) }
        switch letter {
        case "s":
            guard let texts else { throw WorkbenchError(.type, "unsupported type") }
            var text = texts[index]?.string ?? "NA"
            if let precision { text = String(text.unicodeScalars.prefix(precision)) }
            // Without a precision R hands the text to C, which counts bytes.
            let missing = width - (precision == nil ? text.utf8.count : text.unicodeScalars.count)
            return left ? text + blanks(missing) : blanks(missing) + text
        case "d", "i", "o", "x", "X":
            guard let wholes else { throw wrongType(source, letter) }
            return number(wholes[index].map { Int64($0) }, letter, flags, width, precision)
        case "f", "e", "E", "g", "G", "a", "A":
            let number: Double
            switch value {
            case .double(let v): number = v[index]
            case .integer(let v): number = v[index].map { Double($0) } ?? .na
            case .logical(let v): number = v[index].map { $0 ? 1 : 0 } ?? .na
            default: throw wrongType(source, letter)
            }
            guard number.isFinite else {
                var text = nonFiniteText(number)
                if number > 0, !number.isNaN {
                    if flags.contains("+") { text = "+Inf" } else if flags.contains(" ") { text = " Inf" }
                }
                return left ? text.rightPadded(to: width) : text.leftPadded(to: width)
            }
            return formatDouble(number, conversion: letter, precision: precision ?? -1, width: width, flags: flags)
        default: throw WorkbenchError(.value, "unrecognised format specification '\(source)'")
        }
    }

    private func number(
        _ value: Int64?, _ letter: Unicode.Scalar, _ flags: String, _ width: Int, _ precision: Int?
    ) -> String {
        guard let value else {
            return flags.contains("-") ? "NA".rightPadded(to: width) : "NA".leftPadded(to: width)
        }
        let shown = letter == "o" || letter == "x" || letter == "X" ? Int64(UInt32(truncatingIfNeeded: value)) : value
        return formatInteger(shown, conversion: letter, precision: precision ?? -1, width: width, flags: flags)
    }

    private func wrongType(_ source: String, _ letter: Unicode.Scalar) -> WorkbenchError {
        let advice: String
        switch shown {
        case .text: advice = "use format %s for character objects"
        case .real: advice = "use format %f, %e, %g or %a for numeric objects"
        case .truth: advice = "use format %d or %i for logical objects"
        case .whole: advice = "use format %d, %i, %o, %x or %X for integer objects"
        case .other: return WorkbenchError(.type, "unsupported type")
        }
        // Without the "1$" of "%1$d".
        var shown = Substring(source.dropFirst())
        if let end = shown.firstIndex(of: "$"), shown[..<end].allSatisfy({ $0.isNumber }) {
            shown = shown[shown.index(after: end)...]
        }
        return WorkbenchError(.value, "invalid format '%\(shown)'; \(advice)")
    }
}
