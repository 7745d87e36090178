import Diagnostics

/// Values one after another, as coro has them: an iterator is a function of no arguments that returns the next value
/// and, when there are no more, the symbol `.__exhausted__.`.
///
/// Whatever `coro::loop` and `coro::collect` shall go through registers an S3 method `as_iterator` for its class, which
/// returns such a function: `registry.addMethod("as_iterator", for: "dataloader", …)`.
public enum Iteration {
    /// What an iterator returns when there are no more values.
    public static let exhausted = Value.symbol(Symbol.named(".__exhausted__."))

    /// Whether a value says that there are no more.
    public static func isExhausted(_ value: Value) -> Bool {
        if case .symbol(let symbol) = value { return symbol.name == ".__exhausted__." }
        return false
    }
}

extension Context {
    /// The values of something, one a call, nil at the end: by its method for `as_iterator`, by itself if it is a
    /// function, else the elements of the vector.
    public func iterator(over value: Value, environment: Environment) throws -> () throws -> Value? {
        let generic = Symbol.named("as_iterator")
        let call = Call("as_iterator", [.symbol(Symbol.named("x"))])
        var source = value
        if value.isObject,
            let made = try dispatch(generic, on: value, [Argument(value)], call: call, environment: environment)
        {
            source = made
        }
        if source.isFunction {
            let next = Call("iterator", [])
            return {
                let value = try self.call(source, [], call: next, environment: environment)
                return Iteration.isExhausted(value) ? Optional<Value>.none : value
            }
        }
        guard source.isVector || source.isNull else {
            throw WorkbenchError(
                .type, "cannot go through an object of class \"\(source.classes.first ?? "")\" value by value",
                hint: "iterators are functions, vectors, and objects with a method for as_iterator()")
        }
        let list = source.isNull ? Value.items([]) : try self.call("as.list", [Argument(source)])
        guard case .list(let elements) = list else { return { Optional<Value>.none } }
        var place = 0
        return {
            guard place < elements.count else { return Optional<Value>.none }
            place += 1
            return elements[place - 1]
        }
    }
}
