import BaseValues
import Diagnostics
import ModelValues
import RRuntime

/// `prcomp()` with its printing, summary and prediction.
func registerPrincipalComponents(_ stats: Namespace) {
    let parameters: [Parameter] = [
        .value("x"), .value("retx", true), .value("center", true), .value("scale.", false), .value("tol", nil),
        .value("rank.", nil), .dots,
    ]
    stats.function(
        "prcomp", parameters, help: "Principal components of the columns of a matrix, by its singular values",
        dispatch: .generic
    ) { args in try components(of: try args.required("x"), args) }
    stats.alias("prcomp.default", of: "prcomp")
    stats.method(
        "prcomp", for: "formula",
        [
            .value("formula"), .value("data", nil), .promise("subset"), .value("na.action"), .value("retx", true),
            .value("center", true), .value("scale.", false), .value("tol", nil), .value("rank.", nil), .dots,
        ]
    ) { args in
        let terms = try formulaTerms(args[0], data: args["data"], args)
        guard !terms.hasResponse else { throw WorkbenchError(.value, "response not allowed in formula") }
        let frame = try ModelFrame(
            terms, Array(terms.labels.indices), data: args["data"], subset: args["subset"], args)
        for (column, name) in zip(frame.columns, frame.names) where !column.isNumeric {
            throw WorkbenchError(.value, "PCA applies only to numerical variables", hint: "`\(name)` is none")
        }
        let numbers = try frame.columns.flatMap { try $0.asDoubles().elements }
        let x = Value.matrix(numbers, frame.count, frame.columns.count, names: [frame.rows, frame.names])
        return try components(of: x, args)
    }
    stats.method("print", for: "prcomp", [.value("x"), .value("digits"), .dots], visible: false) { args in
        func show(_ value: Value) throws {
            let digits = args.has("digits") ? [Argument(args["digits"], name: "digits")] : []
            _ = try args.context.call("print", [Argument(value)] + digits)
        }
        let rotation = args[0].field("rotation") ?? .null
        let dim = rotation.dim ?? [0, 0]
        let count = args[0].field("sdev")?.length ?? 0
        args.context.console.write("Standard deviations (1, .., p=\(count)):\n")
        try show(args[0].field("sdev") ?? .null)
        args.context.console.write("\nRotation (n x k) = (\(dim[0]) x \(dim[dim.count - 1])):\n")
        try show(rotation)
        return args[0]
    }
    stats.method("summary", for: "prcomp", [.value("object"), .dots], help: "How much each component explains") {
        args in try summary(args)
    }
    stats.method("print", for: "summary.prcomp", [.value("x"), .value("digits"), .dots], visible: false) { args in
        let r = RCalls(args.context)
        let digits = try digitsToShow(args)
        let shown = args[0].field("rotation")?.dim?.last ?? 0
        let importance = args[0].field("importance") ?? .null
        let all = importance.dim?.last ?? 0
        args.context.console.write(
            shown < all
                ? "Importance of first k=\(shown) (out of \(all)) components:\n" : "Importance of components:\n")
        let columns = try args.context.call(
            "[",
            [
                Argument(importance), Argument(.missing), Argument(.ints(Array(0..<shown).map { $0 + 1 })),
                Argument(false, name: "drop"),
            ])
        _ = try r("print", columns, named: ["digits": .int(digits)])
        return args[0]
    }
    stats.method("predict", for: "prcomp", [.value("object"), .value("newdata"), .dots], help: "Scores of new rows") {
        args in try scores(args)
    }
}

private func digitsToShow(_ args: Arguments) throws -> Int {
    args.has("digits") ? try args.int("digits") : max(3, args.context.options.int("digits", 7) - 3)
}

private func componentNames(_ count: Int) -> [String] { (0..<count).map { "PC\($0 + 1)" } }

