import Diagnostics
import RRuntime
import VectorValues

func registerAssignSubset(_ base: Namespace) {
    base.function(
        "[<-", [.value("x"), .dots, .value("value")], help: "Replaces elements.", dispatch: .internal
    ) { args in
        if args.values[2].isMissing {
            guard let last = args.dots.popLast() else { throw WorkbenchError(.value, "invalid number of arguments") }
            args.values[2] = last.value
        }
        return try AssignSubset.apply(&args)
    }
}

enum AssignSubset {
    static func apply(_ args: inout Arguments) throws -> Value {
        if args.dots.count == 1, let place = fastPlace(args.values[0], args.dots[0].value) {
            var x = args.take(0)
            if x.setElement(place, args.values[2]) { return x }
            args.values[0] = x
        }
        let indices = args.dots.map { $0.value }
        let value = args.values[2]
        if indices.count <= 1 { return try vector(&args, indices.first ?? .missing, value) }
        return try array(&args, indices, value)
    }

    private static func fastPlace(_ x: Value, _ index: Value) -> Int? {
        guard x.isAtomic, index.attributes == nil else { return nil }
        return Index.single(index, count: x.length + 1)
    }

    // MARK: Vectors

    /// `x[i] <- value`
    private static func vector(_ args: inout Arguments, _ index: Value, _ given: Value) throws -> Value {
        let context = args.context
        var x = args.values[0]
        switch x {
        case .call(let call):
            args.values[0] = call.asList
            return try vector(&args, index, given).asCall
        case .null:
            if given.isNull || given.length == 0 { return .null }
            x = (given.kind ?? .list).zeros(0)
        default: guard x.isVector else { throw x.notSubsettable }
        }
        let value = given.kind == nil ? Value.items([given]) : given
        let count = x.length
        var selection: Selection
        if let dim = x.dim, let places = try Index.byMatrix(index, dim: dim, dimnames: x.dimnamesLists) {
            selection = Selection(places)
            selection.hasNA = places.contains(-1)
        } else {
            selection = try Index.resolve(index, count: count, names: x.elementNames, grows: true)
        }
        if x.kind == .list || x.kind == .expression, given.isNull {
            return Deletion.removing(selection.positions, from: x)
        }
        try checkCounts(selection, value.length, args)
        try checkAllocation(max(selection.extent, count), max(x.kind ?? .list, value.kind ?? .list))
        let kind = max(x.kind ?? .list, value.kind ?? .list)
        let source = try value.coerced(to: kind, context)
        if x.kind != kind {
            x = try x.coercedKeepingAttributes(to: kind, context)
            args.values[0] = .null
        } else if case .null = args.values[0] {
            // A new vector already.
        } else {
            x = .null
            x = args.take(0)
        }
        let extent = selection.extent
        x.scatter(source, at: selection.positions, extent: extent)
        if extent > count { x.attributes = grownAttributes(x.attributes, from: count, to: extent, selection.added) }
        return x
    }

    /// Counts of places and values that do not go together.
    static func checkCounts(_ selection: Selection, _ available: Int, _ args: Arguments) throws {
        let wanted = selection.positions.count
        guard wanted > 0 else { return }
        if available == 0 { throw WorkbenchError(.value, "replacement has length zero") }
        if selection.hasNA, available > 1 {
            throw WorkbenchError(.value, "NAs are not allowed in subscripted assignments")
        }
        if wanted % available != 0 {
            try args.context.warn(
                "number of items to replace is not a multiple of replacement length", call: args.call)
        }
    }

