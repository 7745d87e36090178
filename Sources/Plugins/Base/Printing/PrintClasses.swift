import Diagnostics
import FormatValues
import Glibc
import RRuntime
import TextValues

func registerPrintClasses(_ base: Namespace) {
    base.method(
        "print", for: "factor",
        [.value("x"), .value("quote", false), .value("max.levels", nil), .value("width", nil), .dots],
        help: "Shows the labels of a factor and its levels.", visible: false
    ) { args in try printFactor(args) }
    base.method("print", for: "Date", [.value("x"), .value("max", nil), .dots], help: "Shows dates.", visible: false) {
        args in try printTimes(args, "Date", [])
    }
    base.method(
        "print", for: "POSIXct", [.value("x"), .value("tz", ""), .value("usetz", true), .value("max", nil), .dots],
        help: "Shows times.", visible: false
    ) { args in
        try printTimes(args, "POSIXct", [Argument(args[1], name: "tz"), Argument(args[2], name: "usetz")])
    }
    base.method(
        "print", for: "POSIXlt", [.value("x"), .value("tz", ""), .value("usetz", true), .value("max", nil), .dots],
        help: "Shows times.", visible: false
    ) { args in try printTimes(args, "POSIXlt", [Argument(args[2], name: "usetz")]) }
    base.method(
        "print", for: "difftime", [.value("x"), .value("digits", nil), .dots], help: "Shows time differences.",
        visible: false
    ) { args in try printDifference(args) }
    base.method(
        "print", for: "table",
        [
            .value("x"), .value("digits", nil), .value("quote", false), .value("na.print", ""),
            .value("print.gap", nil), .value("right", code: "is.numeric(x) || is.complex(x)"),
            .value("justify", "none"), .value("zero.print", "0"), .dots,
        ], help: "Shows a table of counts.", visible: false
    ) { args in try printTable(args) }
    for name in ["summaryDefault", "hexmode", "octmode"] { registerPrint(of: name, base) }
}

private func registerPrint(of name: String, _ base: Namespace) {
    switch name {
    case "summaryDefault":
        base.method(
            "format", for: name, [.value("x"), .value("digits", code: "max(3, getOption(\"digits\") - 3)"), .dots]
        ) { args in try formatSummary(args) }
        base.method(
            "print", for: name,
            [.value("x"), .value("digits", code: "max(3, getOption(\"digits\") - 3)"), .value("quote", false), .dots],
            visible: false
        ) { args in
            var texts =
                args[0].typeName == "character" ? args[0].setting(Symbol.classAttribute, nil) : try formatSummary(args)
            if args[0].isNumeric, case .double(let numbers) = args[0], case .character(var shown) = texts {
                for (place, number) in numbers.elements.enumerated() where number.isNaN && place < shown.count {
                    shown[place] = ""
                }
                texts = .character(shown)
            }
            var settings = PrintSettings(args.context)
            settings.quote = try args.flag("quote")
            if !classesBeyondSummary(args[0]).isEmpty { settings.quote = true }
            settings.right = true
            try show(texts, args, settings)
            return args[0]
        }
    default:
        base.method("print", for: name, [.value("x"), .dots], visible: false) { args in
            let texts = try args.context.call("format", [Argument(args[0])], environment: args.environment)
            try show(texts, args, PrintSettings(args.context))
            return args[0]
        }
    }
}

