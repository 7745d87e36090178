import Diagnostics

/// A class with reference objects: what `R6Class`, and generators of modules, data sets and callbacks, are made of.
///
/// An object is an environment of members. Methods are closures re-homed, per object, in an *enclosure*: an environment
/// that holds `self`, `private` and `super`, and whose parent is where the class was defined. `super` is an environment
/// of the parent class's methods with an enclosure of its own, and so on up the chain. This is the layout of R6, so
/// that code which looks into `.__enclos_env__` finds what it expects.
///
/// To build another kind of object on it: make a definition, call ``instantiate(as:_:)`` with the value that `self`
/// shall be (an object of your own, say), and run `initialize` through ``ClassInstance/initialize(_:call:_:)``.
public final class ClassDefinition: @unchecked Sendable {
    /// One member: a name and its value.
    public typealias Member = (name: Symbol, value: Value)

    /// Class name, or nil.
    public let name: String?
    /// Public members that are no functions.
    public let publicFields: [Member]
    /// Public functions.
    public let publicMethods: [Member]
    /// Private members that are no functions.
    public let privateFields: [Member]
    /// Private functions.
    public let privateMethods: [Member]
    /// Functions called when a member is read or set.
    public let active: [Member]
    /// The class inherited from, or nil.
    public let parent: ClassDefinition?
    /// Where methods look up their free names.
    public let environment: Environment
    /// Members are found through `self$` only; otherwise methods see them as variables.
    public let isPortable: Bool

    /// Makes a class. Members are split into fields and methods by what they are.
    public init(
        name: String?, public publicMembers: [Member], private privateMembers: [Member] = [], active: [Member] = [],
        parent: ClassDefinition? = nil, environment: Environment, isPortable: Bool = true
    ) {
        self.name = name
        publicFields = publicMembers.filter { !$0.value.isFunction }
        publicMethods = publicMembers.filter { $0.value.isFunction }
        privateFields = privateMembers.filter { !$0.value.isFunction }
        privateMethods = privateMembers.filter { $0.value.isFunction }
        self.active = active
        self.parent = parent
        self.environment = environment
        self.isPortable = isPortable
    }

    /// Own name, then the names of the classes inherited from.
    public var classNames: [String] {
        var names: [String] = []
        var current: ClassDefinition? = self
        while let here = current {
            if let name = here.name { names.append(name) }
            current = here.parent
        }
        return names
    }

    /// This or a class inherited from has private members.
    public var hasPrivates: Bool {
        var current: ClassDefinition? = self
        while let here = current {
            if !here.privateFields.isEmpty || !here.privateMethods.isEmpty { return true }
            current = here.parent
        }
        return false
    }

    /// Members of a kind, inherited ones first, own ones in the place of those they override.
    public func inherited(_ kind: KeyPath<ClassDefinition, [Member]>) -> [Member] {
        ClassDefinition.merged(parent?.inherited(kind) ?? [], self[keyPath: kind])
    }

    /// Members of a list; those of another list replace members of the same name or come behind.
    static func merged(_ below: [Member], _ above: [Member]) -> [Member] {
        var result = below
        for member in above {
            if let place = result.firstIndex(where: { $0.name === member.name }) {
                result[place].value = member.value
            } else {
                result.append(member)
            }
        }
        return result
    }

    /// Makes an object without calling `initialize`.
    ///
    /// - Parameter selfValue: What `self` is in methods; the environment of members if nil.
    public func instantiate(as selfValue: Value? = nil, _ context: Context) -> ClassInstance {
        context.collector.collectIfDue()
        let empty = Environment(parent: nil, name: "R_EmptyEnv")
        let privates = hasPrivates ? Environment(parent: isPortable ? empty : environment) : nil
        let members = Environment(parent: isPortable ? empty : privates ?? environment)
        let enclosure = isPortable ? Environment(parent: environment) : members
        for made in [members, enclosure, privates] { if let made { context.collector.track(made) } }
        let me = selfValue ?? .environment(members)
        bind(me, privates, in: enclosure)

        var methods = rehomed(publicMethods, in: enclosure)
        var hidden = rehomed(privateMethods, in: enclosure)
        var actives = rehomed(active, in: enclosure)
        if let parent {
            let above = parent.superLevel(me, privates, beneath: isPortable ? nil : enclosure, context)
            enclosure.define(Symbol.superObject, .environment(above.members))
            methods = ClassDefinition.merged(above.methods, methods)
            hidden = ClassDefinition.merged(above.hidden, hidden)
            actives = ClassDefinition.merged(above.actives, actives)
        }
        members.define(Symbol.enclosingEnvironment, .environment(enclosure))
        // Later ones first: the order in which R6 lists the names of an object.
        for member in actives.reversed() {
            members.define(member.name, .activeBinding(ActiveBinding(member.value)))
        }
        for member in inherited(\.publicFields).reversed() { members.define(member.name, member.value) }
        for member in methods.reversed() {
            members.define(member.name, member.value)
            members.setLock(true, on: member.name)
        }
        if let privates {
            for member in inherited(\.privateFields).reversed() { privates.define(member.name, member.value) }
            for member in hidden.reversed() {
                privates.define(member.name, member.value)
                privates.setLock(true, on: member.name)
            }
        }
        return ClassInstance(members: members, enclosure: enclosure, privates: privates)
    }

    private struct SuperLevel {
        let members: Environment
        let methods: [Member]
        let hidden: [Member]
        let actives: [Member]
    }

    /// The methods of this class as `super` of one that inherits from it.
    private func superLevel(
        _ me: Value, _ privates: Environment?, beneath: Environment?, _ context: Context
    ) -> SuperLevel {
        let members = Environment(parent: Environment(parent: nil, name: "R_EmptyEnv"))
        let enclosure = Environment(parent: beneath ?? environment)
        context.collector.track(members)
        context.collector.track(enclosure)
        bind(me, privates, in: enclosure)
        var methods = rehomed(publicMethods, in: enclosure)
        var hidden = rehomed(privateMethods, in: enclosure)
        var actives = rehomed(active, in: enclosure)
        if let parent {
            let above = parent.superLevel(me, privates, beneath: beneath, context)
            enclosure.define(Symbol.superObject, .environment(above.members))
            methods = ClassDefinition.merged(above.methods, methods)
            hidden = ClassDefinition.merged(above.hidden, hidden)
            actives = ClassDefinition.merged(above.actives, actives)
        }
        members.define(Symbol.enclosingEnvironment, .environment(enclosure))
        for member in methods + hidden { members.define(member.name, member.value) }
        for member in actives { members.define(member.name, .activeBinding(ActiveBinding(member.value))) }
        return SuperLevel(members: members, methods: methods, hidden: hidden, actives: actives)
    }

    private func bind(_ me: Value, _ privates: Environment?, in enclosure: Environment) {
        enclosure.define(Symbol.selfObject, me)
        if let privates { enclosure.define(Symbol.privateObject, .environment(privates)) }
    }

    private func rehomed(_ methods: [Member], in enclosure: Environment) -> [Member] {
        methods.map { member in
            guard case .closure(let closure) = member.value else { return member }
            return (member.name, .closure(closure.with(environment: enclosure)))
        }
    }
}

extension Symbol {
    /// `self`, in methods.
    public static let selfObject = Symbol.named("self")
    /// `private`, in methods.
    public static let privateObject = Symbol.named("private")
    /// `super`, in methods.
    public static let superObject = Symbol.named("super")
    /// `.__enclos_env__`, the enclosure of an object.
    public static let enclosingEnvironment = Symbol.named(".__enclos_env__")
    /// `initialize`
    public static let initialize = Symbol.named("initialize")
}
