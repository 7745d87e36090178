import Diagnostics

/// What `nn_linear` is: a function that makes modules, and a class that `nn_module(inherit = )` can extend.
public final class ModuleGenerator: ForeignObject, @unchecked Sendable {
    /// Makes a module from R's arguments.
    public typealias Make = (inout Arguments) throws -> Module

    /// How instances are made.
    public enum Kind {
        /// A layer written in Swift: its constructor.
        case native(Builtin, Make)
        /// A class written in R.
        case scripted(ClassDefinition, parent: ModuleGenerator?)
    }

    /// Class names of the instances, most special first, without `nn_module`.
    public let classNames: [String]
    /// How instances are made.
    public let kind: Kind
    /// Makes instances of scripted classes; given by the plug-in that defines `nn_module()`.
    let instantiate: (ModuleGenerator, [Argument], Call, Environment, Context) throws -> Module

    /// A generator of modules written in Swift.
    public init(_ name: String, inherits: [String] = [], constructor: Builtin, make: @escaping Make) {
        classNames = [name] + inherits
        kind = .native(constructor, make)
        instantiate = { generator, arguments, call, environment, context in
            guard case .native(let constructor, _) = generator.kind else {
                throw WorkbenchError(.fault, "a native generator without constructor")
            }
            let made = try context.interpreter.apply(
                .builtin(constructor), arguments, call: call, environment: environment, context)
            guard case .object(let object) = made, let module = object as? Module else {
                throw WorkbenchError(.fault, "\(name)() made no module")
            }
            return module
        }
    }

    /// A generator of modules written in R.
    public init(
        classNames: [String], definition: ClassDefinition, parent: ModuleGenerator?,
        instantiate: @escaping (ModuleGenerator, [Argument], Call, Environment, Context) throws -> Module
    ) {
        self.classNames = classNames
        kind = .scripted(definition, parent: parent)
        self.instantiate = instantiate
    }

    /// The class names, then `nn_module`, `nn_module_generator`.
    public override var classes: [Text] { classNames.map { Text($0) } + ["nn_module", "nn_module_generator"] }
    /// A closure to `typeof`.
    public override var typeName: String { "closure" }
    /// It can stand in call position.
    public override var isCallable: Bool { true }

    /// Parameters of `initialize`.
    public override var formals: Formals? {
        switch kind {
        case .native(let constructor, _): return constructor.formals
        case .scripted(let definition, _):
            for member in definition.inherited(\.publicMethods) where member.name === Symbol.initialize {
                if case .closure(let closure) = member.value { return closure.formals }
            }
            return Formals.none
        }
    }

    /// Makes an instance.
    public func make(_ arguments: [Argument], call: Call, environment: Environment, context: Context) throws -> Module {
        try instantiate(self, arguments, call, environment, context)
    }

    /// Makes an instance.
    public override func call(
        _ arguments: [Argument], call: Call, environment: Environment, context: Context
    ) throws -> Value {
        .object(try make(arguments, call: call, environment: environment, context: context))
    }

    /// A class written in R; generators of Swift are found in their namespace.
    public override var savedKind: String? {
        if case .scripted = kind { return "nn_module generator" }
        return nil
    }

    /// Class and generator inherited from.
    public override func savedParts(_ context: Context) throws -> Value {
        guard case .scripted(let definition, let parent) = kind else { return .null }
        return .named([
            ("names", .strings(classNames)), ("definition", definition.saved()),
            ("parent", parent.map { .object($0) } ?? .null),
        ])
    }

    /// The members of a scripted class.
    public override func visitReferences(_ visit: (Value) -> Void) {
        guard case .scripted(let definition, let parent) = kind else { return }
        definition.visitReferences(visit)
        if let parent { visit(.object(parent)) }
    }
}

extension Namespace {
    /// Adds a kind of module written in Swift: `nn_linear(…)` makes one, `nn_module(inherit = nn_linear)` extends it.
    ///
    /// - Parameters:
    ///   - name: R name and class.
    ///   - inherits: Further class names, most special first.
    ///   - parameters: Of the constructor.
    ///   - help: First line is the summary.
    ///   - kind: A layer where the module is one of a single tensor.
    ///   - make: Makes a module from checked arguments.
    public func module(
        _ name: String, inherits: [String] = [], _ parameters: [Parameter], help: String = "",
        kind: Registration.Kind = .module, _ make: @escaping ModuleGenerator.Make
    ) {
        let constructor = maker(name, parameters, help: help) { args in try make(&args) }
        object(name, .object(ModuleGenerator(name, inherits: inherits, constructor: constructor, make: make)), kind)
    }
}

/// What `m$name` finds on every module besides its own parameters, buffers, children and fields.
public final class ModuleMethods: @unchecked Sendable {
    /// Methods; their first parameter is the module.
    public private(set) var methods: [Symbol: Builtin] = [:]
    /// Fields, read without a call (`m$parameters`).
    public private(set) var fields: [Symbol: (Module, Context) throws -> Value] = [:]

    /// Adds a method.
    public func add(_ name: String, _ builtin: Builtin) { methods[Symbol.named(name)] = builtin }

    /// Adds a field.
    public func addField(_ name: String, _ read: @escaping (Module, Context) throws -> Value) {
        fields[Symbol.named(name)] = read
    }

    /// All names, sorted.
    public var names: [String] { (methods.keys.map { $0.name } + fields.keys.map { $0.name }).inByteOrder() }
}

extension Registry {
    /// Methods and fields of all modules.
    public var moduleMethods: ModuleMethods { shelf(ModuleMethods.self) { ModuleMethods() } }
}

extension Arguments {
    /// A module argument.
    public func module(_ name: String) throws -> Module {
        let value = try required(name)
        if case .object(let object) = value, let module = object as? Module { return module }
        if case .object(let object) = value, object is ModuleGenerator {
            throw WorkbenchError(
                .type, "`\(name)` is a module generator, not a module", hint: "call it first: add parentheses")
        }
        throw WorkbenchError(.type, "Expected <nn_module> but got object of type \(describe(value))")
    }
}
