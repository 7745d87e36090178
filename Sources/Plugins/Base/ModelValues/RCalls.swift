import RRuntime

/// Calls of R functions from Swift: `try r("format", x, ["digits": 3])`.
package struct RCalls {
    package let context: Context

    package init(_ context: Context) { self.context = context }

    package func callAsFunction(
        _ name: String, _ positional: Value..., named: KeyValuePairs<String, Value> = [:]
    ) throws -> Value {
        try context.call(
            name,
            positional.map { Argument($0) } + named.map { Argument($0.value, name: Symbol.named($0.key)) })
    }

    /// What `format()` makes of numbers.
    package func format(_ numbers: [Double], digits: Int) throws -> [String] {
        try callAsFunction("format", .numbers(numbers), named: ["digits": .int(digits)]).asCharacters().elements
            .map { $0?.string ?? "NA" }
    }

    /// What `round()` makes of numbers.
    package func round(_ numbers: [Double], _ digits: Int) throws -> [Double] {
        try callAsFunction("round", .numbers(numbers), .int(digits)).asDoubles().elements
    }
}
