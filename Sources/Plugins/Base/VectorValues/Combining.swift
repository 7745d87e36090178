import Diagnostics
import RRuntime

package enum Combine {
    package static func apply(
        _ arguments: [Argument], recursive: Bool, useNames: Bool, _ context: Context
    ) throws -> Value {
        for (place, argument) in arguments.enumerated() where argument.value.isMissing {
            throw WorkbenchError(.value, "argument \(place + 1) is empty")
        }
        var values = arguments.map { $0.value }
        let names = useNames ? Naming.names(arguments, recursive: recursive) : nil
        if recursive { values = values.flatMap { leaves($0) } }
        let kind = commonKind(values)
        var result = try concatenated(values, as: kind, context)
        if let names, !result.isNull { result = result.withNames(names) }
        return result
    }

    package static func unlist(_ x: Value, recursive: Bool, useNames: Bool, _ context: Context) throws -> Value {
        let items: [Value]
        switch x {
        case .list(let list), .expression(let list): items = list.elements
        default: return x
        }
        if recursive || items.allSatisfy({ $0.inherits("factor") }),
            let factor = try combinedFactor(x, items, useNames: useNames)
        {
            return factor
        }
        let names = x.names
        let arguments = items.enumerated().map { place, item -> Argument in
            guard let names, place < names.count, let name = names[place], !name.isEmpty else { return Argument(item) }
            return Argument(item, name: Symbol.named(name))
        }
        let values = recursive ? items.flatMap { leaves($0) } : items
        let kind = commonKind(values)
        if !recursive || kind >= .list, values.allSatisfy({ $0.kind == nil }), !values.isEmpty { return x }
        var result = try concatenated(values, as: kind, context)
        if useNames, !result.isNull, let names = Naming.names(arguments, recursive: recursive) {
            result = result.withNames(names)
        }
        return result
    }

    /// The vectors inside a list, however deep.
    static func leaves(_ value: Value) -> [Value] {
        switch value {
        case .list(let list), .expression(let list): return list.elements.flatMap { leaves($0) }
        default: return [value]
        }
    }

    /// A list of nothing but factors gives a factor with all their levels.
    private static func combinedFactor(_ x: Value, _ items: [Value], useNames: Bool) throws -> Value? {
        let all = items.flatMap { leaves($0) }
        guard !all.isEmpty, all.allSatisfy({ $0.inherits("factor") }) else { return nil }
        var levels: [Text] = []
        var place: [Text: Int32] = [:]
        var codes: [Int32?] = []
        for factor in all {
            guard case .integer(let v) = factor, case .character(let own)? = factor.attribute(Symbol.levels) else {
                return nil
            }
            var map: [Int32?] = []
            for level in own.elements {
                guard let level else {
                    map.append(nil)
                    continue
                }
                if place[level] == nil {
                    levels.append(level)
                    place[level] = Int32(clamping: levels.count)
                }
                map.append(place[level])
            }
            for code in v.elements {
                guard let code, code > 0, Int(code) <= map.count else {
                    codes.append(nil)
                    continue
                }
                codes.append(map[Int(code) - 1])
            }
        }
        var attributes: [(name: Symbol, value: Value)] = [
            (Symbol.levels, .character(Vector(levels))), (Symbol.classAttribute, "factor"),
        ]
        let names = x.names
        let arguments = items.enumerated().map { at, item -> Argument in
            guard let names, at < names.count, let name = names[at], !name.isEmpty else { return Argument(item) }
            return Argument(item, name: Symbol.named(name))
        }
        if useNames, let names = Naming.names(arguments, recursive: true) {
            attributes.insert((Symbol.names, .character(Vector(names))), at: 0)
        }
        return .integer(Vector(codes, Attributes.of(attributes)))
    }
}

/// How `c` and `unlist` name what they combine: `a`, `a1`, `a.b`.
struct Naming {
    private let recursive: Bool
    private var names: [Text?] = []
    private var sequence = 0
    private var count = 0

    private init(recursive: Bool) { self.recursive = recursive }

    /// Names of the result, or nil if nothing has a name.
    static func names(_ arguments: [Argument], recursive: Bool) -> [Text?]? {
        let named = arguments.contains { argument in
            if let name = argument.name, !name.name.isEmpty { return true }
            return hasNames(argument.value, recursive: recursive)
        }
        guard named else { return nil }
        var naming = Naming(recursive: recursive)
        for argument in arguments {
            naming.sequence = 0
            naming.count = 0
            naming.add(argument.value, base: "", tag: argument.name.map { $0.text })
        }
        return naming.names
    }

    private static func hasNames(_ value: Value, recursive: Bool) -> Bool {
        if value.isVector, value.attributes != nil, value.elementNames != nil { return true }
        guard recursive else { return false }
        switch value {
        case .list(let list), .expression(let list):
            return list.elements.contains { hasNames($0, recursive: true) }
        default: return false
        }
    }

    private func leafCount(_ value: Value) -> Int {
        switch value {
        case .null: return 0
        case .list(let list), .expression(let list):
            guard recursive else { return list.count }
            // Elements with a name of their own need no number.
            let names = value.names
            var count = 0
            for (place, item) in list.elements.enumerated() {
                if let names, place < names.count, let name = names[place], !name.isEmpty { continue }
                count += leafCount(item)
            }
            return count
        default: return value.isAtomic ? value.length : 1
        }
    }

    private mutating func add(_ value: Value, base: Text, tag: Text?) {
        var base = base
        var savedSequence = 0
        var savedCount = 0
        let isTagged = tag != nil && tag?.isEmpty == false
        if let tag, isTagged {
            base = base.isEmpty ? tag : Text(base.string + "." + tag.string)
            savedSequence = sequence
            savedCount = count
            sequence = 0
            count = leafCount(value)
        }
        switch value {
        case .null: break
        case .list(let list), .expression(let list):
            let own = value.names
            for (place, item) in list.elements.enumerated() {
                let name = own.map { place < $0.count ? $0[place] : "" } ?? ""
                if recursive {
                    add(item, base: base, tag: name)
                } else {
                    append(base, name)
                }
            }
        default:
            if value.isAtomic {
                let own = value.attributes == nil ? nil : value.elementNames
                for place in 0..<value.length { append(base, own.map { place < $0.count ? $0[place] : "" } ?? "") }
            } else {
                append(base, "")
            }
        }
        if isTagged { count = savedCount }
        sequence += savedSequence
    }

    private mutating func append(_ base: Text, _ name: Text?) {
        sequence += 1
        if !base.isEmpty {
            if let name, !name.isEmpty {
                names.append(Text(base.string + "." + name.string))
            } else if name == nil {
                names.append(Text(base.string + ".NA"))
            } else {
                names.append(count == 1 ? base : Text(base.string + String(sequence)))
            }
        } else {
            names.append(name)
        }
    }
}
