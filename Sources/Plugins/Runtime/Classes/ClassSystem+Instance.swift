import Diagnostics

/// An object of a class: its environments.
public struct ClassInstance {
    /// The public members; the object itself, as R code sees it.
    public let members: Environment
    /// Holds `self`, `private` and `super`; methods live in it.
    public let enclosure: Environment
    /// The private members, or nil if the class has none.
    public let privates: Environment?

    init(members: Environment, enclosure: Environment, privates: Environment?) {
        self.members = members
        self.enclosure = enclosure
        self.privates = privates
    }

    /// Recognises an object by its enclosure; nil for other environments.
    public init?(_ members: Environment) {
        guard case .environment(let enclosure)? = members.local(Symbol.enclosingEnvironment) else { return nil }
        self.members = members
        self.enclosure = enclosure
        if case .environment(let privates)? = enclosure.local(Symbol.privateObject) {
            self.privates = privates
        } else {
            privates = nil
        }
    }

    /// Calls `initialize` with arguments: values, or promises.
    /// - Throws: what it throws, and an error if there are arguments but no `initialize`.
    public func initialize(_ arguments: [Argument], call: Call, _ context: Context) throws {
        if let function = members.local(Symbol.initialize), function.isFunction {
            _ = try context.call(function, arguments, call: call)
        } else if !arguments.isEmpty {
            throw WorkbenchError(.value, "Called new() with arguments, but there is no initialize method.")
        }
    }

    /// Lets no member be added or removed.
    public func lock() {
        members.lock(bindings: false)
        privates?.lock(bindings: false)
    }

    /// Another object with the same members.
    ///
    /// Methods, active bindings and `super` of the copy belong to the copy.
    /// - Parameter copy: What to put in the place of a member's value (for a deep clone); nil keeps it.
    public func clone(
        _ context: Context, copy: ((Symbol, Value) throws -> Value)? = nil
    ) throws -> ClassInstance {
        context.collector.collectIfDue()
        var levels: [(members: Environment, enclosure: Environment)] = [(members, enclosure)]
        while case .environment(let above)? = levels[levels.count - 1].enclosure.local(Symbol.superObject),
            case .environment(let home)? = above.local(Symbol.enclosingEnvironment), levels.count < 1000
        {
            levels.append((above, home))
        }
        let isPortable = enclosure !== members
        let privateCopy = privates.map { Environment(parent: $0.parent) }
        var made: [(members: Environment, enclosure: Environment)] = []
        for (place, level) in levels.enumerated() {
            let parent = place == 0 && !isPortable ? privateCopy ?? level.members.parent : level.members.parent
            let members = Environment(parent: parent)
            let enclosure =
                place == 0 && !isPortable
                ? members
                : Environment(
                    parent: place > 0 && !isPortable ? made[0].enclosure : level.enclosure.parent)
            context.collector.track(members)
            context.collector.track(enclosure)
            made.append((members, enclosure))
        }
        if let privateCopy { context.collector.track(privateCopy) }
        func rehomed(_ value: Value) -> Value {
            guard case .closure(let closure) = value,
                let place = levels.firstIndex(where: { $0.enclosure === closure.environment })
            else { return value }
            return .closure(closure.with(environment: made[place].enclosure))
        }
        let me = Value.environment(made[0].members)
        let reserved = [
            Symbol.selfObject, Symbol.privateObject, Symbol.superObject, Symbol.enclosingEnvironment,
        ]
        func fill(_ target: Environment, from source: Environment) throws {
            for symbol in source.names() where !reserved.contains(where: { $0 === symbol }) {
                guard let value = source.local(symbol) else { continue }
                switch value {
                case .activeBinding(let binding):
                    target.define(symbol, .activeBinding(ActiveBinding(rehomed(binding.function))))
                case .closure, .builtin: target.define(symbol, rehomed(value))
                default: target.define(symbol, try copy?(symbol, value) ?? value)
                }
                if source.isLocked(symbol) { target.setLock(true, on: symbol) }
            }
        }
        for (place, level) in made.enumerated() {
            level.members.define(Symbol.enclosingEnvironment, .environment(level.enclosure))
            level.enclosure.define(Symbol.selfObject, me)
            if let privateCopy { level.enclosure.define(Symbol.privateObject, .environment(privateCopy)) }
            if place + 1 < made.count {
                level.enclosure.define(Symbol.superObject, .environment(made[place + 1].members))
            }
            try fill(level.members, from: levels[place].members)
        }
        if let privates, let privateCopy {
            try fill(privateCopy, from: privates)
            if privates.isLocked { privateCopy.lock(bindings: false) }
        }
        made[0].members.attributes = members.attributes
        if members.isLocked { made[0].members.lock(bindings: false) }
        return ClassInstance(members: made[0].members, enclosure: made[0].enclosure, privates: privateCopy)
    }
}

extension ClassInstance {
    /// Lets methods of the object, and those reached through `super`, see a variable (`ctx` during a fit).
    public func expose(_ name: Symbol, _ value: Value) {
        var home: Environment? = enclosure
        var depth = 0
        while let here = home, depth < 1000 {
            here.define(name, value)
            depth += 1
            guard case .environment(let above)? = here.local(Symbol.superObject),
                case .environment(let next)? = above.local(Symbol.enclosingEnvironment)
            else { return }
            home = next
        }
    }
}
