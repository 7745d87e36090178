import Diagnostics

/// Everything plug-ins have registered: namespaces with functions and objects, and S3 methods.
public final class Registry: @unchecked Sendable {
    /// Namespaces by name, in the order in which they were opened.
    public private(set) var namespaces: [Namespace] = []
    /// S3 methods by their full name (`print.torch_tensor`).
    public private(set) var methods: [Symbol: Value] = [:]
    /// Names of the plug-ins registered, in order.
    public private(set) var plugins: [String] = []
    /// The plug-in that is registering; owner of what is added now.
    private var current = ""
    /// Contracts of other kinds (hooks, layers, …), each kept by the type that defines it.
    private var shelves: [ObjectIdentifier: AnyObject] = [:]

    /// Makes an empty registry.
    public init() {}

    /// Lets a plug-in register.
    public func register(_ plugin: any Plugin.Type) {
        let before = current
        current = plugin.name
        plugins.append(plugin.name)
        plugin.register(in: self)
        current = before
    }

    /// The namespace of a name, opened if need be.
    public func namespace(_ name: String) -> Namespace {
        if let known = namespaces.first(where: { $0.name == name }) { return known }
        let new = Namespace(name, registry: self)
        namespaces.append(new)
        return new
    }

    /// A namespace that is attached from the start, as base, stats and utils are; opened if need be.
    public func attachedNamespace(_ name: String) -> Namespace {
        let namespace = namespace(name)
        namespace.isAttachedAtStart = true
        return namespace
    }

    /// The namespace of a name, if a plug-in opened it.
    public func existingNamespace(_ name: String) -> Namespace? { namespaces.first { $0.name == name } }

    /// Asked for a namespace that nobody has opened yet: finds a plug-in of that name and lets it register. Set by the
    /// session; true if the plug-in was found.
    public var findPlugin: ((_ name: String) throws -> Bool)?

    /// The namespace of a name; if nobody has opened it, from a plug-in of that name.
    /// - Throws: when there is such a plug-in and it cannot be loaded.
    public func loadedNamespace(_ name: String) throws -> Namespace? {
        if let known = existingNamespace(name) { return known }
        guard try findPlugin?(name) == true else { return nil }
        return existingNamespace(name)
    }

    /// A shelf for things of one kind that plug-ins register besides functions; made at first use.
    public func shelf<Shelf: AnyObject>(_ type: Shelf.Type, make: () -> Shelf) -> Shelf {
        if let known = shelves[ObjectIdentifier(type)], let shelf = known as? Shelf { return shelf }
        let new = make()
        shelves[ObjectIdentifier(type)] = new
        return new
    }

    /// Adds an S3 method: found by dispatch from anywhere, as a package's registered method in R.
    public func addMethod(_ generic: String, for className: String, _ function: Value) {
        if case .builtin(let builtin) = function { builtin.plugin = current }
        methods[Symbol.named("\(generic).\(className)")] = function
    }

    fileprivate func own(_ builtin: Builtin) { builtin.plugin = current }
}

/// Plug-ins that are not in the box and were loaded in this session.
public final class LoadedPlugins: @unchecked Sendable {
    /// Names and versions, in the order of loading.
    public private(set) var plugins: [(name: String, version: String)] = []

    init() {}

    /// Notes one.
    public func add(_ name: String, version: String) { plugins.append((name, version)) }
}

extension Registry {
    /// Plug-ins loaded by `library()`.
    public var loadedPlugins: LoadedPlugins { shelf(LoadedPlugins.self) { LoadedPlugins() } }
}

/// A named set of functions and objects that plug-ins fill; `library(NAME)` attaches it.
public final class Namespace: @unchecked Sendable {
    /// Name, as in `library(name)` and `name::f`.
    public let name: String
    /// Its variables.
    public let environment: Environment
    /// Attached from the start, as base, stats and utils are.
    public var isAttachedAtStart = false
    private unowned let registry: Registry

