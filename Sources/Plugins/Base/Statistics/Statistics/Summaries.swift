import BaseValues
import Diagnostics
import RRuntime

/// Registers `summary` of vectors, matrices and data frames.
func registerSummaries(_ base: Namespace) {
    let parameters: [Parameter] = [.value("object"), .dots]
    let defaultParameters: [Parameter] = [.value("object"), .dots, .value("digits"), .value("quantile.type", 7)]
    base.function("summary", parameters, help: "A short description of a value.", dispatch: .generic) { args in
        try args.context.call(
            "summary.default", [Argument(try args.required("object"))] + args.dots, environment: args.environment)
    }
    base.function("summary.default", defaultParameters, help: "Six numbers, or length, class and mode.") { args in
        try defaultSummary(args)
    }
    base.method("summary", for: "matrix", parameters) { args in
        let frame = try args.context.call("as.data.frame", [Argument(args[0])])
        return try frameSummary(frame, args)
    }
    base.method("summary", for: .dataFrame, parameters + [.value("maxsum", 7), .value("digits")]) { args in
        try frameSummary(args[0], args)
    }
    registerTableSummary(base, parameters)
    for className in ["Date", "POSIXct", "difftime"] {
        base.method("summary", for: className, defaultParameters) { args in
            let plain = try sixNumbers(args[0].bare, digits: nil, type: 7)
            let classes = ["summaryDefault", "table"] + (args[0].classAttribute ?? []).map { $0.string }
            var result = plain.numbers
            if className != "difftime", plain.missing > 0 {
                result = result.setting(Symbol.named("NAs"), .int(plain.missing))
            }
            for entry in args[0].attributes?.entries ?? []
            where entry.name !== Symbol.names && entry.name !== Symbol.classAttribute {
                result = result.setting(entry.name, entry.value)
            }
            return result.setting(Symbol.classAttribute, .strings(classes))
        }
    }
}

private func sixNumbers(_ x: Value, digits: Int?, type: Int) throws -> (numbers: Value, missing: Int) {
    let all = try x.asDoubles().elements
    let values = all.filter { !$0.isNaN }
    let quartiles = quantiles(values.ascending(), [0, 0.25, 0.5, 0.75, 1], type: type)
    var six = [quartiles[0], quartiles[1], quartiles[2], mean(values), quartiles[3], quartiles[4]]
    if let digits { six = six.map { signif($0, digits) } }
    return (
        Value.numbers(six).withNames(["Min.", "1st Qu.", "Median", "Mean", "3rd Qu.", "Max."]), all.count - values.count
    )
}

/// A number rounded to significant digits.
func signif(_ value: Double, _ digits: Int) -> Double {
    guard value.isFinite, value != 0 else { return value }
    return parseNumber(formatDouble(value, conversion: "e", precision: max(digits - 1, 0))) ?? value
}

private func mode(_ value: Value) -> String {
    switch value {
    case .integer, .double: return "numeric"
    case .closure, .builtin: return "function"
    case .call: return "call"
    case .symbol: return "name"
    default: return value.typeName
    }
}

private func defaultSummary(_ args: Arguments) throws -> Value {
    let x = try args.required("object")
    let context = args.context
    let digits = args.has("digits") ? try args.int("digits") : nil
    if x.isFactor { return try factorSummary(x, limit: 100, context) }
    if x.dim?.count == 2 {
        return try frameSummary(try context.call("as.data.frame", [Argument(x)]), args)
    }
    switch x {
    case .logical(let v):
        var entries: [(String, Text?)] = [("Mode", "logical")]
        let counts = (
            v.elements.filter { $0 == false }.count, v.elements.filter { $0 == true }.count,
            v.elements.filter { $0 == nil }.count
        )
        if counts.0 > 0 { entries.append(("FALSE", Text(String(counts.0)))) }
        if counts.1 > 0 { entries.append(("TRUE", Text(String(counts.1)))) }
        if counts.2 > 0 { entries.append(("NA's", Text(String(counts.2)))) }
        return Value.character(Vector(entries.map { $0.1 })).withNames(entries.map { $0.0 })
            .withClass("summaryDefault", "table")
    case .integer, .double:
        let six = try sixNumbers(x, digits: digits, type: try args.int("quantile.type"))
        guard six.missing > 0, case .double(let v) = six.numbers else {
            return six.numbers.withClass("summaryDefault", "table")
        }
        return Value.numbers(v.elements + [Double(six.missing)])
            .withNames(["Min.", "1st Qu.", "Median", "Mean", "3rd Qu.", "Max.", "NA's"]).withClass(
                "summaryDefault", "table")
    case .list(let list) where !list.isEmpty:
        let count = list.count
        var cells: [Text?] = []
        let lengths = try list.elements.map { String(try context.length(of: $0)) }
        let width = lengths.map { $0.utf8.count }.max() ?? 0
        cells += lengths.map { Text($0.leftPadded(to: width)) }
        cells += list.elements.map { element in
            element.classAttribute?.first ?? "-none-"
        }
        cells += list.elements.map { Text(mode($0)) }
        let rows: Value = x.names.map { .character(Vector($0)) } ?? .null
        return Value.character(Vector(cells)).setting(Symbol.dim, .ints([count, 3])).setting(
            Symbol.dimnames, .list(Vector([rows, .strings(["Length", "Class", "Mode"])]))
        ).withClass("table")
    default:
        let length = try context.length(of: x)
        let classes = x.classes.map { $0.string }
        return Value.strings([String(length)] + classes + [mode(x)])
            .withNames(
                ["Length"] + (classes.count == 1 ? ["Class"] : classes.indices.map { "Class\($0 + 1)" }) + ["Mode"]
            )
            .withClass("summaryDefault", "table")
    }
}

private func frameSummary(_ frame: Value, _ args: Arguments) throws -> Value {
    let context = args.context
    let digits = args.has("digits") ? try args.int("digits") : max(3, context.options.int("digits", 7) - 3)
    let limit = args.has("maxsum") ? try args.int("maxsum") : 7
    let columns = frame.items
    var cells: [[String]] = []
    var names: [String] = []
    for (name, column) in zip(frame.columnNames, columns) {
        let arguments =
            column.isFactor
            ? [Argument(column), Argument(.int(limit), name: "maxsum")]
            : [Argument(column), Argument(.int(12), name: "digits")]
        let summary = try context.call("summary", arguments)
        let labels = summary.names?.map { $0?.string ?? "NA" } ?? []
        let texts = try context.asCharacters(
            try context.call("format", [Argument(summary), Argument(.int(digits), name: "digits")]).bare
        ).elements.map { $0?.string ?? "NA" }
        let width = labels.map { displayWidth($0) }.max() ?? 0
        let lines = zip(labels, texts).map { label, text in
            label.rightPadded(to: width) + ":" + text + "  "
        }
        cells.append(lines)
        let pad = Int((Double(width) - Double(displayWidth(name.string)) / 2).rounded(.down))
        names.append(String(repeating: " ", count: max(pad, 0)) + name.string)
    }
    let rows = cells.map { $0.count }.max() ?? 0
    var flat: [Text?] = []
    for lines in cells { for row in 0..<rows { flat.append(row < lines.count ? Text(lines[row]) : nil) } }
    return Value.character(Vector(flat)).setting(Symbol.dim, .ints([rows, columns.count])).setting(
        Symbol.dimnames,
        .list(Vector([.strings([String](repeating: "", count: rows)), .strings(names)]))
    ).withClass("table")
}

private func displayWidth(_ text: String) -> Int { text.unicodeScalars.count }
