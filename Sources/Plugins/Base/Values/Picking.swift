import Diagnostics
import RRuntime

/// Elements at positions counted from 0: nil, and positions past the end, give NA.
@inline(__always)
private func at<Element>(_ elements: [Element], _ positions: [Int?], _ missing: Element) -> [Element] {
    positions.map { position in
        guard let position, position >= 0, position < elements.count else { return missing }
        return elements[position]
    }
}

package extension Value {
    /// Elements at positions, without attributes.
    func pickedBare(_ positions: [Int?]) -> Value {
        switch self {
        case .logical(let v): return .logical(Vector(at(v.elements, positions, nil)))
        case .integer(let v): return .integer(Vector(at(v.elements, positions, nil)))
        case .double(let v): return .double(Vector(at(v.elements, positions, .na)))
        case .complex(let v): return .complex(Vector(at(v.elements, positions, .na)))
        case .character(let v): return .character(Vector(at(v.elements, positions, nil)))
        case .raw(let v): return .raw(Vector(at(v.elements, positions, 0)))
        case .list(let v): return .list(Vector(at(v.elements, positions, .null)))
        case .expression(let v): return .expression(Vector(at(v.elements, positions, .null)))
        default: return self
        }
    }

    /// Elements at positions with their names, without other attributes.
    func picked(_ positions: [Int?]) -> Value {
        let result = pickedBare(positions)
        guard attributes != nil, let names = self.names else { return result }
        return result.withNames(
            positions.map { position in
                guard let position, position < names.count else { return Text("<NA>") }
                return names[position]
            })
    }

    /// Elements at positions with names, class, levels and what else belongs to each element's meaning.
    func pickedKeepingClass(_ positions: [Int?]) -> Value {
        let result = picked(positions)
        guard let attributes else { return result }
        var copy = result
        var kept = result.attributes
        for entry in attributes.entries
        where entry.name !== Symbol.names && entry.name !== Symbol.dim && entry.name !== Symbol.dimnames {
            kept = kept.setting(entry.name, entry.value)
        }
        copy.attributes = kept
        return copy
    }

    /// Factor, date, time or time difference: elements are meaningful with the attributes alone.
    var keepsClassByElement: Bool {
        guard isObject, isAtomic else { return false }
        return ["factor", "Date", "POSIXct", "difftime"].contains { inherits($0) }
    }

    /// A data frame.
    var isDataFrame: Bool {
        if case .list = self { return inherits("data.frame") }
        return false
    }

    /// A factor.
    var isFactor: Bool {
        if case .integer = self { return inherits("factor") }
        return false
    }

    /// Levels of a factor.
    var levelTexts: [Text?] {
        if case .character(let levels)? = attributes?[Symbol.levels] { return levels.elements }
        return []
    }

    /// The elements of a list, or each element of an atomic vector as a value.
    var items: [Value] {
        switch self {
        case .null: return []
        case .list(let v), .expression(let v): return v.elements
        default: return isAtomic ? (0..<length).map { pickedBare([$0]) } : [self]
        }
    }

    /// One string, if it is one.
    var singleText: Text? {
        guard case .character(let v) = self, v.count == 1 else { return nil }
        return v[0]
    }

    /// The same value with a class attribute.
    func withClass(_ names: String...) -> Value { setting(Symbol.classAttribute, .strings(names)) }

    /// The same value without its class.
    var unclassed: Value { setting(Symbol.classAttribute, nil) }
}

package extension Context {
    /// Elements of any vector at positions counted from 0, by its class's `[` method where there is one of its own.
    func elements(of value: Value, at positions: [Int?]) throws -> Value {
        if !value.isObject { return value.picked(positions) }
        if value.keepsClassByElement { return value.pickedKeepingClass(positions) }
        return try call("[", [Argument(value), Argument(positionValue(positions))])
    }

    /// One element, as `[[` gives it (a list's element itself).
    func element(of value: Value, at position: Int) throws -> Value {
        if case .list(let list) = value, !value.isObject || value.isDataFrame { return list[position] }
        if !value.isObject { return value.pickedBare([position]) }
        if value.keepsClassByElement { return value.pickedKeepingClass([position]).setting(Symbol.names, nil) }
        return try call("[[", [Argument(value), Argument(Value.int(position + 1))])
    }

    /// R's `length`, by methods.
    func length(of value: Value) throws -> Int {
        if !value.isObject { return value.length }
        if value.isAtomic || value.isDataFrame { return value.length }
        guard let number = try call("length", [Argument(value)]).asIntegers().elements.first else { return 0 }
        return Int(number ?? 0)
    }

    /// Elements as text, by the class's `as.character` method.
    func texts(of value: Value) throws -> [Text?] {
        if value.isFactor {
            let levels = value.levelTexts
            guard case .integer(let codes) = value else { return [] }
            return codes.elements.map { code in
                guard let code, code > 0, Int(code) <= levels.count else { return nil }
                return levels[Int(code) - 1]
            }
        }
        if value.isObject {
            return try call("as.character", [Argument(value)]).asCharacters().elements
        }
        return try asCharacters(value).elements
    }

    /// `c(...)` of values, by methods.
    func concatenated(_ values: [Value]) throws -> Value { try call("c", values.map { Argument($0) }) }
}

