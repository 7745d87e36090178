/// A name that the prompt offers after `object$`.
public struct Completion {
    /// The name.
    public let name: String
    /// In one word what it is (`method`, `field`, `parameter`); empty for what its value says.
    public let kind: String
    /// What it stands for, so that completion can go on after it and knows its arguments; nil where that is not known
    /// without running R code.
    public let value: () -> Value?

    /// Makes a candidate; the value is asked for only if the name is the one typed.
    public init(_ name: String, kind: String = "", value: @escaping () -> Value? = { nil }) {
        self.name = name
        self.kind = kind
        self.value = value
    }

    /// A registered method of an object, whose first parameter is the object.
    public static func method(_ name: String, _ builtin: Builtin, of object: Value) -> Completion {
        Completion(name, kind: "method") { .object(BoundMethod(.builtin(builtin), to: object)) }
    }
}

extension Environment {
    /// Its variables as the prompt offers them: no promise is forced and no active binding run.
    public var completions: [Completion] {
        names().compactMap { symbol in
            switch local(symbol) {
            case .activeBinding?: return Completion(symbol.name, kind: "active")
            case .promise(let promise)?:
                return promise.value == nil
                    ? Completion(symbol.name, kind: "promise") : Completion(symbol.name) { promise.value }
            case .missing?, .dots?, nil: return Completion(symbol.name, kind: "argument")
            case .some(let value): return Completion(symbol.name) { value }
            }
        }
    }
}

extension Value {
    /// Elements of a list under their names, as the prompt offers them.
    public var elementCompletions: [Completion] {
        guard case .list(let list) = self else { return [] }
        return zip(names ?? [], list.elements).compactMap { name, element in
            guard let name, !name.isEmpty else { return nil }
            return Completion(name.string) { element }
        }
    }
}

/// What the prompt offers after `object$` by class: each list is registered next to the class's `$` method.
public final class MemberLists: @unchecked Sendable {
    /// Lists the members of an object. Must neither run R code nor compute for long.
    public typealias List = (Value, Context) -> [Completion]
    private var lists: [Text: List] = [:]

    /// Adds the list of a class.
    public func add(_ className: String, _ list: @escaping List) { lists[Text(className)] = list }

    /// Members of a value by its classes, most special first; of two of one name the first counts.
    public func members(of value: Value, _ context: Context) -> [Completion] {
        var seen: Set<String> = []
        return (value.classAttribute ?? []).flatMap { lists[$0]?(value, context) ?? [] }.filter {
            seen.insert($0.name).inserted
        }
    }
}

extension Registry {
    /// Members by class.
    public var memberLists: MemberLists { shelf(MemberLists.self) { MemberLists() } }
}
