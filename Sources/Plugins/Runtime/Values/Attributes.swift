/// The attributes of a value: a short list in the order in which they were set. Never changed once made.
public final class Attributes: @unchecked Sendable {
    /// Name and value of each attribute.
    public let entries: [(name: Symbol, value: Value)]

    /// Keeps a list of attributes, or none if it is empty.
    public static func of(_ entries: [(name: Symbol, value: Value)]) -> Attributes? {
        entries.isEmpty ? nil : Attributes(entries)
    }

    private init(_ entries: [(name: Symbol, value: Value)]) { self.entries = entries }

    /// The value of an attribute.
    public subscript(name: Symbol) -> Value? {
        for entry in entries where entry.name === name { return entry.value }
        return nil
    }
}

extension Optional where Wrapped == Attributes {
    /// The value of an attribute.
    public subscript(name: Symbol) -> Value? { self?[name] }

    /// The same attributes with one set (in its old place, else last) or, for nil and `NULL`, removed.
    public func setting(_ name: Symbol, _ value: Value?) -> Attributes? {
        var entries = self?.entries ?? []
        let place = entries.firstIndex { $0.name === name }
        if let value, !value.isNull {
            if let place { entries[place].value = value } else { entries.append((name, value)) }
        } else if let place {
            entries.remove(at: place)
        } else {
            return self
        }
        return Attributes.of(entries)
    }

    /// The same attributes without those named.
    public func removing(_ names: [Symbol]) -> Attributes? {
        guard let self else { return nil }
        return Attributes.of(self.entries.filter { entry in !names.contains { $0 === entry.name } })
    }

    /// Only those named, in their order.
    public func keeping(_ names: [Symbol]) -> Attributes? {
        guard let self else { return nil }
        return Attributes.of(self.entries.filter { entry in names.contains { $0 === entry.name } })
    }
}
