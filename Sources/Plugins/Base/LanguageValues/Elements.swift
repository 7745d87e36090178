import Diagnostics
import RRuntime

/// The elements that `lapply` passes on: those of `as.list(x)`.
package func listElements(_ value: Value, _ context: Context) throws -> [Value] {
    switch value {
    case .null: return []
    case .list(let list):
        if value.isObject, !value.inherits("data.frame") { return try viaAsList(value, context) }
        return list.elements
    case .expression(let list): return list.elements
    case .call(let call): return call.parts.map { $0.value }
    case .symbol, .closure, .builtin: return [value]
    case .environment, .object: return try viaAsList(value, context)
    default:
        if value.isObject { return try viaAsList(value, context) }
        return try listed(atomicElements(value), context)
    }
}

/// The elements that `mapply` passes on: those that the `length` and `[[` of an object's class give.
package func mappedElements(_ value: Value, _ context: Context) throws -> [Value] {
    guard value.isVector, value.isObject, !value.inherits("data.frame"),
        !["factor", "Date", "POSIXct", "difftime"].contains(where: { value.inherits($0) })
    else { return try listElements(value, context) }
    let count = max(try lengthOf(value, context), 0)
    try MemoryDoor.check(count: count, elementBytes: MemoryLayout<Value>.stride + 48)
    return try (0..<count).map { try context.call("[[", [Argument(value), Argument(.int($0 + 1))]) }
}

/// All elements of a range of a thousand million are more than a machine has; long ones can be left with Ctrl-C.
private func listed(_ elements: ElementList, _ context: Context) throws -> [Value] {
    try MemoryDoor.check(count: elements.count, elementBytes: MemoryLayout<Value>.stride + 48)
    var list: [Value] = []
    list.reserveCapacity(elements.count)
    for (place, element) in elements.enumerated() {
        if place & 0xFFF == 0 { try context.pollInterrupt() }
        list.append(element)
    }
    return list
}

private func viaAsList(_ value: Value, _ context: Context) throws -> [Value] {
    let list = try context.call("as.list", [Argument(value)])
    if case .list = list, list.isObject {
        // A list keeps its class, whose `[[` says what its elements are.
        return try (0..<list.length).map { try context.call("[[", [Argument(list), Argument(.int($0 + 1))]) }
    }
    switch list {
    case .list(let elements), .expression(let elements): return elements.elements
    case .null: return []
    default: return list.isAtomic ? try listed(atomicElements(list), context) : [list]
    }
}

/// The elements of a vector, each made when somebody asks for it: a range of a thousand million takes no memory.
package struct ElementList: RandomAccessCollection {
    package let startIndex = 0
    package let endIndex: Int
    private let element: (Int) -> Value

    init(count: Int, _ element: @escaping (Int) -> Value) {
        endIndex = count
        self.element = element
    }

    init(_ values: [Value]) { self.init(count: values.count) { values[$0] } }

    package subscript(index: Int) -> Value { element(index) }
}

/// Those of ``listElements(_:_:)``, as they are needed.
package func eachElement(_ value: Value, _ context: Context) throws -> ElementList {
    value.isAtomic && !value.isObject ? atomicElements(value) : ElementList(try listElements(value, context))
}

/// Each element of an atomic vector as a vector of length one without attributes.
func atomicElements(_ value: Value) -> ElementList {
    switch value {
    case .logical(let v): return ElementList(count: v.count) { .logical(Vector([v[$0]])) }
    case .integer(let v): return ElementList(count: v.count) { .integer(Vector([v[$0]])) }
    case .double(let v): return ElementList(count: v.count) { .double(Vector([v[$0]])) }
    case .complex(let v): return ElementList(count: v.count) { .complex(Vector([v[$0]])) }
    case .character(let v): return ElementList(count: v.count) { .character(Vector([v[$0]])) }
    case .raw(let v): return ElementList(count: v.count) { .raw(Vector([v[$0]])) }
    default: return ElementList([])
    }
}

/// `names(x)` as `lapply` keeps them; those of objects by their own method.
package func elementNames(_ value: Value, _ context: Context) throws -> [Text?]? {
    switch value {
    case .environment, .object:
        let names = try context.call("names", [Argument(value)])
        guard case .character(let v) = names else { return nil }
        return v.elements
    default: return value.names
    }
}

