import Diagnostics
import FormatValues
import RRuntime
import TextValues

/// The parameters of `format` and of its default method.
let formatParameters: [Parameter] = [
    .value("x", help: "values"), .value("trim", code: "FALSE", help: "no padding to a common width"),
    .value("digits", nil, help: "significant digits"), .value("nsmall", 0, help: "digits after the point at least"),
    .value("justify", code: "c(\"left\", \"right\", \"centre\", \"none\")", help: "where strings stand"),
    .value("width", nil, help: "width at least"), .value("na.encode", true, help: "NA strings as text"),
    .value("scientific", code: "NA", help: "scientific notation"), .value("big.mark", ""), .value("big.interval", 3),
    .value("small.mark", ""), .value("small.interval", 5), .value("decimal.mark", code: "getOption(\"OutDec\")"),
    .value("zero.print", nil), .value("drop0trailing", false), .dots,
]

func registerFormat(_ base: Namespace) {
    base.function(
        "format", formatParameters, help: "Texts of a common width, as printing shows values.", dispatch: .generic
    ) { args in try formatByKind(args) }
    base.function("format.default", formatParameters, help: "Texts of a common width.") { args in
        try formatByKind(args)
    }
    base.method("format", for: "factor", [.value("x"), .dots], help: "Texts of the levels of a factor.") { args in
        let value = args[0]
        let texts = try factorTexts(value, args)
        let attributes = value.attributes.keeping([Symbol.names, Symbol.dim, Symbol.dimnames])
        return try args.context.call(
            "format", [Argument(.character(Vector(texts, attributes)))] + args.dots, environment: args.environment)
    }
    base.method("format", for: "AsIs", [.value("x"), .value("width", 12), .dots], help: "Texts of as-is values.") {
        args in
        let value = withoutClass(args[0], "AsIs")
        guard case .list(let list) = value else {
            return try args.context.call("format", [Argument(value)] + args.dots, environment: args.environment)
        }
        let texts = try list.elements.map { try listElementText($0, args) }
        return .character(Vector(texts, value.attributes.keeping([Symbol.names, Symbol.dim, Symbol.dimnames])))
    }
    base.method("format", for: "difftime", [.value("x"), .dots], help: "Texts of time differences with their unit.") {
        args in
        let unit = differenceUnit(args[0])
        let number = withoutClass(args[0], "difftime").setting(Symbol.named("units"), nil)
        let texts = try args.context.call("format", [Argument(number)] + args.dots, environment: args.environment)
        guard case .character(let v) = texts else { return texts }
        return .character(v.map { text in text.map { Text($0.string + " " + unit) } })
    }
    base.method("format", for: "noquote", [.value("x"), .dots]) { args in
        let value = withoutClass(args[0], "noquote")
        return try args.context.call("format", [Argument(value)] + args.dots, environment: args.environment)
    }
    registerFormatting(base)
}

private func registerFormatting(_ base: Namespace) {
    base.function(
        "format.info", [.value("x"), .value("digits", nil), .value("nsmall", 0)],
        help: "Width, digits after the point and exponent class that format would use."
    ) { args in
        var settings = PrintSettings(args.context)
        if let digits = try args.optionalInt("digits") { settings.digits = min(max(digits, 1), 22) }
        switch args[0] {
        case .double(let v):
            let format = NumberFormat(
                v.elements, digits: settings.digits, scipen: settings.scipen, nsmall: try args.int("nsmall"))
            return .ints([format.width, format.decimals, max(0, format.exponentDigits - 1)])
        case .logical, .integer: return .int(Cells(args[0], 0..<args[0].length, settings).width)
        case .character(let v):
            return .int(v.elements.reduce(0) { max($0, DisplayWidth.of($1?.string ?? "NA")) })
        default: throw WorkbenchError(.type, "atomic vector arguments only")
        }
    }
}

/// The settings that the arguments of `format` ask for.
func formatSettings(_ args: Arguments) throws -> FormatSettings {
    var settings = FormatSettings(args.context)
    if args.has("trim") { settings.trim = try args.flag("trim") }
    if let digits = try args.optionalInt("digits") {
        guard digits >= 0, digits <= 22 else { throw args.invalid("digits") }
        settings.print.digits = max(digits, 1)
    }
    settings.nsmall = try args.int("nsmall")
    guard settings.nsmall >= 0, settings.nsmall <= 20 else { throw args.invalid("nsmall") }
    settings.justify = try justification(args["justify"])
    if let width = try args.optionalInt("width") {
        guard width >= 0, width <= 10_000_000 else { throw args.invalid("width") }
        settings.width = width
    }
    settings.naEncode = try args.flag("na.encode")
    switch args["scientific"] {
    case .missing, .null: break
    case .logical(let v):
        if let flag = v.elements.first, let flag { settings.print.scipen = flag ? -100 : 100 }
    case let number:
        if let value = try number.asIntegers().elements.first, let value { settings.print.scipen = Int(value) }
    }
    if args.has("decimal.mark") { settings.print.decimalMark = try args.string("decimal.mark") }
    return settings
}

private func formatByKind(_ args: Arguments) throws -> Value {
    // Texts keep all attributes but the class.
    let given = try args.required("x")
    let value = given.isVector && given.isObject ? given.setting(Symbol.classAttribute, nil) : given
    var settings = try formatSettings(args)
    switch value {
    case .list(let list):
        if !args.has("justify") { settings.justify = .none }
        if !args.has("trim") { settings.trim = true }
        let texts = try list.elements.map { element in
            try listElementText(element, args, settings)
        }
        return .character(Vector(texts, value.attributes))
    case .null: return "NULL"
    case .character: return .character(formatted(value, settings))
    case .logical, .integer, .double, .complex:
        let attributes = value.attributes
        let texts = formatted(value, settings)
        let marks = try NumberMarks(args)
        guard marks.changesSomething else { return .character(texts) }
        return .character(
            Vector(
                marks.applied(
                    to: texts.elements.map { $0?.string ?? "NA" },
                    preserving: settings.trim ? .individual : .common, pointIn: settings.print.decimalMark
                ).map { Text($0) }, attributes))
    case .raw: return .character(formatted(value, settings))
    case .symbol(let symbol): return .string(symbol.name)
    case .call, .expression: return .strings(args.context.deparse(value))
    case .closure, .builtin:
        return .strings(
            functionText(value, args.context).split(separator: "\n", omittingEmptySubsequences: false).map {
                String($0)
            })
    case .environment: return "<environment>"
    case .object(let object): return .string("<\(object.classes.first?.string ?? "object")>")
    default: throw WorkbenchError(.type, "Found no format() method for class \"\(value.classes[0].string)\"")
    }
}
