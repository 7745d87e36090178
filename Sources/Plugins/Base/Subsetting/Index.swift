import Diagnostics
import RRuntime
import VectorValues

/// Places that an index points at.
struct Selection {
    /// Places from 0; -1 for NA. They may lie behind the end.
    var positions: [Int]
    /// Names of places behind the end that a character index adds, in order.
    var added: [Text?] = []
    /// Some place is NA.
    var hasNA = false
    /// The largest place plus one.
    var extent = 0

    init(_ positions: [Int]) { self.positions = positions }
}

/// Reads an index of R: positive, negative, logical, by name, empty.
enum Index {
    /// What an index means for a vector of `count` elements.
    ///
    /// - Parameters:
    ///   - grows: For assignment: unknown names are new elements; otherwise they are NA.
    static func resolve(
        _ index: Value, count: Int, names: @autoclosure () -> [Text?]?, grows: Bool
    ) throws -> Selection {
        var selection: Selection
        switch index {
        case .missing:
            selection = Selection(Array(0..<count))
            selection.extent = count
            return selection
        case .null: return Selection([])
        case .double(let v):
            selection = try numbers(v.elements.map { $0.isNaN ? nil : $0.wholeInt ?? .max }, count: count)
        case .integer(let v):
            selection = try numbers(v.elements.map { e in e.map { Int($0) } }, count: count)
        case .logical(let v): selection = logicals(v.elements, count: count)
        case .character(let v): return byName(v.elements, count: count, names: names(), grows: grows)
        case .raw(let v): selection = try numbers(v.elements.map { Int($0) }, count: count)
        default: throw invalidType(index)
        }
        for position in selection.positions {
            if position < 0 { selection.hasNA = true }
            if position >= selection.extent { selection.extent = position + 1 }
        }
        return selection
    }

    static func invalidType(_ index: Value) -> WorkbenchError {
        WorkbenchError(.type, "invalid subscript type '\(index.typeName)'")
    }

    private static func numbers(_ index: [Int?], count: Int) throws -> Selection {
        var negative = false
        var other = false
        var zeros = false
        for element in index {
            guard let element else {
                other = true
                continue
            }
            if element < 0 { negative = true } else if element > 0 { other = true } else { zeros = true }
        }
        if !negative {
            var positions: [Int] = []
            positions.reserveCapacity(index.count)
            for element in index {
                guard let element else {
                    positions.append(-1)
                    continue
                }
                if zeros, element == 0 { continue }
                positions.append(element - 1)
            }
            return Selection(positions)
        }
        if other { throw WorkbenchError(.value, "only 0's may be mixed with negative subscripts") }
        var keep = [Bool](repeating: true, count: count)
        for element in index {
            guard let element, element < 0, element != .min, -element <= count else { continue }
            keep[-element - 1] = false
        }
        return Selection((0..<count).filter { keep[$0] })
    }

    private static func logicals(_ flags: [Bool?], count: Int) -> Selection {
        if flags.isEmpty { return Selection([]) }
        var positions: [Int] = []
        let total = max(count, flags.count)
        var j = 0
        for i in 0..<total {
            switch flags[j] {
            case true?: positions.append(i)
            case nil: positions.append(-1)
            case false?: break
            }
            j += 1
            if j == flags.count { j = 0 }
        }
        return Selection(positions)
    }

    private static func byName(_ wanted: [Text?], count: Int, names: [Text?]?, grows: Bool) -> Selection {
        var selection = Selection([])
        selection.positions.reserveCapacity(wanted.count)
        let table = NameTable(names ?? [], lookups: wanted.count)
        var new: [Text: Int] = [:]
        for name in wanted {
            var place = table.position(of: name) ?? -1
            if place < 0, grows {
                if let name, let known = new[name] {
                    place = known
                } else {
                    place = count + selection.added.count
                    selection.added.append(name)
                    if let name, !name.isEmpty { new[name] = place }
                }
            }
            selection.positions.append(place)
            if place < 0 { selection.hasNA = true }
            selection.extent = max(selection.extent, place + 1)
        }
        return selection
    }