    init(_ name: String, registry: Registry) {
        self.name = name
        self.registry = registry
        environment = Environment(parent: nil, name: name == "base" ? "base" : "package:\(name)")
    }

    /// Adds a function.
    ///
    /// - Parameters:
    ///   - name: R name.
    ///   - parameters: Parameters in order; the source of matching, help and completion.
    ///   - help: First line is the summary.
    ///   - dispatch: How arguments with a class are handled first.
    ///   - visible: Whether the result is printed at the prompt.
    ///   - direct: Fast entry for plain calls with one argument (the second is `.missing`) or two.
    ///   - implementation: What it does.
    @discardableResult
    public func function(
        _ name: String, _ parameters: [Parameter], help: String = "", dispatch: Builtin.Dispatch = .none,
        visible: Bool = true, direct: Builtin.Direct? = nil, _ implementation: @escaping Builtin.Implementation
    ) -> Builtin {
        let builtin = Builtin(
            name, namespace: self.name, parameters, help: help, dispatch: dispatch, visible: visible, direct: direct,
            implementation)
        registry.own(builtin)
        environment.define(Symbol.named(name), .builtin(builtin))
        return builtin
    }

    /// Adds a keyword of the language: a function that gets its call as written.
    public func keyword(_ name: String, help: String = "", _ special: @escaping Builtin.Special) {
        let builtin = Builtin(name, namespace: self.name, [.promiseDots], help: help, special: special) { _ in .null }
        registry.own(builtin)
        environment.define(Symbol.named(name), .builtin(builtin))
    }

    /// Adds a function made by ``maker(_:_:help:visible:finish:_:)`` under its name.
    public func define(_ function: Builtin) { environment.define(function.name, .builtin(function)) }

    /// Adds a function that lives in environments or code and is no variable, so that saved sessions find it.
    public func inner(_ name: String, _ function: Builtin) {
        registry.innerFunctions.add("\(self.name) \(name)", function)
    }

    /// Adds a function whose results are functions written in Swift: a saved session makes them again by calling it with
    /// the same arguments, so it must have no other effect.
    public func functionMaker(
        _ name: String, _ parameters: [Parameter], help: String = "",
        _ make: @escaping (Arguments) throws -> Builtin
    ) {
        let maker = function(name, parameters, help: help) { args in
            let made = try make(args)
            let given = zip(args.function.parameters, args.values).filter {
                $0.0.name !== Symbol.dots && !$0.1.isMissing
            }
            made.origin = .result(of: args.function, given.map { Argument($0.1, name: $0.0.name) } + args.dots)
            return .builtin(made)
        }
        maker.makesFunctions = true
    }

    /// Adds another name for something already there.
    public func alias(_ name: String, of original: String) {
        guard let value = environment.local(Symbol.named(original)) else { return }
        environment.define(Symbol.named(name), value)
    }

    /// Marks a function as the present plug-in's.
    func adopt(_ builtin: Builtin) { registry.own(builtin) }

    /// The makers of all namespaces.
    var makers: Makers { registry.makers }

    /// Adds an object that is no function.
    public func object(_ name: String, _ value: Value) { environment.define(Symbol.named(name), value) }

    /// Adds an S3 method and, under its full name, a function of this namespace.
    @discardableResult
    public func method(
        _ generic: String, for className: String, _ parameters: [Parameter], help: String = "", visible: Bool = true,
        _ implementation: @escaping Builtin.Implementation
    ) -> Builtin {
        let builtin = Builtin(
            "\(generic).\(className)", namespace: name, parameters, help: help, visible: visible, implementation)
        registry.addMethod(generic, for: className, .builtin(builtin))
        environment.define(builtin.name, .builtin(builtin))
        return builtin
    }
    /// Says what the prompt offers after `object$` for a class whose `$` method is registered here.
    public func members(of className: String, _ list: @escaping MemberLists.List) {
        registry.memberLists.add(className, list)
    }
}
