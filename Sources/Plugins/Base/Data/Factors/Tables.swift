import BaseValues
import Diagnostics
import RRuntime

/// Registers `table` and what turns tables into other things.
func registerTables(_ base: Namespace) {
    base.function(
        "table",
        [
            .promiseDots, .value("exclude", code: "if (useNA == \"no\") c(NA, NaN)"),
            .value("useNA", code: "c(\"no\", \"ifany\", \"always\")"), .value("dnn", code: "list.names(...)"),
            .value("deparse.level", 1),
        ], help: "Counts of each combination of levels."
    ) { args in try tabulate(args) }
    base.function("is.table", [.value("x")], help: "Whether it is a table of counts.") { args in
        .flag(args[0].inherits("table"))
    }
    base.function("as.table", [.value("x"), .dots], help: "A matrix or vector of counts as a table.") { args in
        let x = try args.required("x")
        if x.inherits("table") { return x }
        guard x.isAtomic else { throw WorkbenchError(.type, "cannot coerce to a table") }
        let dim = x.dim ?? [x.length]
        var names: [Value] = []
        if case .list(let known)? = x.attribute(Symbol.dimnames) {
            names = known.elements
        } else if let own = x.names {
            names = [.character(Vector(own))]
        }
        let letters = (0..<26).map { Text(String(UnicodeScalar(UInt8(65 + $0)))) }
        for (index, extent) in dim.enumerated() where index >= names.count || names[index].isNull {
            let made = Value.character(
                Vector((0..<extent).map { extent <= 26 ? letters[$0] : Text("A\($0 + 1)") }))
            if index < names.count { names[index] = made } else { names.append(made) }
        }
        let outer = x.attribute(Symbol.dimnames)?.attribute(Symbol.names)
        return x.bare.setting(Symbol.dim, .ints(dim))
            .setting(Symbol.dimnames, Value.list(Vector(names)).setting(Symbol.names, outer)).withClass("table")
    }
    base.method(
        "as.data.frame", for: "table",
        [
            .value("x"), .value("row.names", nil), .value("optional", false), .dots, .value("responseName", "Freq"),
            .value("stringsAsFactors", true),
        ], help: "One row for each cell of a table."
    ) { args in
        let (columns, names) = try tableColumns(args[0], asFactors: try args.flag("stringsAsFactors"))
        let counts = args[0].bare
        return makeFrame(
            columns + [counts], names: madeUnique(names + [Text(try args.string("responseName"))]),
            rowNames: .automatic(counts.length))
    }
}

/// For each dimension of a table, the level of each cell.
private func tableColumns(_ table: Value, asFactors: Bool) throws -> ([Value], [Text]) {
    let dim = table.dim ?? [table.length]
    guard case .list(let labels)? = table.attribute(Symbol.dimnames), labels.count == dim.count else {
        throw WorkbenchError(.value, "the table has no dimnames")
    }
    let outer = table.attribute(Symbol.dimnames)?.names ?? []
    var columns: [Value] = []
    var names: [Text] = []
    var each = 1
    let total = table.length
    for (index, extent) in dim.enumerated() {
        let texts = try labels[index].asCharacters().elements
        let codes = (0..<total).map { Int32(truncatingIfNeeded: ($0 / each) % max(extent, 1) + 1) }
        if asFactors {
            columns.append(makeFactor(codes, levels: texts))
        } else {
            columns.append(.character(Vector(codes.map { texts.coded($0) ?? nil })))
        }
        let name = index < outer.count ? outer[index] ?? "" : ""
        names.append(name.isEmpty ? Text("Var\(index + 1)") : name)
        each *= max(extent, 1)
    }
    return (columns, names)
}

private func tableNames(_ args: Arguments, _ expressions: [Argument]) throws -> [Text?] {
    let level = try args.int("deparse.level")
    return expressions.map { argument -> Text? in
        if let name = argument.name { return name.text }
        guard case .promise(let promise) = argument.value, level > 0 else { return "" }
        if case .symbol(let symbol) = promise.expression { return symbol.text }
        return level > 1 ? Text(args.context.deparse(promise.expression).first ?? "") : ""
    }
}

