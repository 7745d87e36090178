import Diagnostics
import FormatValues
import RRuntime
import TextValues

/// The parameters of `print` and of its default method.
let printParameters: [Parameter] = [
    .value("x", help: "value"), .value("digits", nil, help: "significant digits"),
    .value("quote", true, help: "strings in quotes"), .value("na.print", nil, help: "what stands for NA"),
    .value("print.gap", nil, help: "blanks between columns"),
    .value("right", false, help: "strings of matrices right-justified"),
    .value("max", nil, help: "elements shown at most"), .value("width", nil, help: "columns of a line"),
    .value("useSource", true, help: "functions as they were written"), .dots,
]

func registerPrint(_ base: Namespace) {
    base.function(
        "print", printParameters, help: "Shows a value; classes have methods.", dispatch: .generic, visible: false
    ) { args in try printDefault(args) }
    base.function("print.default", printParameters, help: "Shows a value regardless of its class.", visible: false) {
        args in try printDefault(args)
    }
    base.method(
        "print", for: "function", [.value("x"), .value("useSource", true), .dots], help: "Shows a function.",
        visible: false
    ) { args in try printDefault(args) }
    base.method("print", for: "noquote", [.value("x"), .value("right", false), .dots], visible: false) { args in
        var plain = withoutClass(args[0], "noquote")
        if plain.isObject {
            _ = try args.context.call(
                "print", [Argument(plain), Argument(false, name: "quote")] + args.dots, environment: args.environment)
            return args[0]
        }
        var settings = PrintSettings(args.context)
        settings.quote = false
        settings.right = try args.flag("right")
        try applyPrintArguments(args.dots, &settings)
        settings.quote = false
        plain = withoutClass(args[0], "noquote")
        try show(plain, args, settings)
        return args[0]
    }
    base.method("print", for: "formula", [.value("x"), .dots], help: "Shows a formula.", visible: false) { args in
        let value = args[0]
        var text = args.context.deparse(value.bare).joined(separator: "\n") + "\n"
        if case .environment(let home)? = value.attribute(Symbol.dotEnvironment),
            home !== args.context.globalEnvironment
        {
            text += environmentText(home) + "\n"
        }
        args.context.console.write(text)
        return value
    }
    base.method(
        "print", for: "simple.list", [.value("x"), .dots], help: "Shows a list as one column of a data frame.",
        visible: false
    ) { args in
        let value = args[0]
        guard case .list(let list) = value else { return value }
        let texts = try list.elements.map { try listElementText($0, args) }
        let names = value.names ?? texts.map { _ in "" }
        let cells = Value.character(Vector(texts.map { Optional($0) }))
        let printer = Printer(args.context, args.environment, PrintSettings(args.context))
        printer.settings.quote = false
        printer.printMatrix(
            cells, texts.count, 1, Dimnames(labels: [names, ["_"]], titles: [nil, nil]), isEncoded: true)
        printer.flush()
        return value
    }
    registerNoquote(base)
}

private func registerNoquote(_ base: Namespace) {
    base.function(
        "noquote", [.value("obj"), .value("right", false)], help: "The same value, to be printed without quotes."
    ) { args in
        let value = try args.required("obj")
        if value.inherits("noquote") { return value }
        let classes = ["noquote"] + (value.classAttribute ?? []).map { $0.string }
        return value.setting(Symbol.classAttribute, .strings(classes))
    }
}

/// Arguments of `print` that came through dots.
func applyPrintArguments(_ arguments: [Argument], _ settings: inout PrintSettings) throws {
    for argument in arguments {
        let value = argument.value
        guard !value.isNull, !value.isMissing else { continue }
        switch argument.name?.name {
        case "digits": settings.digits = try digitsArgument(value)
        case "quote": settings.quote = try value.asLogicals().elements.first.flatMap { $0 } ?? true
        case "right": settings.right = try value.asLogicals().elements.first.flatMap { $0 } ?? false
        case "na.print": settings.naPrint = try value.asCharacters().elements.first.flatMap { $0?.string }
        case "max":
            if let max = try value.asIntegers().elements.first, let max { settings.max = Int(max) }
        case "width":
            if let width = try value.asIntegers().elements.first, let width {
                settings.width = Swift.max(10, Int(width))
            }
        case "print.gap":
            if let gap = try value.asIntegers().elements.first, let gap { settings.gap = Int(gap) }
        default: break
        }
    }
}

private func digitsArgument(_ value: Value) throws -> Int {
    let given = try value.asIntegers().elements.first
    guard let first = given, let digits = first, digits >= 0, digits <= 22 else {
        let shown = given.map { $0 ?? Int32.min }.map { " \($0)" } ?? ""
        throw WorkbenchError(.value, "invalid printing digits\(shown)", hint: "a number from 1 to 22")
    }
    return max(1, Int(digits))
}

/// Prints a value itself, its class disregarded.
func show(_ value: Value, _ args: Arguments, _ settings: PrintSettings) throws {
    let printer = Printer(args.context, args.environment, settings)
    try printer.printValue(value)
    printer.flush()
}

private func printDefault(_ args: Arguments) throws -> Value {
    let value = try args.required("x")
    var settings = PrintSettings(args.context)
    for parameter in args.function.parameters.dropFirst() where parameter.name !== Symbol.dots {
        guard parameter.name.name != "useSource" else {
            settings.useSource = try args.flag("useSource")
            continue
        }
        let given = args[parameter.name.name]
        if case .null = given { continue }
        try applyPrintArguments([Argument(given, name: parameter.name)], &settings)
    }
    try show(value, args, settings)
    return value
}