private func printFactor(_ args: Arguments) throws -> Value {
    let value = args[0]
    let isOrdered = value.inherits("ordered")
    let console = args.context.console
    var settings = PrintSettings(args.context)
    let quote = try args.flag("quote")
    settings.quote = quote
    try applyPrintArguments(args.dots, &settings)
    if case .integer(let codes) = value, !codes.isEmpty {
        let count = value.attribute(Symbol.levels)?.length ?? 0
        guard codes.elements.allSatisfy({ code in code.map { $0 >= 1 && Int($0) <= count } ?? true }) else {
            let call = Call("as.character.factor", [.symbol(Symbol.named("x"))], span: args.call.span)
            throw try args.context.raise(WorkbenchError(.value, "malformed factor"), call: call)
        }
    }
    if value.length == 0 {
        console.write(isOrdered ? "ordered(0)\n" : "factor(0)\n")
    } else {
        let attributes = value.attributes.removing([Symbol.levels, Symbol.classAttribute])
        try show(.character(Vector(try factorTexts(value, args), attributes)), args, settings)
    }
    var levels: [String] = []
    if case .character(let v)? = value.attribute(Symbol.levels) {
        levels = v.elements.map { $0.map { escaped($0.string, quote: quote ? "\"" : nil) } ?? (quote ? "NA" : "<NA>") }
    }
    let count = levels.count
    var shown = count
    switch args["max.levels"] {
    case .null, .missing, .logical:
        if case .logical(let v) = args["max.levels"], v.elements.first == false { return value }
        let width = (try args.optionalInt("width") ?? settings.width) - (8 + 3 + 1 + 3)
        var total = 0
        var firstOver: Int?
        for (index, level) in levels.enumerated() {
            total += DisplayWidth.of(level) + (isOrdered ? 3 : 1)
            if total > width, firstOver == nil { firstOver = index }
        }
        if count > 1, total > width { shown = max(1, firstOver ?? 0) }
    default:
        shown = try args.int("max.levels")
        if shown == 0 { return value }
    }
    var text = ""
    if count > shown {
        text = "\(count) "
        levels = Array(levels.prefix(max(1, shown - 1))) + ["..."] + (shown > 1 ? [levels[count - 1]] : [])
    }
    console.write(text + "Levels: " + levels.joined(separator: isOrdered ? " < " : " ") + "\n")
    return value
}

private func printTimes(_ args: Arguments, _ kind: String, _ formatArguments: [Argument]) throws -> Value {
    let value = args[0]
    let count = kind == "POSIXlt" ? try value.length == 0 ? 0 : lengthOf(value, args) : value.length
    if count == 0 {
        args.context.console.write("\(kind) of length 0\n")
        return value
    }
    var settings = PrintSettings(args.context)
    let texts = try args.context.call(
        "format", [Argument(value)] + formatArguments, environment: args.environment)
    try applyPrintArguments(args.dots, &settings)
    if let max = try args.optionalInt("max") {
        guard max >= 0 else { throw args.invalid("max") }
        settings.max = max
    }
    try show(texts, args, settings)
    return value
}

private func lengthOf(_ value: Value, _ args: Arguments) throws -> Int {
    let length = try args.context.call("length", [Argument(value)], environment: args.environment)
    return try length.asIntegers().elements.first.flatMap { $0.map { Int($0) } } ?? 0
}

private func printDifference(_ args: Arguments) throws -> Value {
    let value = args[0]
    let unit = differenceUnit(value)
    let number = withoutClass(value, "difftime").setting(Symbol.named("units"), nil)
    var settings = PrintSettings(args.context)
    if let digits = try args.optionalInt("digits") { settings.digits = min(max(digits, 1), 22) }
    if value.length > 1 || value.dim != nil {
        args.context.console.write("Time differences in \(unit)\n")
        try show(number, args, settings)
    } else {
        var format = FormatSettings(args.context)
        format.print = settings
        let text = formatted(number, format).elements.first.flatMap { $0?.string } ?? ""
        args.context.console.write("Time difference of \(text) \(unit)\n")
    }
    return value
}