private func tabulate(_ args: Arguments) throws -> Value {
    let context = args.context
    var values = try args.dots.map { try context.forced($0.value) }
    var names: [Text?] = try tableNames(args, args.dots)
    let hasNames = args.has("dnn")
    if hasNames { names = args["dnn"].isNull ? [] : try context.texts(of: args["dnn"]) }
    if values.count == 1, case .list(let inner) = values[0], !values[0].isObject || values[0].isDataFrame {
        if !hasNames, let own = values[0].names {
            names = own
        } else if names.count != inner.count {
            let stem = names.first.flatMap { $0?.string } ?? ""
            names = inner.elements.indices.map { Text("\(stem).\($0 + 1)") }
        }
        values = inner.elements
    }
    guard !values.isEmpty else { throw WorkbenchError(.value, "nothing to tabulate") }
    var useNA = "no"
    let hasExclude = args.has("exclude")
    var exclude: Value = .logical(Vector([nil]))
    if hasExclude { exclude = args["exclude"] }
    if args.has("useNA"), case .character(let v) = args["useNA"], let given = v.elements.first??.string {
        guard let match = ["no", "ifany", "always"].first(where: { $0.hasPrefix(given) }) else {
            throw WorkbenchError(.value, "'arg' should be one of ‘no’, ‘ifany’, ‘always’")
        }
        useNA = match
    } else if hasExclude, !missingElements(exclude).contains(true) {
        useNA = "ifany"
    }
    if useNA != "no", !hasExclude { exclude = .null }
    var factors: [Value] = []
    for value in values {
        let count = try context.length(of: value)
        if let first = factors.first, first.length != count {
            throw WorkbenchError(.value, "all arguments must have the same length")
        }
        factors.append(try tableFactor(value, exclude: exclude, hasExclude: hasExclude, useNA: useNA, context))
    }
    return try crossTabulated(factors, names: names.isEmpty ? nil : names)
}

private func tableFactor(
    _ value: Value, exclude: Value, hasExclude: Bool, useNA: String, _ context: Context
) throws -> Value {
    var result: Value
    if value.isFactor {
        result = value
        if hasExclude, !exclude.isNull {
            let barred = try context.texts(of: exclude)
            let levels = value.levelTexts.filter { level in !barred.contains { $0 == level } }
            result = try factor(
                x: value, levels: .character(Vector(levels)), labels: nil, exclude: .null, ordered: false, context)
        }
    } else {
        result = try factor(x: value, levels: nil, labels: nil, exclude: exclude, ordered: false, context)
    }
    let codes = try result.asIntegers().elements
    var levels = result.levelTexts
    let hasMissing = codes.contains { $0 == nil }
    let wantsMissing = useNA == "always" || (useNA == "ifany" && hasMissing)
    if wantsMissing {
        let place: Int
        if let known = levels.firstIndex(where: { $0 == nil }) {
            place = known
        } else {
            place = levels.count
            levels.append(nil)
        }
        // What `exclude` took out is not counted as missing.
        let isNA =
            try hasExclude ? missingElements(.character(Vector(context.texts(of: value)))) : codes.map { $0 == nil }
        let filled = codes.indices.map { codes[$0] ?? (isNA[$0] ? Int32(truncatingIfNeeded: place + 1) : nil) }
        return makeFactor(filled, levels: levels)
    }
    if useNA == "ifany", !hasMissing, let place = levels.firstIndex(where: { $0 == nil }) {
        let count = codes.filter { $0 == Int32(place + 1) }.count
        if count == 0, !value.isFactor { levels.remove(at: place) }
        return makeFactor(codes, levels: levels)
    }
    return result
}

/// Counts of the combinations of factors' levels.
func crossTabulated(_ factors: [Value], names: [Text?]?) throws -> Value {
    let levels = factors.map { $0.levelTexts }
    var size = 1
    for list in levels {
        let (product, overflow) = size.multipliedReportingOverflow(by: list.count)
        guard !overflow, product < 1 << 31 else {
            throw WorkbenchError(.memory, "attempt to make a table with >= 2^31 elements")
        }
        size = product
    }
    var counts = [Int32?](repeating: 0, count: size)
    let codes = try factors.map { try $0.asIntegers().elements }
    for row in 0..<(codes.first?.count ?? 0) {
        var place = 0
        var step = 1
        var isMissing = false
        for (which, own) in codes.enumerated() {
            // A factor put together by hand may have codes beyond its levels, or fewer of them: they count nowhere.
            guard row < own.count, let code = own[row], code >= 1, Int(code) <= levels[which].count else {
                isMissing = true
                break
            }
            place += (Int(code) - 1) * step
            step *= levels[which].count
        }
        if !isMissing { counts[place] = (counts[place] ?? 0) + 1 }
    }
    var dimnames = Value.list(Vector(levels.map { .character(Vector($0)) }))
    if let names { dimnames = dimnames.withNames(names) }
    return Value.integer(
        Vector(
            counts,
            Attributes.of([
                (Symbol.dim, .ints(levels.map { $0.count })), (Symbol.dimnames, dimnames),
                (Symbol.classAttribute, "table"),
            ])))
}
