import Diagnostics
import RRuntime
import VectorValues

func registerElement(_ base: Namespace) {
    let parameters: [Parameter] = [
        .value("x", help: "Vector, list, environment or call."), .dots,
        .value("exact", true, help: "FALSE lets names match partially."),
    ]
    base.function("[[", parameters, help: "Selects one element.", dispatch: .internal, direct: Element.direct) {
        args in try Element.apply(args)
    }
    base.function(".subset2", parameters, help: "Selects one element without looking for methods.") { args in
        try Element.apply(args)
    }
    base.function(
        "$", [.value("x"), .promise("name")], help: "Selects a field by its name.", dispatch: .internal
    ) { args in try Element.field(args.values[0], try fieldName(args.values[1]), args.context, args.call) }
    base.function("getElement", [.value("object"), .value("name")], help: "Selects one element.") { args in
        try args.context.call("[[", [Argument(args[0]), Argument(args[1])], environment: args.environment)
    }
}

enum Element {
    static func direct(_ x: Value, _ index: Value, _ context: Context) -> Value? {
        switch x {
        case .list(let v):
            guard let place = Index.single(index, count: v.elements.count) else { return nil }
            return v.elements[place]
        case .double(let v):
            guard let place = Index.single(index, count: v.elements.count) else { return nil }
            return .number(v.elements[place])
        case .integer(let v):
            guard let place = Index.single(index, count: v.elements.count) else { return nil }
            return .integer(Vector([v.elements[place]]))
        case .character(let v):
            guard let place = Index.single(index, count: v.elements.count) else { return nil }
            return .character(Vector([v.elements[place]]))
        default: return nil
        }
    }

    static func apply(_ args: Arguments) throws -> Value {
        let x = args.values[0]
        let indices = args.dots.filter { $0.name !== Symbol.drop }.map { $0.value }
        let exact = (try? args.values[2].asLogicals().elements.first ?? false) ?? false
        if indices.isEmpty { throw WorkbenchError(.value, "invalid subscript") }
        if indices.count > 1 { return try ofArray(x, indices) }
        return try of(x, indices[0], exact: exact, args.context)
    }

    /// `x[[i]]`
    static func of(_ x: Value, _ index: Value, exact: Bool, _ context: Context) throws -> Value {
        if case .missing = index { throw Index.outOfBounds }
        switch x {
        case .null: return .null
        case .environment(let environment):
            guard case .character(let name) = index, name.count == 1 else {
                throw WorkbenchError(.type, "wrong arguments for subsetting an environment")
            }
            return try variable(Symbol.named(name[0] ?? "NA"), in: environment, context)
        case .call(let call): return try of(call.asList, index, exact: exact, context)
        default: guard x.isVector else { throw x.notSubsettable }
        }
        let length = index.isVector || index.isNull ? index.length : 1
        var current = x
        if length > 1 {
            guard x.kind == .list || x.kind == .expression else {
                throw WorkbenchError(.value, "attempt to select more than one element in vectorIndex")
            }
            for level in 0..<(length - 1) {
                let step = index.gathering([level])
                if case .call(let call) = current { current = call.asList }
                guard current.kind == .list || current.kind == .expression else {
                    throw WorkbenchError(.value, "recursive indexing failed at level \(level + 1)\n")
                }
                guard let place = try position(step, in: current, exact: exact), place < current.length else {
                    throw WorkbenchError(.value, "no such index at level \(level + 1)\n")
                }
                current = current.element(place)
            }
            return try of(current, index.gathering([length - 1]), exact: exact, context)
        }
        let isList = x.kind == .list || x.kind == .expression
        guard let place = try position(index, in: x, exact: exact) else {
            if isList { return .null }
            throw Index.outOfBounds
        }
        guard place < x.length else { throw Index.outOfBounds }
        return current.element(place)
    }

    /// The place one index value means, from 0; nil for NA and unknown names.
    static func position(_ index: Value, in x: Value, exact: Bool) throws -> Int? {
        let count = x.length
        if let place = Index.single(index, count: count) { return place }
        switch index {
        case .null: break
        case .character(let v):
            guard v.count == 1 else { break }
            guard let name = v[0], let names = x.elementNames else { return nil }
            if let place = names.firstPosition(of: name), !name.isEmpty { return place }
            return exact ? nil : partial(name, in: names)
        case .integer, .double, .logical, .raw:
            guard index.length == 1 else { break }
            let type = index.kind == .double ? "<real>" : "<integer>"
            if case .logical(let v) = index, v[0] == nil { return nil }
            let number = try index.asDoubles()[0]
            if number.isNaN { return nil }
            guard let whole = number.wholeInt else { return .max }
            if whole > 0 { return whole - 1 }
            if whole == 0 {
                throw WorkbenchError(
                    .value, "attempt to select less than one element in get1index \(type)")
            }
            if count == 2, whole >= -2 { return 2 + whole }
            throw WorkbenchError(.value, "invalid negative subscript in get1index \(type)")
        case .symbol(let symbol): return x.elementNames?.firstPosition(of: symbol.text)
        default: throw Index.invalidType(index)
        }
        if index.length == 0 {
            throw WorkbenchError(.value, "attempt to select less than one element in get1index")
        }
        throw WorkbenchError(.value, "attempt to select more than one element in get1index")
    }

    /// The only name that begins with a text.
    static func partial(_ name: Text, in names: [Text?]) -> Int? {
        var found: Int?
        for (place, candidate) in names.enumerated() {
            guard let candidate, candidate.hasPrefix(name.string) else { continue }
            if found != nil { return nil }
            found = place
        }
        return found
    }

    private static func ofArray(_ x: Value, _ indices: [Value]) throws -> Value {
        guard x.isVector else { throw x.notSubsettable }
        guard let dim = x.dim, dim.count == indices.count else {
            throw WorkbenchError(.value, "incorrect number of subscripts")
        }
        return x.element(try arrayPosition(x, indices, dim: dim))
    }

    /// The place that one index for each dimension means.
    static func arrayPosition(_ x: Value, _ indices: [Value], dim: [Int]) throws -> Int {
        let dimnames = x.dimnamesLists
        var place = 0
        var stride = 1
        for (axis, index) in indices.enumerated() {
            let along = Value.list(Vector(Array(repeating: .null, count: dim[axis])))
                .withNames(dimnames?[axis] ?? nil)
            guard let here = try position(index, in: along, exact: true), here < dim[axis] else {
                throw Index.outOfBounds
            }
            place += here * stride
            stride *= dim[axis]
        }
        return place
    }

    /// `x$name`
    static func field(_ x: Value, _ name: Symbol, _ context: Context, _ call: Call) throws -> Value {
        switch x {
        case .null: return .null
        case .environment(let environment): return try variable(name, in: environment, context)
        case .list(let list), .expression(let list):
            guard case .character(let names)? = list.attributes[Symbol.names] else { return .null }
            let text = name.text
            if let place = names.elements.firstPosition(of: text) { return place < list.count ? list[place] : .null }
            guard let place = partial(text, in: names.elements), place < list.count else { return .null }
            if context.options.flag("warnPartialMatchDollar"), let whole = names[place] {
                try context.warn("partial match of '\(text.string)' to '\(whole.string)'", call: call)
            }
            return list[place]
        case .call(let code): return try field(code.asList, name, context, call)
        default:
            if x.isAtomic { throw WorkbenchError(.type, "$ operator is invalid for atomic vectors") }
            throw x.notSubsettable
        }
    }

    private static func variable(_ name: Symbol, in environment: Environment, _ context: Context) throws -> Value {
        guard let value = environment.local(name) else { return .null }
        return try context.forced(value)
    }
}