/// Joins vectors of equal kind one after another; nil if a general `unlist` is needed.
///
/// Plain atomic vectors only: the widest type wins, attributes other than names (which the caller makes) are dropped.
package func concatenated(_ values: [Value]) -> Value? {
    var rank = 0
    for value in values {
        if value.attributes?[Symbol.classAttribute] != nil { return nil }
        switch value {
        case .raw: rank = max(rank, 1)
        case .logical: rank = max(rank, 2)
        case .integer: rank = max(rank, 3)
        case .double: rank = max(rank, 4)
        case .complex: rank = max(rank, 5)
        case .character: rank = max(rank, 6)
        default: return nil
        }
    }
    switch rank {
    case 1:
        return .raw(
            Vector(
                values.flatMap { value -> [UInt8] in
                    if case .raw(let v) = value { return v.elements }
                    return []
                }))
    case 2: return (try? values.flatMap { try $0.asLogicals().elements }).map { .logical(Vector($0)) }
    case 3: return (try? values.flatMap { try $0.asIntegers().elements }).map { .integer(Vector($0)) }
    case 4:
        var all: [Double] = []
        all.reserveCapacity(values.count)
        for value in values {
            if case .double(let v) = value { all += v.elements } else { all += (try? value.asDoubles().elements) ?? [] }
        }
        return .double(Vector(all))
    case 5: return (try? values.flatMap { try $0.asComplexes().elements }).map { .complex(Vector($0)) }
    case 6: return (try? values.flatMap { try $0.asCharacters().elements }).map { .character(Vector($0)) }
    default: return nil
    }
}

/// What `sapply` makes of a list of results: a vector if all have length one, a matrix if all have the same length.
/// - Parameter higher: Results that are arrays are stacked along a new dimension (`simplify = "array"`).
package func simplified(
    _ results: [Value], names: [Text?]?, higher: Bool = false, _ context: Context
) throws -> Value {
    func asList() -> Value { Value.list(Vector(results)).withNames(names) }
    guard let first = results.first else { return asList() }
    var common = -1
    for result in results {
        let length = try lengthOf(result, context)
        if common < 0 { common = length } else if common != length { return asList() }
    }
    if common == 1 {
        guard let joined = concatenated(results) else {
            if results.contains(where: { !$0.isVector }) { return asList() }
            return try context.call("unlist", [Argument(asList()), Argument(false, name: "recursive")])
        }
        return joined.withNames(unlistedNames(results, names))
    }
    guard common > 1 else { return asList() }
    let total = common.multipliedReportingOverflow(by: results.count)
    guard !total.overflow else { return asList() }
    let joined: Value
    if let plain = concatenated(results) {
        joined = plain
    } else {
        let all = try context.call("unlist", [Argument(Value.items(results)), Argument(false, name: "recursive")])
        joined = all.inherits("factor") ? try context.call("as.character", [Argument(all)]) : all
    }
    guard joined.isVector, joined.length == total.partialValue else { return asList() }
    let inner: Value
    var dim: [Int]
    if higher, let shape = first.dim, shape.count >= 2 {
        dim = shape + [results.count]
        var dimnames: [Value] = []
        if case .list(let own)? = first.attribute(Symbol.dimnames) { dimnames = own.elements }
        if dimnames.isEmpty, names != nil { dimnames = shape.map { _ in .null } }
        inner = .null
        let outer: Value = names.map { .character(Vector($0)) } ?? .null
        let result = joined.bare.setting(Symbol.dim, .ints(dim))
        return dimnames.isEmpty ? result : result.setting(Symbol.dimnames, .items(dimnames + [outer]))
    } else {
        dim = [common, results.count]
        inner = first.isVector ? first.names.map { .character(Vector($0)) } ?? .null : .null
    }
    let outer: Value = names.map { .character(Vector($0)) } ?? .null
    let result = joined.bare.setting(Symbol.dim, .ints(dim))
    if inner.isNull, outer.isNull { return result }
    return result.setting(Symbol.dimnames, .items([inner, outer]))
}

/// `length(x)`, by the method of an object's class.
package func lengthOf(_ value: Value, _ context: Context) throws -> Int {
    guard value.isObject else { return value.length }
    if case .list = value, value.inherits("data.frame") { return value.length }
    let length = try context.call("length", [Argument(value)])
    return (try length.asDoubles().elements.first).flatMap { Int(exactly: $0) } ?? 1
}

/// Names that `unlist` gives to elements of length one: outer, inner, or both with a dot.
private func unlistedNames(_ results: [Value], _ names: [Text?]?) -> [Text?]? {
    let inner = results.map { $0.names?.first ?? nil }
    guard names != nil || inner.contains(where: { $0 != nil }) else { return nil }
    return results.indices.map { place in
        let outer = (names.flatMap { place < $0.count ? $0[place] : nil }) ?? ""
        let own = inner[place] ?? ""
        if outer.isEmpty { return own }
        if own.isEmpty { return outer }
        return Text(outer.string + "." + own.string)
    }
}