private func components(of given: Value, _ args: Arguments) throws -> Value {
    let r = RCalls(args.context)
    var x = try r("as.matrix", given)
    let columnNames = x.matrixColumnNames
    x = try r("scale", x, named: ["center": args["center"], "scale": args["scale."]])
    guard let dim = x.dim, dim.count == 2 else { throw WorkbenchError(.type, "'x' must be a matrix") }
    let center = x.attribute("scaled:center"), scale = x.attribute("scaled:scale")
    if try scale?.asDoubles().elements.contains(0) ?? false {
        throw WorkbenchError(.value, "cannot rescale a constant/zero column to unit variance")
    }
    var count = min(dim[0], dim[1])
    if !args["rank."].isNull {
        let wanted = try args.number("rank.")
        guard wanted > 0, wanted.isFinite else { throw WorkbenchError(.value, "length(rank.) == 1 is not TRUE") }
        count = min(count, Int(exactly: wanted.rounded(.down)) ?? count)
    }
    let found = try r("svd", x, named: ["nu": 0, "nv": .int(count)])
    let spread = Double(max(1, dim[0] - 1)).squareRoot()
    let deviations = found.numbers("d").map { $0 / spread }
    if !args["tol"].isNull {
        let bound = (deviations.first ?? 0) * (try args.number("tol"))
        count = min(count, deviations.filter { $0 > bound }.count)
    }
    let rotation = Value.matrix(
        Array(found.numbers("v").prefix(count * dim[1])), dim[1], count,
        names: [columnNames.isEmpty ? nil : columnNames, componentNames(count)])
    var fields: [(String, Value)] = [
        ("sdev", .numbers(deviations)), ("rotation", rotation), ("center", center ?? false), ("scale", scale ?? false),
    ]
    if try args.flag("retx") { fields.append(("x", try r("%*%", x, rotation))) }
    if args.function.name.name == "prcomp.formula" { fields.append(("call", .call(matchedCall(args)))) }
    return Value.named(fields).withClass("prcomp")
}

private func summary(_ args: Arguments) throws -> Value {
    guard case .list(let list) = args[0] else { throw WorkbenchError(.type, "argument is not a fit of prcomp()") }
    let r = RCalls(args.context)
    let deviations = args[0].numbers("sdev")
    let total = deviations.reduce(0) { $0 + $1 * $1 }
    let shares = deviations.map { $0 * $0 / total }
    var sum = 0.0
    let sums = shares.map { share -> Double in
        sum += share
        return sum
    }
    let (rounded, together) = (try r.round(shares, 5), try r.round(sums, 5))
    let shown = args[0].field("rotation")?.dim?.last ?? 0
    let heads = componentNames(min(shown, deviations.count)) + (shown..<max(shown, deviations.count)).map { _ in "" }
    let table = Value.matrix(
        deviations.indices.flatMap { [deviations[$0], rounded[$0], together[$0]] }, 3, deviations.count,
        names: [["Standard deviation", "Proportion of Variance", "Cumulative Proportion"], heads])
    let fields = Array(zip(args[0].nameStrings, list.elements)) + [("importance", table)]
    return Value.named(fields).withClass("summary.prcomp")
}

private func scores(_ args: Arguments) throws -> Value {
    let object = args[0]
    let r = RCalls(args.context)
    guard args.has("newdata") else {
        guard let known = object.field("x") else {
            throw WorkbenchError(.value, "no scores are available: refit with 'retx=TRUE'")
        }
        return known
    }
    var data = args["newdata"]
    guard let rotation = object.field("rotation"), let dim = rotation.dim, dim.count == 2 else {
        throw WorkbenchError(.type, "argument is not a fit of prcomp()")
    }
    guard data.dim?.count == 2 || data.inherits("data.frame") else {
        throw WorkbenchError(.value, "'newdata' must be a matrix or data frame")
    }
    if case .list(let names)? = rotation.attribute(Symbol.dimnames), let wanted = names.elements.first, !wanted.isNull {
        let known = Set(try r("colnames", data).asCharacters().elements.compactMap { $0 })
        guard try wanted.asCharacters().elements.allSatisfy({ $0.map { known.contains($0) } ?? false }) else {
            throw WorkbenchError(
                .value, "'newdata' does not have named columns matching one or more of the original columns")
        }
        data = try args.context.call(
            "[", [Argument(data), Argument(.missing), Argument(wanted), Argument(false, name: "drop")])
    }
    data = try r("as.matrix", data)
    guard data.dim?.last == dim[0] else {
        throw WorkbenchError(.value, "'newdata' does not have the correct number of columns")
    }
    let moved = try r(
        "scale", data,
        named: ["center": object.field("center") ?? false, "scale": object.field("scale") ?? false])
    return try r("%*%", moved, rotation)
}
