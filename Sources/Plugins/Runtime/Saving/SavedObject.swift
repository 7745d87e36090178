import Diagnostics

/// How objects of plug-ins that no maker made (classes written in R and their objects, loaders, fits) are made again when
/// a session is restored, by the name in ``ForeignObject/savedKind``.
public final class SavedKinds: @unchecked Sendable {
    /// Makes an object from what ``ForeignObject/savedParts(_:)`` gave; its state comes later.
    public typealias Make = (Value, Context) throws -> ForeignObject
    private var kinds: [String: Make] = [:]

    init() {}

    /// Adds a kind.
    public func add(_ kind: String, _ make: @escaping Make) { kinds[kind] = make }

    package subscript(kind: String) -> Make? { kinds[kind] }
}

/// Functions of Swift that are no variables of a namespace but live in objects and environments: a saved session finds
/// them by name.
public final class InnerFunctions: @unchecked Sendable {
    private var functions: [String: Builtin] = [:]
    private var names: [ObjectIdentifier: String] = [:]

    init() {}

    /// Adds a function under a name that no other has, and returns it.
    @discardableResult
    public func add(_ name: String, _ function: Builtin) -> Builtin {
        functions[name] = function
        names[ObjectIdentifier(function)] = name
        return function
    }

    package func name(of function: Builtin) -> String? { names[ObjectIdentifier(function)] }
    package subscript(name: String) -> Builtin? { functions[name] }
}

extension Registry {
    /// Kinds of objects that sessions restore without a maker.
    public var savedKinds: SavedKinds { shelf(SavedKinds.self) { SavedKinds() } }
    /// Functions without a variable.
    public var innerFunctions: InnerFunctions { shelf(InnerFunctions.self) { InnerFunctions() } }
}

extension Builtin {
    /// Where a function without a variable comes from, for saved sessions.
    public enum Origin {
        /// A method that an object has of its own: ``ForeignObject/ownMethod(_:)`` gives it again.
        case method(of: () -> ForeignObject?, String)
        /// The result of a function of Swift, which can be called again: `ecdf(x)`.
        case result(of: Builtin, [Argument])
    }
}

extension Value {
    /// An element of a saved state or of saved parts; `NULL` if it is not there.
    public func saved(_ name: String) -> Value { element(name) ?? .null }

    /// The element of a name in a list.
    package func element(_ name: String) -> Value? {
        guard case .list(let list) = self, let place = names?.firstIndex(of: Text(name)),
            list.elements.indices.contains(place)
        else { return nil }
        return list[place]
    }

    /// The object in an element of a saved state.
    /// - Throws: `.data` when there is none of this type.
    public func saved<Object: ForeignObject>(_ name: String, as type: Object.Type) throws -> Object {
        if case .object(let object) = saved(name), let found = object as? Object { return found }
        throw WorkbenchError(.data, "the saved `\(name)` is not what it should be")
    }

    /// The elements of a list with their names.
    public var namedItems: [(name: String, value: Value)] {
        guard case .list(let list) = self else { return [] }
        let names = names ?? []
        return list.elements.enumerated().map { place, value in
            (place < names.count ? names[place]?.string ?? "" : "", value)
        }
    }

    /// A count in an element of a saved state: a whole number from 0 that can be added to others without overflow.
    public func savedCount(_ name: String) throws -> Int? {
        let value = saved(name)
        if value.isNull { return nil }
        guard value.isAtomic, let number = try? value.asDoubles().elements.first, let whole = Int(exactly: number),
            (0...1 << 52).contains(whole)
        else { throw WorkbenchError(.data, "the saved `\(name)` is no count") }
        return whole
    }

    /// A truth value in an element of a saved state; false if it is not there.
    public func savedFlag(_ name: String) -> Bool {
        guard case .logical(let flags) = saved(name), let flag = flags.elements.first else { return false }
        return flag ?? false
    }

    /// A text in an element of a saved state.
    public func savedText(_ name: String) -> String? {
        guard case .character(let texts) = saved(name), let text = texts.elements.first else { return nil }
        return text?.string
    }
}
