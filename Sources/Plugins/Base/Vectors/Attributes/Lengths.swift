import Diagnostics
import RRuntime
import VectorValues

/// Lengths, methods of `length` included.
enum Lengths {
    /// `length(x)`, by its method if there is one.
    static func of(_ x: Value, _ context: Context) throws -> Int {
        guard x.isObject else { return x.length }
        let result = try context.call("length", [Argument(x)])
        return try result.asDoubles().elements.first?.wholeInt ?? 0
    }
}

func registerLengths(_ base: Namespace) {
    base.function(
        "length", [.value("x")], help: "Number of elements.", dispatch: .internal,
        direct: { x, _, _ in x.isMissing ? nil : .int(x.length) }
    ) { args in .int(try args.required("x").length) }
    base.function(
        "length<-", [.value("x"), .value("value")], help: "Cuts a vector, or fills it up with NA.", dispatch: .internal
    ) { args in
        let x = args[0]
        guard x.isVector || x.isNull else { throw WorkbenchError(.type, "invalid argument") }
        let value = args[1]
        guard value.isAtomic, value.length == 1 else { throw WorkbenchError(.value, "invalid value") }
        let number = try value.asDoubles()[0]
        if number.isNaN { throw WorkbenchError(.value, "vector size cannot be NA") }
        if number < 0 { throw WorkbenchError(.value, "invalid value") }
        guard let count = number.wholeInt else { throw cannotAllocate(bytes: number * 8) }
        try checkAllocation(count, x.kind ?? .list)
        if count == x.length { return x }
        var result = x.isNull ? Kind.list.zeros(count) : x.resized(to: count)
        if x.isNull, count == 0 { return .null }
        if let names = x.names {
            var new = Array(names.prefix(count))
            while new.count < count { new.append("") }
            result = result.withNames(new)
        }
        return result
    }
    base.function(
        "lengths", [.value("x"), .value("use.names", true)], help: "Length of each element of a list."
    ) { args in
        let x = try args.required("x")
        let counts: [Int]
        switch x {
        case .list(let list), .expression(let list):
            counts = try list.elements.map { try Lengths.of($0, args.context) }
        case .null: counts = []
        default:
            guard x.isAtomic else { throw WorkbenchError(.type, "'x' must be a list or atomic vector") }
            counts = Array(repeating: 1, count: x.length)
        }
        var result = counts.isEmpty ? Value.integer(Vector([])) : Value.ints(counts)
        if try args.flag("use.names") {
            result.attributes = x.attributes.keeping([Symbol.names, Symbol.dim, Symbol.dimnames])
        }
        return result
    }
}