/// Positions counted from 0 as an R index.
package func positionValue(_ positions: [Int?]) -> Value {
    .integer(Vector(positions.map { position in position.flatMap { Int32(exactly: $0 + 1) } }))
}

/// `list(...)`'s names, "" where there is none; nil if no argument has one.
package func argumentNames(_ arguments: [Argument]) -> [Text]? {
    guard arguments.contains(where: { $0.name != nil }) else { return nil }
    return arguments.map { $0.name?.text ?? Text("") }
}

/// Whether each element is NA (NaN too); for lists, whether an element is a single NA.
package func missingElements(_ value: Value) -> [Bool] {
    switch value {
    case .logical(let v): return v.elements.map { $0 == nil }
    case .integer(let v): return v.elements.map { $0 == nil }
    case .double(let v): return v.elements.map { $0.isNaN }
    case .complex(let v): return v.elements.map { $0.real.isNaN || $0.imaginary.isNaN }
    case .character(let v): return v.elements.map { $0 == nil }
    case .list(let v):
        return v.elements.map { element in
            element.isAtomic && element.length == 1 && missingElements(element)[0]
        }
    default: return [Bool](repeating: false, count: value.length)
    }
}

/// Make texts unique by appending `.1`, `.2`, … to repeated ones, as `make.unique` does.
package func madeUnique(_ names: [Text], separator: String = ".") -> [Text] {
    var seen = Set<Text>(minimumCapacity: names.count)
    var repeated: [Int] = []
    for (index, name) in names.enumerated() where !seen.insert(name).inserted { repeated.append(index) }
    guard !repeated.isEmpty else { return names }
    var result = names
    var counters: [Text: Int] = [:]
    for index in repeated {
        let name = names[index]
        var number = counters[name] ?? 1
        var candidate = Text(name.string + separator + String(number))
        while seen.contains(candidate) {
            number += 1
            candidate = Text(name.string + separator + String(number))
        }
        counters[name] = number + 1
        seen.insert(candidate)
        result[index] = candidate
    }
    return result
}

private let reservedWords: Set<String> = [
    "if", "else", "repeat", "while", "function", "for", "next", "break", "TRUE", "FALSE", "NULL", "Inf", "NaN", "NA",
    "NA_integer_", "NA_real_", "NA_character_", "NA_complex_", "in", "...",
]

/// A text as a syntactic name, as `make.names` makes it: invalid characters become dots.
package func syntacticName(_ text: Text?) -> Text {
    guard let text else { return "NA." }
    var scalars: [Unicode.Scalar] = []
    for scalar in text.string.unicodeScalars {
        let isLetter = scalar.properties.isAlphabetic
        let isDigit = scalar.value >= 48 && scalar.value <= 57
        scalars.append(isLetter || isDigit || scalar == "." || scalar == "_" ? scalar : ".")
    }
    var needsPrefix = true
    if let first = scalars.first {
        let original = text.string.unicodeScalars.first ?? first
        if original.properties.isAlphabetic {
            needsPrefix = false
        } else if original == "." {
            let second = scalars.dropFirst().first
            needsPrefix = second.map { $0.value >= 48 && $0.value <= 57 } ?? false
        }
    }
    var view = String.UnicodeScalarView()
    if needsPrefix { view.append("X") }
    view.append(contentsOf: scalars)
    let name = String(view)
    return Text(reservedWords.contains(name) ? name + "." : name)
}

package extension Arguments {
    /// The value of a parameter, or none if no argument was given.
    func given(_ name: String) -> Value? { has(name) ? .some(self[name]) : Value?.none }
}

package extension Context {
    /// Code as one line of text; a name as itself.
    func codeText(_ expression: Value) -> Text {
        if case .symbol(let symbol) = expression { return symbol.text }
        return Text(deparse(expression).joined(separator: " "))
    }
}