private func printTable(_ args: Arguments) throws -> Value {
    let value = args[0]
    if let dim = value.dim, dim.contains(0) {
        let extent = dim.map { String($0) }.joined(separator: " x ")
        args.context.console.write(
            dim.count == 1 ? "< table of extent \(extent) >\n" : "< table of extent \(extent) >\n")
        return value
    }
    let plain = value.setting(Symbol.classAttribute, nil)
    var settings = PrintSettings(args.context)
    settings.quote = try args.flag("quote")
    settings.naPrint = nil
    var format = FormatSettings(args.context)
    if let digits = try args.optionalInt("digits") { format.print.digits = min(max(digits, 1), 22) }
    format.justify = try justification(args["justify"])
    format.naEncode = false
    guard plain.isAtomic else {
        try show(try args.context.call("format", [Argument(plain)], environment: args.environment), args, settings)
        return value
    }
    var texts = formatted(plain, format)
    let naText = try args.optionalString("na.print") ?? ""
    let zero = try args.optionalString("zero.print") ?? "0"
    for index in 0..<texts.count {
        if isMissing(plain, index) {
            texts[index] = Text(naText)
        } else if zero != "0", isZero(plain, index) {
            texts[index] = Text(zero)
        }
    }
    settings.right = plain.isNumeric
    if case .complex = plain { settings.right = true }
    if args.has("right") { settings.right = try args.flag("right") }
    if let gap = try args.optionalInt("print.gap") { settings.gap = gap }
    try applyPrintArguments(args.dots, &settings)
    try show(.character(texts), args, settings)
    return value
}

/// Whether an element of an atomic vector is NA.
func isMissing(_ value: Value, _ index: Int) -> Bool {
    switch value {
    case .logical(let v): return v[index] == nil
    case .integer(let v): return v[index] == nil
    case .double(let v): return v[index].isNaN
    case .complex(let v): return v[index].isNA
    case .character(let v): return v[index] == nil
    default: return false
    }
}

private func isZero(_ value: Value, _ index: Int) -> Bool {
    switch value {
    case .integer(let v): return v[index] == 0
    case .double(let v): return v[index] == 0
    default: return false
    }
}

/// The classes of what was summarised: dates and times keep theirs.
private func classesBeyondSummary(_ value: Value) -> [Text] {
    (value.classAttribute ?? []).filter { $0 != Text("summaryDefault") && $0 != Text("table") }
}

private func formatSummary(_ args: Arguments) throws -> Value {
    var value = args[0].setting(Symbol.classAttribute, nil)
    let rest = classesBeyondSummary(args[0])
    var settings = FormatSettings(args.context)
    settings.print.digits = max(3, settings.print.digits - 3)
    if args.has("digits"), let digits = try args.optionalInt("digits") {
        settings.print.digits = min(max(digits, 1), 22)
    }
    if !rest.isEmpty {
        // Dates and times: the rest of the class formats them.
        value = args[0].setting(Symbol.classAttribute, .character(Vector(rest.map { Optional($0) })))
        let texts = try args.context.call(
            "format", [Argument(value), Argument(.int(settings.print.digits), name: "digits")],
            environment: args.environment)
        return texts
    }
    guard case .double(let v) = value, let names = value.names else {
        return .character(formatted(value, settings))
    }
    // What is tiny beside the largest value is shown as 0; the count of NAs is no measurement and stays as it is.
    let digits = PrintSettings(args.context).digits
    let largest = v.elements.filter { $0.isFinite }.map { abs($0) }.max() ?? 0
    let places = largest > 0 ? max(0, Double(digits) - log10(largest)) : Double(digits)
    let rounded = try args.context.call(
        "round", [Argument(.numbers(v.elements)), Argument(.number(places))], environment: args.environment
    ).asDoubles().elements
    var measured: [Double] = []
    for (index, number) in rounded.enumerated() where names[index] != Text("NA's") { measured.append(number) }
    var texts = formatted(.double(Vector(measured)), settings).elements
    for (index, name) in names.enumerated() where name == Text("NA's") {
        texts.insert(Text(numberText(v[index])), at: min(index, texts.count))
    }
    return .character(Vector(texts, value.attributes.keeping([Symbol.names])))
}
