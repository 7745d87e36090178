import BaseValues
import Diagnostics
import PluginAPI

/// Calls of R functions from Swift: `try r("format", x, ["digits": 3])`.
struct RCalls {
    let context: Context

    init(_ context: Context) { self.context = context }

    func callAsFunction(
        _ name: String, _ positional: Value..., named: KeyValuePairs<String, Value> = [:]
    ) throws -> Value {
        try context.call(
            name,
            positional.map { Argument($0) } + named.map { Argument($0.value, name: Symbol.named($0.key)) })
    }

    /// What `format()` makes of numbers.
    func format(_ numbers: [Double], digits: Int) throws -> [String] {
        try callAsFunction("format", .numbers(numbers), named: ["digits": .int(digits)]).asCharacters().elements
            .map { $0?.string ?? "NA" }
    }

    /// What `round()` makes of numbers.
    func round(_ numbers: [Double], _ digits: Int) throws -> [Double] {
        try callAsFunction("round", .numbers(numbers), .int(digits)).asDoubles().elements
    }
}

extension Value {
    /// An element of a list by its exact name, or nil.
    func field(_ name: String) -> Value? {
        guard case .list(let list) = self, let place = names?.firstIndex(of: Text(name)), place < list.count else {
            return nil
        }
        return list[place]
    }

    /// The numbers of a list's element; none if it is not there.
    func numbers(_ name: String) -> [Double] { (try? field(name)?.asDoubles().elements) ?? [] }

    /// The names as strings.
    var nameStrings: [String] { names?.map { $0?.string ?? "NA" } ?? [] }

    /// Levels of a factor.
    var levelNames: [String] {
        levelTexts.map { $0?.string ?? "NA" }
    }

    /// A matrix of numbers in column-major order.
    static func matrix(_ numbers: [Double], _ rows: Int, _ columns: Int, names: [[String]?] = []) -> Value {
        var value = Value.numbers(numbers).setting(Symbol.dim, .ints([rows, columns]))
        if names.count == 2, names.contains(where: { $0 != nil }) {
            value = value.setting(
                Symbol.dimnames, .items(names.map { list in list.map { Value.strings($0) } ?? Value.null }))
        }
        return value
    }

    /// The column names of a matrix.
    var matrixColumnNames: [String] {
        guard case .list(let names)? = attribute(Symbol.dimnames), names.count == 2 else { return [] }
        return (try? names[1].asCharacters().elements.map { $0?.string ?? "NA" }) ?? []
    }

    /// A data frame of named columns.
    static func frame(_ columns: [(String, Value)], rowNames: Value) -> Value {
        Value.named(columns).setting(Symbol.rowNames, rowNames).withClass("data.frame")
    }
}

/// `c(NA, -n)`, the row names nobody gave.
func automaticRowNames(_ count: Int) -> Value { RowNames.automatic(count).attribute }

/// Row names of a data frame as text.
func rowLabels(_ frame: Value) -> [String] { rowNames(of: frame).texts.map { $0.string } }
