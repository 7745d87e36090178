import Diagnostics
import RRuntime
import VectorValues

func registerSubset(_ base: Namespace) {
    let parameters: [Parameter] = [
        .value("x", help: "Vector, list, array or call."), .dots,
        .value("drop", code: "TRUE", help: "Whether dimensions of extent one go."),
    ]
    base.function("[", parameters, help: "Selects elements.", dispatch: .internal, direct: Subset.direct) { args in
        try Subset.apply(args)
    }
    base.method("[", for: "table", parameters, help: "Part of a table of counts, a table while it has dimensions.") {
        args in
        let result = try Subset.apply(args)
        guard let extents = result.dim, extents.count > 1 || extents.count == args.values[0].dim?.count else {
            return result
        }
        return result.setting(Symbol.classAttribute, args.values[0].attribute(Symbol.classAttribute))
    }
    base.function(".subset", parameters, help: "Selects elements without looking for methods.") { args in
        try Subset.apply(args)
    }
}

enum Subset {
    /// One positive number inside a vector without attributes.
    static func direct(_ x: Value, _ index: Value, _ context: Context) -> Value? {
        switch x {
        case .double(let v):
            guard v.attributes == nil, let place = Index.single(index, count: v.elements.count) else { return nil }
            return .number(v.elements[place])
        case .integer(let v):
            guard v.attributes == nil, let place = Index.single(index, count: v.elements.count) else { return nil }
            return .integer(Vector([v.elements[place]]))
        case .logical(let v):
            guard v.attributes == nil, let place = Index.single(index, count: v.elements.count) else { return nil }
            return .logical(Vector([v.elements[place]]))
        case .character(let v):
            guard v.attributes == nil, let place = Index.single(index, count: v.elements.count) else { return nil }
            return .character(Vector([v.elements[place]]))
        default: return nil
        }
    }

    static func apply(_ args: Arguments) throws -> Value {
        let x = args.values[0]
        let indices = args.dots.filter { $0.name !== Symbol.exact }.map { $0.value }
        let drop = args.values[2].isMissing ? true : (try? args.values[2].asLogicals().elements.first ?? true) ?? true
        return try of(x, indices, drop: drop)
    }

    static func of(_ x: Value, _ indices: [Value], drop: Bool) throws -> Value {
        switch x {
        case .null: return .null
        case .call(let call):
            guard indices.count == 1 else { throw WorkbenchError(.value, "incorrect number of dimensions") }
            return try vector(call.asList, indices[0], drop: drop).asCall
        case .missing: throw WorkbenchError(.value, "argument \"x\" is missing, with no default")
        default: guard x.isVector else { throw x.notSubsettable }
        }
        if indices.count <= 1 { return try vector(x, indices.first ?? .missing, drop: drop) }
        guard let dim = x.dim, dim.count == indices.count else {
            throw WorkbenchError(.value, "incorrect number of dimensions")
        }
        return try array(x, indices, dim: dim, drop: drop)
    }

    /// `x[i]`
    private static func vector(_ x: Value, _ index: Value, drop: Bool) throws -> Value {
        if case .missing = index { return x }
        let dim = x.dim
        if let dim, let positions = try Index.byMatrix(index, dim: dim, dimnames: x.dimnamesLists) {
            return x.gathering(positions)
        }
        let names = x.attributes == nil ? nil : x.elementNames
        let selection = try Index.resolve(index, count: x.length, names: names, grows: false)
        try checkAllocation(selection.positions.count)
        var result = x.gathering(selection.positions)
        var attributes: Attributes?
        if let names {
            attributes = attributes.setting(Symbol.names, Value.character(Vector(names)).gathering(selection.positions))
        }
        if let dim, dim.count == 1, !drop || result.length > 1 {
            let selected = attributes[Symbol.names]
            attributes = Attributes.of([(Symbol.dim, .int(result.length))])
            if case .list(var list)? = x.attributes[Symbol.dimnames], !list.isEmpty {
                list.elements[0] = selected ?? .null
                attributes = attributes.setting(Symbol.dimnames, .list(list))
            }
        }
        if isFactor(x) {
            attributes = attributes.setting(Symbol.levels, x.attributes[Symbol.levels])
            attributes = attributes.setting(Symbol.classAttribute, x.attributes[Symbol.classAttribute])
        }
        result.attributes = attributes
        return result
    }

    private static func isFactor(_ x: Value) -> Bool {
        guard case .integer = x, x.attributes != nil else { return false }
        return x.inherits("factor")
    }

    /// `x[i, j, …]`
    private static func array(_ x: Value, _ indices: [Value], dim: [Int], drop: Bool) throws -> Value {
        let dimnames = x.dimnamesLists
        var places: [[Int]] = []
        for (axis, index) in indices.enumerated() {
            places.append(
                try Index.alongDimension(index, extent: dim[axis], names: dimnames.map { $0[axis] }))
        }
        var result = x.gathering(try Index.block(places, dim: dim))
        var attributes = Attributes.of([(Symbol.dim, .ints(places.map { $0.count }))])
        if case .list(let list)? = x.attributes[Symbol.dimnames] {
            let selected = list.elements.enumerated().map { axis, names in
                axis < places.count ? names.gathering(places[axis]) : names
            }
            attributes = attributes.setting(
                Symbol.dimnames, .list(Vector(selected.map { $0.length == 0 ? .null : $0 }, list.attributes)))
        }
        result.attributes = attributes
        return drop ? Shape.dropped(result) : result
    }
}
