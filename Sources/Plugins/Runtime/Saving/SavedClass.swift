import Diagnostics

extension ClassDefinition {
    /// The class as saved sessions keep it, without the one it inherits from if that is kept otherwise.
    public func saved(withParent: Bool = false) -> Value {
        func list(_ members: [Member]) -> Value { .named(members.map { ($0.name.name, $0.value) }) }
        return .named([
            ("name", name.map { .string($0) } ?? .null), (".public", list(publicFields + publicMethods)),
            (".private", list(privateFields + privateMethods)), (".active", list(active)),
            (".environment", .environment(environment)), ("portable", .flag(isPortable)),
            (".parent", withParent ? parent?.saved(withParent: true) ?? .null : .null),
        ])
    }

    /// A class from what ``saved(withParent:)`` gave.
    /// - Throws: `.data` for anything else.
    public convenience init(saved value: Value, parent: ClassDefinition? = nil) throws {
        guard case .environment(let home) = value.saved(".environment") else {
            throw WorkbenchError(.data, "the saved class has no environment")
        }
        func list(_ name: String) -> [Member] { value.saved(name).namedItems.map { (Symbol.named($0.name), $0.value) } }
        var above = parent
        if above == nil, !value.saved(".parent").isNull { above = try ClassDefinition(saved: value.saved(".parent")) }
        self.init(
            name: value.savedText("name"), public: list(".public"), private: list(".private"),
            active: list(".active"), parent: above, environment: home, isPortable: value.savedFlag("portable"))
    }
}

extension ClassDefinition {
    /// A method of the class that is a function of Swift.
    public func function(_ name: String) -> Builtin? {
        for member in publicMethods + privateMethods where member.name.name == name {
            if case .builtin(let function) = member.value { return function }
        }
        return nil
    }
}

extension ClassInstance {
    /// The object as saved sessions keep it.
    public var saved: Value { .environment(members) }

    /// The object of saved members.
    /// - Throws: `.data` for what is no object of a class.
    public init(saved value: Value) throws {
        guard case .environment(let members) = value, let instance = ClassInstance(members) else {
            throw WorkbenchError(.data, "the saved object has no members")
        }
        self = instance
    }
}

extension Registry {
    /// Lets saved sessions make classes of a kind of ``ScriptedClass`` again, and their objects.
    ///
    /// - Parameters:
    ///   - kind: Name of the kind; its objects are of the kind `NAME object`.
    ///   - makeClass: A class from its definition, the class above, and the constructor above.
    ///   - makeObject: An object of a class, without members; they come with its state.
    public func savedClass<Class: ScriptedClass>(
        _ kind: String, _ makeClass: @escaping (ClassDefinition, Class?, Builtin?) -> Class,
        _ makeObject: @escaping (Class, Context) throws -> ForeignObject
    ) {
        savedKinds.add(kind) { parts, _ in
            var above: Class?
            if !parts.saved("parent").isNull { above = try parts.saved("parent", as: Class.self) }
            var constructor: Builtin?
            if case .builtin(let function) = parts.saved("constructor") { constructor = function }
            return makeClass(try ClassDefinition(saved: parts.saved("definition")), above, constructor)
        }
        savedKinds.add(kind + " object") { parts, context in
            try makeObject(try parts.saved("class", as: Class.self), context)
        }
    }
}
