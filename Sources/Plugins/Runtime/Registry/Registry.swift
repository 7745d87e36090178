import Diagnostics

/// What adds functions, S3 methods and objects to a registry: a plug-in without checks of its own.
public protocol Registrant: SendableMetatype {
    /// Name under which `plugins()` lists it.
    static var name: String { get }

    /// Adds everything it provides. Called once a session, on the thread that evaluates, before anything of it is used.
    static func register(in registry: Registry)
}

/// Everything plug-ins have registered: namespaces with functions and objects, and S3 methods.
public final class Registry: @unchecked Sendable {
    /// Namespaces by name, in the order in which they were opened.
    public private(set) var namespaces: [Namespace] = []
    /// S3 methods by their full name (`print.torch_tensor`).
    public private(set) var methods: [Symbol: Value] = [:]
    /// The plug-ins registered, in order.
    public private(set) var pluginTypes: [any Registrant.Type] = []
    /// Who registered which name, in order.
    public private(set) var registrations: [Registration] = []
    /// The plug-in that is registering; owner of what is added now.
    package private(set) var current = ""
    /// Contracts of other kinds (hooks, layers, …), each kept by the type that defines it.
    private var shelves: [ObjectIdentifier: AnyObject] = [:]

    /// Puts in force on a new thread that evaluates what the session's own thread has: the switch of `with_no_grad()`.
    package var aroundThreads: (_ context: Context, _ body: () throws -> Void) throws -> Void = { _, body in try body()
    }

    /// Makes an empty registry.
    public init() {}

    /// Names of the plug-ins registered, in order.
    public var plugins: [String] { pluginTypes.map { $0.name } }

    /// Lets a plug-in register.
    public func register(_ plugin: any Registrant.Type) {
        pluginTypes.append(plugin)
        registering(as: plugin.name) { plugin.register(in: self) }
    }

    /// The plug-in that is registering.
    var registeringPlugin: String { current }

    /// Runs a body in which what is added belongs to a plug-in of a name: for plug-ins that are no types (in R).
    public func registering<Result>(as plugin: String, _ body: () throws -> Result) rethrows -> Result {
        let before = current
        current = plugin
        defer { current = before }
        return try body()
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

    /// A namespace that nobody finds until it is ``open(_:)``: code is evaluated in it first, and that may fail.
    ///
    /// - Parameter parent: Where functions of the namespace look up names that it does not have.
    public func hiddenNamespace(_ name: String, parent: Environment) -> Namespace {
        let namespace = Namespace(name, registry: self)
        namespace.environment.parent = parent
        namespace.exportsDotNames = false
        return namespace
    }

    /// The plug-in that registered what a namespace has under a name; nil if there is nothing.
    public func owner(of symbol: Symbol, in namespace: Namespace) -> String? {
        guard namespace.environment.local(symbol) != nil else { return nil }
        return registrations.last { $0.symbol === symbol && $0.namespace == namespace.name }?.plugin ?? ""
    }

    /// Makes a ``hiddenNamespace(_:parent:)`` one of the session's.
    public func open(_ namespace: Namespace) { namespaces.append(namespace) }

    /// The namespace of a name, if a plug-in opened it.
    public func existingNamespace(_ name: String) -> Namespace? { namespaces.first { $0.name == name } }

    /// Asked for a namespace that nobody has opened yet: finds a plug-in of that name and lets it register. Set by the
    /// session; true if the plug-in was found. `override` lets it replace names that are there already.
    public var findPlugin: ((_ name: String, _ override: Bool) throws -> Bool)?

    /// Asked for a function that nobody has registered: the name of an installed plug-in that would. Set by the session.
    public var whoProvides: ((_ function: String) -> String?)?

    /// The namespace of a name; if nobody has opened it, from a plug-in of that name.
    ///
    /// - Parameter override: The plug-in may replace names that are there already.
    /// - Throws: when there is such a plug-in and it cannot be loaded.
    public func loadedNamespace(_ name: String, override: Bool = false) throws -> Namespace? {
        if let known = existingNamespace(name) { return known }
        guard try findPlugin?(name, override) == true else { return nil }
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

    package func own(_ builtin: Builtin) { builtin.plugin = current }

    /// Notes who registers a name.
    func note(_ symbol: Symbol, in namespace: Namespace, _ kind: Registration.Kind) {
        registrations.append(Registration(kind: kind, namespace: namespace.name, symbol: symbol, plugin: current))
    }
}

/// One name that a plug-in registered.
public struct Registration: Sendable {
    /// What stands behind a name, as descriptors of plug-ins call it.
    public enum Kind: String, CaseIterable, Sendable {
        /// A function.
        case function
        /// A value that is no function.
        case object
        /// A kind of layer: a module of one tensor.
        case layer
        /// A kind of module of another form: losses, models.
        case module
        /// A transform of images.
        case transform
        /// A learning-rate scheduler.
        case scheduler
        /// A callback of fits.
        case callback
        /// An optimizer.
        case optimizer
        /// A metric of fits.
        case metric
        /// A data set.
        case dataset
    }

    /// What it is.
    public let kind: Kind
    /// Where it is.
    public let namespace: String
    /// The name.
    public let symbol: Symbol
    /// Who registered it; empty for the keywords of the language.
    public let plugin: String

    /// The name.
    public var name: String { symbol.name }
}