    /// Places along one dimension of an array; all of them exist.
    static func alongDimension(_ index: Value, extent: Int, names: [Text?]??) throws -> [Int] {
        if case .logical(let v) = index, v.count > extent {
            throw WorkbenchError(.value, "(subscript) logical subscript too long")
        }
        if case .character = index, names == nil {
            throw WorkbenchError(.value, "no 'dimnames' attribute for array")
        }
        let selection = try resolve(index, count: extent, names: names ?? nil, grows: false)
        if case .character = index, selection.hasNA { throw outOfBounds }
        if selection.extent > extent { throw outOfBounds }
        return selection.positions
    }

    static var outOfBounds: WorkbenchError { WorkbenchError(.value, "subscript out of bounds") }

    /// The place one plain positive number means, if it lies inside; nil for everything else.
    @inline(__always)
    static func single(_ index: Value, count: Int) -> Int? {
        switch index {
        case .integer(let v):
            guard v.elements.count == 1, let element = v.elements[0], element > 0, Int(element) <= count else {
                return nil
            }
            return Int(element) - 1
        case .double(let v):
            guard v.elements.count == 1 else { return nil }
            let element = v.elements[0]
            guard element >= 1, element < 4.5e15, let whole = Int(exactly: element.rounded(.down)), whole <= count
            else { return nil }
            return whole - 1
        default: return nil
        }
    }

    /// The places that a matrix of subscripts, one row a place, points at; nil if the index is no such matrix.
    static func byMatrix(_ index: Value, dim: [Int], dimnames: [[Text?]?]?) throws -> [Int]? {
        guard let shape = index.dim, shape.count == 2, shape[1] == dim.count else { return nil }
        let rows = shape[0]
        var positions = [Int](repeating: 0, count: rows)
        var columns: [[Int]] = []
        switch index {
        case .double, .integer:
            let numbers = try index.doubleElements()
            for column in 0..<dim.count {
                var places: [Int] = []
                for row in 0..<rows {
                    let number = numbers[column * rows + row]
                    if number.isNaN {
                        places.append(-1)
                        continue
                    }
                    guard let whole = number.wholeInt, whole <= dim[column] else { throw outOfBounds }
                    if whole < 0 {
                        throw WorkbenchError(.value, "negative values are not allowed in a matrix subscript")
                    }
                    places.append(whole == 0 ? -2 : whole - 1)
                }
                columns.append(places)
            }
        case .character(let v):
            for column in 0..<dim.count {
                guard let names = dimnames?[column] else { throw outOfBounds }
                let table = NameTable(names, lookups: rows)
                columns.append(
                    try (0..<rows).map { row in
                        guard let name = v[column * rows + row] else { return -1 }
                        guard let place = table.position(of: name) else { throw outOfBounds }
                        return place
                    })
            }
        default: return nil
        }
        for row in 0..<rows {
            var place = 0
            var stride = 1
            for column in 0..<dim.count {
                let here = columns[column][row]
                if here < 0 {
                    place = place == -2 || here == -2 ? -2 : -1
                    break
                }
                place += here * stride
                stride *= dim[column]
            }
            positions[row] = place
        }
        return positions.filter { $0 != -2 }
    }

    /// Places in column-major order of the block that one list of places for each dimension cuts out.
    static func block(_ places: [[Int]], dim: [Int]) throws -> [Int] {
        let total = try checkedProduct(places.map { $0.count })
        guard total > 0, let first = places.first else { return [] }
        var result = first
        result.reserveCapacity(total)
        var stride = dim[0]
        for axis in 1..<max(places.count, 1) {
            let before = result
            result.removeAll(keepingCapacity: true)
            for place in places[axis] {
                if place < 0 {
                    result.append(contentsOf: repeatElement(-1, count: before.count))
                } else {
                    let offset = place * stride
                    for start in before { result.append(start < 0 ? -1 : start + offset) }
                }
            }
            stride *= dim[axis]
        }
        return result
    }
}
