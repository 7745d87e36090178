import BaseValues
import Diagnostics
import ModelValues
import RRuntime

/// `gl()`, `embed()`, `addmargins()`, `list2DF()`.
func registerDesigns(_ stats: Namespace, _ base: Namespace) {
    base.function(
        "gl",
        [
            .value("n"), .value("k"), .value("length"), .value("labels", nil), .value("ordered", false),
        ], help: "A factor of n levels, each k times in a row"
    ) { args in
        let n = try args.int("n"), k = try args.int("k")
        let (product, overflow) = n.multipliedReportingOverflow(by: k)
        let length = args.has("length") ? try args.int("length") : overflow ? -1 : product
        guard n >= 0, k >= 0, length >= 0, length < 1 << 31, n < 1 << 24 else { throw args.invalid("n") }
        let codes = (0..<length).map { place in k == 0 || n == 0 ? nil : Int32(place / k % n + 1) }
        var labels = (0..<n).map { String($0 + 1) }
        if !args["labels"].isNull { labels = try args["labels"].asCharacters().elements.map { $0?.string ?? "NA" } }
        guard labels.count == n else {
            throw WorkbenchError(.value, "invalid 'labels'; length \(labels.count) should be 1 or \(n)")
        }
        let factor = Value.integer(Vector(codes)).setting(Symbol.levels, .strings(labels))
        return try args.flag("ordered") ? factor.withClass("ordered", "factor") : factor.withClass("factor")
    }
    stats.function("embed", [.value("x"), .value("dimension", 1)], help: "A series beside its earlier values") { args in
        let x = try args.required("x").asDoubles().elements
        let width = try args.int("dimension")
        guard width >= 1, width <= x.count else { throw WorkbenchError(.value, "wrong embedding dimension") }
        let rows = x.count - width + 1
        try MemoryDoor.check(count: rows * width, elementBytes: 8)
        let table = Value.matrix(
            (0..<width).flatMap { lag in (0..<rows).map { x[$0 + width - 1 - lag] } }, rows, width)
        if case .integer = args["x"] {
            return .integer(try table.asIntegers()).setting(Symbol.dim, .ints([rows, width]))
        }
        return table
    }
    base.function(
        "list2DF", [.value("x", code: "list()"), .value("nrow", 0)], help: "A data frame of a list's elements"
    ) { args in
        guard args.has("x"), case .list(let list) = args["x"] else { return .frame([], rowNames: automaticRowNames(0)) }
        let empty = try args.int("nrow")
        let rows = list.elements.map { $0.length }.max() ?? empty
        guard list.elements.allSatisfy({ $0.length == rows }) else {
            throw WorkbenchError(.value, "all variables should have the same length")
        }
        let names = args["x"].names?.map { $0?.string ?? "" } ?? list.elements.map { _ in "" }
        return .frame(Array(zip(names, list.elements)), rowNames: automaticRowNames(rows))
    }
    stats.function("addmargins", [.value("A"), .dots], help: "A table with its sums") { args in
        let table = try args.required("A")
        let counts = try table.asDoubles().elements
        guard let dim = table.dim, dim.count <= 2 else {
            throw WorkbenchError(.unsupported, "addmargins() takes tables of one or two dimensions")
        }
        guard case .list(let names)? = table.attribute(Symbol.dimnames) else {
            throw WorkbenchError(.type, "'A' must be an array or table")
        }
        var sums = counts
        if dim.count == 2 {
            sums = (0..<dim[1]).flatMap { column -> [Double] in
                let part = Array(counts[(column * dim[0])..<((column + 1) * dim[0])])
                return part + [part.reduce(0, +)]
            }
            let height = dim[0] + 1
            sums += (0..<height).map { row in (0..<dim[1]).reduce(0) { $0 + sums[row + $1 * height] } }
        } else {
            sums.append(counts.reduce(0, +))
        }
        let heads = try zip(names.elements, dim).map { names, size in
            let labels = try names.asCharacters().elements.map { $0?.string ?? "NA" }
            return Value.strings((labels.count == size ? labels : [String](repeating: "", count: size)) + ["Sum"])
        }
        var result = Value.numbers(sums)
        if case .integer = table { result = .integer(try result.asIntegers()) }
        var labels = Value.items(heads)
        if let given = table.attribute(Symbol.dimnames)?.names { labels = labels.withNames(given) }
        return result.setting(Symbol.dim, .ints(dim.map { $0 + 1 })).setting(Symbol.dimnames, labels).withClass("table")
    }
}
