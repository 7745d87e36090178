import Diagnostics

/// What `dataset()`, `iterable_dataset()` and `sampler()` return: a function that makes objects, and a class that others
/// inherit from. The objects are R6-like environments.
///
/// A plug-in adds a data set written in Swift the same way: members whose functions are made by ``method(_:_:_:)``, so
/// that R code can inherit from it and call `super$.getitem(i)`.
public final class DatasetGenerator: ForeignObject, @unchecked Sendable {
    /// The class with those it inherits from.
    public let definition: ClassDefinition
    /// Class names of the objects, most special first.
    public let classNames: [String]

    /// Makes a class.
    ///
    /// - Parameters:
    ///   - name: Class name, or nil.
    ///   - members: Fields and methods.
    ///   - parent: The class inherited from, or nil for a class of its own.
    ///   - root: Class names behind all others: `["dataset"]`.
    ///   - environment: Where methods look up names.
    public init(
        _ name: String?, members: [ClassDefinition.Member], private privates: [ClassDefinition.Member] = [],
        active: [ClassDefinition.Member] = [], parent: DatasetGenerator? = nil, root: [String] = ["dataset"],
        environment: Environment
    ) {
        let above =
            parent?.definition
            ?? ClassDefinition(
                name: nil, public: DatasetGenerator.rootMembers,
                environment: Environment(parent: nil, name: "R_EmptyEnv"))
        definition = ClassDefinition(
            name: name, public: members, private: privates, active: active, parent: above, environment: environment)
        classNames = (name.map { [$0] } ?? []) + (parent?.classNames ?? root)
    }

    /// The class names and `R6ClassGenerator`-like behaviour are R torch's: a function of this class.
    public override var classes: [Text] { classNames.map { Text($0) } + ["dataset_generator"] }
    /// A data set.
    public override var registrationKind: Registration.Kind { .dataset }
    /// A closure to `typeof`.
    public override var typeName: String { "closure" }
    /// It can stand in call position.
    public override var isCallable: Bool { true }

    /// Parameters of `initialize`.
    public override var formals: Formals? {
        for member in definition.inherited(\.publicMethods) where member.name === Symbol.initialize {
            if case .closure(let closure) = member.value { return closure.formals }
        }
        return Formals.none
    }

    /// Makes an object and runs `initialize`.
    public func make(_ arguments: [Argument], call: Call, _ context: Context) throws -> Environment {
        let own = ClassDefinition(
            name: definition.name,
            public: definition.publicFields + definition.publicMethods + [DatasetGenerator.clone],
            private: definition.privateFields + definition.privateMethods, active: definition.active,
            parent: definition.parent, environment: definition.environment)
        let instance = own.instantiate(context)
        instance.members.attributes = Attributes.of([(Symbol.classAttribute, .strings(classNames + ["R6"]))])
        try instance.initialize(arguments, call: call, context)
        return instance.members
    }

    /// Makes an object.
    public override func call(
        _ arguments: [Argument], call: Call, environment: Environment, context: Context
    ) throws -> Value {
        .environment(try make(arguments, call: call, context))
    }

    /// A class written in R; those of Swift are found in their namespace.
    public override var savedKind: String? { "dataset generator" }

    /// The class with all above it.
    public override func savedParts(_ context: Context) throws -> Value {
        .named([("names", .strings(classNames)), ("definition", definition.saved(withParent: true))])
    }

    /// A class from what ``savedParts(_:)`` gave.
    public init(saved parts: Value) throws {
        guard case .character(let names) = parts.saved("names") else {
            throw WorkbenchError(.data, "the saved class has no names")
        }
        classNames = names.elements.map { $0?.string ?? "" }
        definition = try ClassDefinition(saved: parts.saved("definition"))
    }

    /// All members, those of the classes above included.
    public override func visitReferences(_ visit: (Value) -> Void) {
        var level: ClassDefinition? = definition
        while let here = level {
            here.visitReferences(visit)
            level = here.parent
        }
    }

    // MARK: Methods written in Swift

    /// A method: an R closure, so that it belongs to its object as any other, whose body calls Swift with `self`.
    ///
    /// - Parameters:
    ///   - parameters: Names and default expressions (`.missing` for none); `...` is handed on.
    ///   - body: Gets the members of `self` and the arguments, in `args[name]` and `args.dots`.
    public static func method(
        _ name: String, _ parameters: [(String, Value)], _ body: @escaping (Environment, Arguments) throws -> Value
    ) -> ClassDefinition.Member {
        let formals = Formals(parameters.map { Symbol.named($0.0) }, parameters.map { $0.1 })
        let builtin = Builtin(
            name, namespace: "torch",
            [.value("self")] + parameters.map { $0.0 == "..." ? Parameter.dots : Parameter.value($0.0) }
        ) { args in
            guard case .environment(let members) = args[0] else {
                throw WorkbenchError(.type, "\(name)() belongs to an object")
            }
            do {
                return try body(members, args)
            } catch let error as WorkbenchError {
                // The call the user wrote; this one holds a function without a name.
                throw try args.context.raise(error, call: args.context.innermostCall)
            }
        }
        let arguments = formals.names.map { symbol in
            Argument(.symbol(symbol), name: symbol === Symbol.dots ? nil : symbol)
        }
        let code = Call(.builtin(builtin), [Argument(.symbol(Symbol.selfObject))] + arguments)
        let home = Environment(parent: nil, name: "R_EmptyEnv")
        return (Symbol.named(name), .closure(Closure(formals, .call(code), home)))
    }

    /// The Swift function behind a method of an object, to see whether it is still the one a plug-in put there.
    public static func builtin(behind method: Value?) -> Builtin? {
        guard case .closure(let closure)? = method, case .call(let call) = closure.body,
            case .builtin(let builtin) = call.function
        else { return nil }
        return builtin
    }

    /// Every object has it; one function for all, so that saved sessions find it.
    static let clone: ClassDefinition.Member =
        DatasetGenerator.method("clone", [("deep", .flag(false))]) { members, args in
            guard let instance = ClassInstance(members) else { return .environment(members) }
            return .environment(try instance.clone(args.context).members)
        }

    private static let rootMembers: [ClassDefinition.Member] = [
        method("state_dict", []) { _, _ in .items([]) },
        method("load_state_dict", [("x", .missing), ("...", .missing), (".refer_to_state_dict", .flag(false))]) {
            _, _ in .null
        },
    ]
}