    /// Attributes after a vector got longer: no dimensions, names filled up with "".
    static func grownAttributes(
        _ attributes: Attributes?, from count: Int, to extent: Int, _ added: [Text?]
    ) -> Attributes? {
        var result = attributes.removing([Symbol.dim, Symbol.dimnames])
        var names = attributes?.elementNames
        if names == nil, added.contains(where: { $0 != nil }) { names = Array(repeating: "", count: count) }
        guard var names else { return result }
        while names.count < extent {
            let place = names.count - count
            names.append(place >= 0 && place < added.count ? added[place] : "")
        }
        guard let old = result, old[Symbol.names] == nil else {
            return result.setting(Symbol.names, .character(Vector(names)))
        }
        result = Attributes.of([(Symbol.names, .character(Vector(names)))] + old.entries)
        return result
    }

    // MARK: Arrays

    /// `x[i, j, …] <- value`
    private static func array(_ args: inout Arguments, _ indices: [Value], _ given: Value) throws -> Value {
        // No copy of the value may be held while it is changed in place.
        if let dim = args.values[0].dim, dim.count == indices.count, args.values[0].isVector,
            let place = fastArrayPlace(indices, dim: dim)
        {
            var target = args.take(0)
            if target.setElement(place, given) { return target }
            args.values[0] = target
        }
        let x = args.values[0]
        guard x.isVector else {
            if x.isNull { return try nullArray(indices, given) }
            throw x.notSubsettable
        }
        guard let dim = x.dim, dim.count == indices.count else {
            let kind =
                indices.count == 2 ? "incorrect number of subscripts on matrix" : "incorrect number of subscripts"
            throw WorkbenchError(.value, x.dim == nil ? kind : "incorrect number of subscripts")
        }
        let value = given.kind == nil ? Value.items([given]) : given
        let dimnames = x.dimnamesLists
        var places: [[Int]] = []
        for (axis, index) in indices.enumerated() {
            places.append(
                try Index.alongDimension(index, extent: dim[axis], names: dimnames.map { $0[axis] }))
        }
        let positions = try Index.block(places, dim: dim)
        if !positions.isEmpty {
            if value.length == 0 { throw WorkbenchError(.value, "replacement has length zero") }
            if value.length > 1, positions.contains(where: { $0 < 0 }) {
                throw WorkbenchError(.value, "NAs are not allowed in subscripted assignments")
            }
            if positions.count % value.length != 0 {
                throw WorkbenchError(
                    .value, "number of items to replace is not a multiple of replacement length")
            }
        }
        let kind = max(x.kind ?? .list, value.kind ?? .list)
        let source = try value.coerced(to: kind, args.context)
        if x.kind == kind { return args.taking0 { $0.scatter(source, at: positions, extent: 0) } }
        var result = try x.coercedKeepingAttributes(to: kind, args.context)
        result.scatter(source, at: positions, extent: 0)
        return result
    }

    private static func nullArray(_ indices: [Value], _ given: Value) throws -> Value {
        if given.length == 0 { return .null }
        throw WorkbenchError(
            .value, indices.count == 2 ? "incorrect number of subscripts on matrix" : "incorrect number of subscripts")
    }

    private static func fastArrayPlace(_ indices: [Value], dim: [Int]) -> Int? {
        var place = 0
        var stride = 1
        for (axis, index) in indices.enumerated() {
            guard let here = Index.single(index, count: dim[axis]) else { return nil }
            place += here * stride
            stride *= dim[axis]
        }
        return place
    }
}

/// Removing elements of lists by assigning NULL.
enum Deletion {
    static func removing(_ positions: [Int], from x: Value) -> Value {
        let count = x.length
        var gone = Set<Int>()
        for position in positions where position >= 0 { gone.insert(position) }
        let extent = (positions.filter { $0 < count }.max() ?? -1) + 1
        let target = max(count, extent)
        let kept = (0..<target).filter { !gone.contains($0) }
        guard kept.count != count else { return x }
        var result = x.gathering(kept)
        var attributes = x.attributes.removing([Symbol.dim, Symbol.dimnames])
        if case .character(let names)? = attributes[Symbol.names] {
            attributes = attributes.setting(Symbol.names, Value.character(names).gathering(kept))
        }
        result.attributes = attributes
        return result
    }
}
