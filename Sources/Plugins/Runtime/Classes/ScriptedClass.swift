import Diagnostics

/// A class written in R whose objects are reference objects of Swift: what `optimizer()`, `lr_scheduler()`,
/// `luz_callback()` and `luz_metric()` return. Subclasses make the objects.
open class ScriptedClass: ForeignObject, @unchecked Sendable {
    /// The members written in R; classes above are in ``parent``.
    public final let definition: ClassDefinition
    /// The class it inherits from, written in R, or nil.
    public final let parent: ScriptedClass?
    /// The constructor of the class it inherits from, if that comes in the box.
    private let builtin: Builtin?

    /// Makes a class that inherits from at most one of `parent` and `builtin`.
    public init(_ definition: ClassDefinition, parent: ScriptedClass?, builtin: Builtin? = nil) {
        self.definition = definition
        self.parent = parent
        self.builtin = builtin
    }

    /// The constructor at the top of the chain, if that comes in the box.
    public final var nativeParent: Builtin? { builtin ?? parent?.nativeParent }

    /// Names of the classes written in R, most special first.
    public final var classNames: [String] { (definition.name.map { [$0] } ?? []) + (parent?.classNames ?? []) }

    /// This or a class above has an `initialize`.
    public final var hasInitialize: Bool { initialize != nil || parent?.hasInitialize ?? false }

    private var initialize: Value? { definition.publicMethods.first { $0.name === Symbol.initialize }?.value }

    /// The chain of classes above a root that reaches the Swift side.
    public final func chain(_ root: ClassDefinition?) -> ClassDefinition {
        ClassDefinition(
            name: definition.name, public: definition.publicFields + definition.publicMethods,
            private: definition.privateFields + definition.privateMethods, active: definition.active,
            parent: parent?.chain(root) ?? root, environment: definition.environment)
    }

    /// A function.
    open override var classes: [Text] { ["function"] }
    /// A closure to `typeof`.
    public final override var typeName: String { "closure" }
    /// It can stand in call position.
    public final override var isCallable: Bool { true }

    /// Parameters of `initialize`, its own or inherited.
    public final override var formals: Formals? {
        if case .closure(let closure)? = initialize { return closure.formals }
        return parent?.formals ?? builtin?.formals ?? Formals.none
    }

    /// Definition, class above, and constructor above; the kind is the subclass's own.
    public final override func savedParts(_ context: Context) throws -> Value {
        .named([
            ("definition", definition.saved()), ("parent", parent.map { .object($0) } ?? .null),
            ("constructor", builtin.map { .builtin($0) } ?? .null),
        ])
    }

    /// Members, and the class above.
    public final override func visitReferences(_ visit: (Value) -> Void) {
        definition.visitReferences(visit)
        if let parent { visit(.object(parent)) }
    }
}

extension ClassDefinition {
    /// A class from the arguments of a function that defines one: members in `...`, named lists `private` and `active`,
    /// `parent_env`.
    ///
    /// - Parameters:
    ///   - name: Class name, or nil.
    ///   - unnamed: The error for a member without a name.
    public convenience init(_ args: Arguments, name: String?, unnamed: @autoclosure () -> WorkbenchError) throws {
        let members = try args.dots.map { argument -> Member in
            guard let name = argument.name, !name.name.isEmpty else { throw unnamed() }
            return (name, argument.value)
        }
        func list(_ argument: String) throws -> [Member] {
            switch args[argument] {
            case .null, .missing: return []
            case .list(let list):
                guard !list.isEmpty else { return [] }
                guard let names = args[argument].names, !names.contains(where: { $0?.isEmpty ?? true }) else {
                    throw unnamed()
                }
                return zip(names, list.elements).map { (Symbol.named($0 ?? ""), $1) }
            case let value:
                throw WorkbenchError(.type, "`\(argument)` must be a named list, not \(args.describe(value))")
            }
        }
        var environment = args.environment
        if case .environment(let given) = args["parent_env"] { environment = given }
        self.init(
            name: name, public: members, private: try list("private"), active: try list("active"),
            environment: environment)
    }

    /// Hands out the members written in this class, and where it was defined.
    public func visitReferences(_ visit: (Value) -> Void) {
        for list in [publicFields, publicMethods, privateFields, privateMethods, active] {
            for member in list { visit(member.value) }
        }
        visit(.environment(environment))
    }
}

extension ClassInstance {
    /// A public method, or nil.
    public func method(_ name: Symbol) -> Value? {
        guard let value = members.local(name), value.isFunction else { return nil }
        return value
    }

    /// Sets a public member; an active binding is called with the value.
    /// - Throws: when the member is locked, and what the binding throws.
    public func set(_ name: Symbol, _ value: Value, _ context: Context) throws {
        if case .activeBinding(let binding)? = members.local(name) {
            _ = try context.call(binding.function, [Argument(value)])
        } else {
            try members.set(name, value)
        }
    }

    /// Hands out its environments.
    public func visitReferences(_ visit: (Value) -> Void) {
        visit(.environment(members))
        visit(.environment(enclosure))
        if let privates { visit(.environment(privates)) }
    }
}
