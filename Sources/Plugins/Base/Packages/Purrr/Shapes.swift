import Diagnostics
import LanguageValues
import RRuntime

/// `flatten`, `transpose`, `array_tree`, `list_c`, …: lists in other shapes.
func registerPurrrShapes(_ purrr: Namespace) {
    purrr.function("flatten", [.value(".x")], help: "A list with one level less") { args in
        var items: [Argument] = []
        let outer = args[0].names
        for (place, element) in try listElements(args[0], args.context).enumerated() {
            let names = element.names
            let own = outer.flatMap { place < $0.count ? $0[place] : nil }
            let parts = element.isVector ? try listElements(element, args.context) : [element]
            for (inner, part) in parts.enumerated() {
                let name = (names.flatMap { inner < $0.count ? $0[inner] : nil }) ?? (parts.count == 1 ? own : nil)
                items.append(Argument(part, name: name.flatMap { $0.isEmpty ? nil : Symbol.named($0) }))
            }
        }
        return .list(Vector(items.map { $0.value }, namesAttribute(items)))
    }
    purrr.function("list_flatten", [.value("x"), .dots], help: "A list whose elements that are lists are spliced in") {
        args in
        var items: [Argument] = []
        let outer = args[0].names
        for (place, element) in try listElements(args[0], args.context).enumerated() {
            let own = outer.flatMap { place < $0.count ? $0[place] : nil }?.string ?? ""
            guard case .list(let list) = element, !element.isObject else {
                items.append(Argument(element, name: own.isEmpty ? nil : Symbol.named(own)))
                continue
            }
            for (inner, part) in list.elements.enumerated() {
                let name = (element.names.flatMap { inner < $0.count ? $0[inner] : nil })?.string ?? ""
                let full = own.isEmpty || name.isEmpty ? own + name : "\(own)_\(name)"
                items.append(Argument(part, name: full.isEmpty ? nil : Symbol.named(full)))
            }
        }
        return .list(Vector(items.map { $0.value }, namesAttribute(items)))
    }
    for (suffix, kind) in [("_lgl", MapResult.logical), ("_int", .integer), ("_dbl", .double), ("_chr", .character)] {
        purrr.function("flatten" + suffix, [.value(".x")], help: "All elements as one vector") { args in
            let parts = try listElements(args[0], args.context).flatMap { try listElements($0, args.context) }
            return try kind.collect(parts, names: nil, args.context)
        }
    }
    purrr.function("list_c", [.value("x"), .dots], help: "All elements joined to one vector") { args in
        try args.context.call(
            "c", try listElements(args[0], args.context).map { Argument($0) }, environment: args.environment)
    }
    purrr.function("list_rbind", [.value("x"), .dots], help: "Data frames one below the other") { args in
        try args.context.call(
            "rbind", try listElements(args[0], args.context).map { Argument($0) }, environment: args.environment)
    }
    purrr.function("transpose", [.value(".l"), .value(".names", nil)], help: "A list of lists turned inside out") {
        args in
        let rows = try listElements(args[0], args.context)
        guard let first = rows.first else { return .items([]) }
        let names: [Text?]? =
            args[".names"].isNull ? first.names : try args[".names"].asCharacters().elements
        let columns = try rows.map { try listElements($0, args.context) }
        let count = names?.count ?? columns.map { $0.count }.max() ?? 0
        let result = (0..<count).map { place -> Value in
            let column = columns.enumerated().map { row, parts -> Value in
                if let names, let own = rows[row].names {
                    guard let found = own.firstIndex(of: names[place]), found < parts.count else { return .null }
                    return parts[found]
                }
                return place < parts.count ? parts[place] : .null
            }
            return Value.list(Vector(column)).withNames(args[0].names)
        }
        return Value.list(Vector(result)).withNames(names)
    }
    for (name, isTree) in [("array_tree", true), ("array_branch", false)] {
        purrr.function(
            name, [.value("array"), .value("margin", nil)],
            help: isTree ? "An array as lists inside lists, one level a dimension" : "An array as a list of its slices"
        ) { args in
            var value = try args.required("array")
            if case .object = value { value = try args.context.call("as.array", [Argument(value)]) }
            guard let dim = value.dim else {
                return Value.list(Vector(try listElements(value, args.context))).withNames(value.names)
            }
            let margins =
                args["margin"].isNull
                ? Array(1...max(1, dim.count)) : try args["margin"].asIntegers().elements.map { Int($0 ?? 0) }
            for margin in margins where margin < 1 || margin > dim.count {
                throw WorkbenchError(
                    .value,
                    "`margin` is \(margin), but the array has \(dim.count) dimension\(dim.count == 1 ? "" : "s")")
            }
            if isTree || margins.count == 1 { return try tree(value, margins, args) }
            return try branches(value, margins, args)
        }
    }
}

/// A slice of an array: one index of one dimension; the dimension is gone.
private func slice(_ array: Value, _ dim: [Int], _ margin: Int, _ index: Int, _ args: Arguments) throws -> Value {
    var stride = 1
    for size in dim[..<margin] { stride *= size }
    let block = stride * dim[margin]
    let total = dim.reduce(1, *)
    var positions: [Int] = []
    positions.reserveCapacity(dim[margin] > 0 ? total / dim[margin] : 0)
    var start = index * stride
    while start < total {
        for offset in 0..<stride { positions.append(start + offset + 1) }
        start += block
    }
    var rest = dim
    rest.remove(at: margin)
    let flat = try args.context.call("[", [Argument(array.bare), Argument(.ints(positions))])
    var names: [Value] = []
    if case .list(let own)? = array.attribute(Symbol.dimnames) {
        names = own.elements
        if margin < names.count { names.remove(at: margin) }
    }
    guard rest.count > 1 else {
        if case .character(let labels)? = names.first { return flat.withNames(labels.elements) }
        return flat
    }
    let shaped = flat.setting(Symbol.dim, .ints(rest))
    return names.contains { !$0.isNull } ? shaped.setting(Symbol.dimnames, .items(names)) : shaped
}

private func tree(_ array: Value, _ margins: [Int], _ args: Arguments) throws -> Value {
    guard let first = margins.first else { return array }
    let dim = array.dim ?? [array.length]
    let margin = first - 1
    var labels: [Text?]? = nil
    if case .list(let names)? = array.attribute(Symbol.dimnames), margin < names.count,
        case .character(let own) = names[margin]
    {
        labels = own.elements
    } else if array.dim == nil {
        labels = array.names
    }
    let rest = margins.dropFirst().map { $0 > first ? $0 - 1 : $0 }
    let parts = try (0..<dim[margin]).map { index in
        try tree(try slice(array, dim, margin, index, args), Array(rest), args)
    }
    return Value.list(Vector(parts)).withNames(labels)
}

/// Slices for every combination of the indices of several dimensions, the first running fastest.
private func branches(_ array: Value, _ margins: [Int], _ args: Arguments) throws -> Value {
    guard let last = margins.last else { return .items([array]) }
    let dim = array.dim ?? [array.length]
    let rest = margins.dropLast().map { $0 > last ? $0 - 1 : $0 }
    var all: [Value] = []
    for index in 0..<dim[last - 1] {
        let part = try slice(array, dim, last - 1, index, args)
        if rest.isEmpty {
            all.append(part)
        } else {
            all += try listElements(try branches(part, Array(rest), args), args.context)
        }
    }
    return .items(all)
}
