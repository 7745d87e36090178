import Diagnostics
import RRuntime
import VectorValues

func registerExtremes(_ base: Namespace) {
    for (name, isMax) in [("pmax", true), ("pmin", false)] {
        base.function(
            name, [.dots, .value("na.rm", false)],
            help: isMax
                ? "Largest of several vectors, element by element." : "Smallest of several vectors, element by element."
        ) { args in try parallel(args, isMax: isMax) }
        base.function(name + ".int", [.dots, .value("na.rm", false)], help: "The same.") { args in
            try parallel(args, isMax: isMax)
        }
    }
    for (name, isMax) in [("which.max", true), ("which.min", false)] {
        base.function(
            name, [.value("x")], help: isMax ? "Where the largest element is." : "Where the smallest element is."
        ) {
            args in
            let x = try args.required("x")
            let (numbers, lost) = try x.asDoublesNotingLoss()
            if lost { try args.context.warn("NAs introduced by coercion", call: args.call) }
            var best: Int?
            for (place, element) in numbers.elements.enumerated() where !element.isNaN {
                guard let known = best else {
                    best = place
                    continue
                }
                if isMax ? element > numbers[known] : element < numbers[known] { best = place }
            }
            guard let best else { return .integer(Vector([])) }
            let result = Value.int(best + 1)
            guard let names = x.elementNames, best < names.count else { return result }
            return result.withNames([names[best]])
        }
    }
    base.function(
        "which", [.value("x"), .value("arr.ind", false), .value("useNames", true)], help: "Which elements are TRUE."
    ) { args in try which(args) }
    base.function(
        "arrayInd", [.value("ind"), .value(".dim"), .value(".dimnames", nil), .value("useNames", false)],
        help: "Row and column of places in an array."
    ) { args in
        let dim = try args.required(".dim").asDoubles().elements.map { $0.wholeInt ?? 0 }
        let places = try args.required("ind").asDoubles().elements.map { ($0.wholeInt ?? 0) &- 1 }
        return try arrayIndices(places, dim: dim, rowNames: nil, useNames: try args.flag("useNames"))
    }
    base.function("max.col", [.value("m"), .value("ties.method", "random")], help: "Column of each row's maximum.") {
        args in
        let m = try args.required("m")
        guard let dim = m.dim, dim.count == 2 else { throw WorkbenchError(.value, "a matrix is required") }
        let numbers = try m.doubleElements()
        let ties = args["ties.method"].length == 1 ? try args.string("ties.method") : "random"
        let takesLast = ties == "last"
        return .ints(
            (0..<dim[0]).map { row in
                var best = 0
                for column in 1..<max(dim[1], 1) {
                    let value = numbers[column * dim[0] + row]
                    let known = numbers[best * dim[0] + row]
                    if value > known || (takesLast && value == known) { best = column }
                }
                return best + 1
            })
    }
}

private func which(_ args: Arguments) throws -> Value {
    let x = try args.required("x")
    guard case .logical(let v) = x else { throw WorkbenchError(.type, "argument to 'which' is not logical") }
    let places = v.elements.indices.filter { v.elements[$0] == true }
    if try args.flag("arr.ind"), let dim = x.dim {
        let rowNames = x.dimnamesLists?.first ?? nil
        return try arrayIndices(
            places, dim: dim, rowNames: rowNames, titles: x.attribute(Symbol.dimnames)?.names,
            useNames: try args.flag("useNames"))
    }
    var result = places.isEmpty ? Value.integer(Vector([])) : Value.ints(places.map { $0 + 1 })
    if try args.flag("useNames"), let names = x.names { result = result.withNames(places.map { names[$0] }) }
    return result
}

/// Places from 0; negative ones are those that are not known.
private func arrayIndices(
    _ places: [Int], dim: [Int], rowNames: [Text?]?, titles: [Text?]? = nil, useNames: Bool
) throws -> Value {
    var columns: [Int32?] = []
    var stride = 1
    for extent in dim {
        guard (0...Int(Int32.max)).contains(extent) else {
            throw WorkbenchError(.value, "'.dim' must hold sizes of an array, not \(extent)")
        }
        for place in places {
            columns.append(place < 0 ? nil : extent == 0 ? 0 : Int32(place / max(stride, 1) % extent + 1))
        }
        // Beyond all places the index is 1, whatever the rest.
        let (product, overflows) = stride.multipliedReportingOverflow(by: extent)
        stride = overflows ? Int.max : product
    }
    var result = Value.integer(Vector(columns))
    result = result.setting(Symbol.dim, .ints([places.count, dim.count]))
    if useNames {
        let labels: [String] = dim.count == 2 ? ["row", "col"] : (1...max(dim.count, 1)).map { "dim\($0)" }
        var rows = Value.null
        if let rowNames { rows = .character(Vector(places.map { rowNames[$0 % dim[0]] })) }
        let columns = titles.map { Value.character(Vector($0)) } ?? .strings(labels)
        result = result.setting(Symbol.dimnames, .items([rows, columns]))
    }
    return result
}

private func parallel(_ args: Arguments, isMax: Bool) throws -> Value {
    let values = args.dotValues
    guard let first = values.first else { throw WorkbenchError(.value, "no arguments") }
    let removes = try args.flag("na.rm")
    if values.contains(where: { $0.length == 0 }) { return (first.kind ?? .logical).zeros(0) }
    let kind = max(commonKind(values), .integer)
    guard kind <= .double || kind == .character else {
        throw WorkbenchError(.type, "invalid input type")
    }
    let count = values.map { $0.length }.max() ?? 0
    for value in values where count % value.length != 0 {
        try args.context.warn("an argument will be fractionally recycled", call: args.call)
        break
    }
    var result: Value
    switch kind {
    case .character:
        let columns = try values.map { try args.context.asCharacters($0).elements }
        let best = fold(columns, count, removes, { $0 == nil }) { known, candidate in
            guard let known, let candidate else { return false }
            return isMax ? candidate > known : candidate < known
        }
        result = .character(Vector(best))
    case .integer:
        let columns = try values.map { try $0.integerElements() }
        result = .integer(
            Vector(
                fold(columns, count, removes, { $0 == nil }) { a, b in
                    guard let a, let b else { return false }
                    return isMax ? b > a : b < a
                }))
    default:
        let columns = try values.map { try $0.doubleElements() }
        result = .double(Vector(fold(columns, count, removes, { $0.isNaN }) { isMax ? $1 > $0 : $1 < $0 }))
    }
    if first.length == count {
        result.attributes = OperandAttributes.mostAttributes(first.attributes, over: OperandAttributes.shape(first))
    }
    return result
}

private func fold<T>(
    _ columns: [[T]], _ count: Int, _ removes: Bool, _ isNA: (T) -> Bool, _ isBetter: (T, T) -> Bool
) -> [T] {
    (0..<count).map { place in
        var best = columns[0][place % columns[0].count]
        for column in columns.dropFirst() {
            let candidate = column[place % column.count]
            if isNA(candidate) {
                if !removes { best = candidate }
            } else if isNA(best) {
                if removes { best = candidate }
            } else if isBetter(best, candidate) {
                best = candidate
            }
        }
        return best
    }
}
