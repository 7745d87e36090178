import BaseValues
import RRuntime

extension Value {
    /// An element of a list by its exact name, or nil.
    package func field(_ name: String) -> Value? {
        guard case .list(let list) = self, let place = names?.firstIndex(of: Text(name)), place < list.count else {
            return nil
        }
        return list[place]
    }

    /// The numbers of a list's element; none if it is not there.
    package func numbers(_ name: String) -> [Double] { (try? field(name)?.asDoubles().elements) ?? [] }

    /// The names as strings.
    package var nameStrings: [String] { names?.map { $0?.string ?? "NA" } ?? [] }

    /// Levels of a factor.
    package var levelNames: [String] {
        levelTexts.map { $0?.string ?? "NA" }
    }

    /// A matrix of numbers in column-major order.
    package static func matrix(_ numbers: [Double], _ rows: Int, _ columns: Int, names: [[String]?] = []) -> Value {
        var value = Value.numbers(numbers).setting(Symbol.dim, .ints([rows, columns]))
        if names.count == 2, names.contains(where: { $0 != nil }) {
            value = value.setting(
                Symbol.dimnames, .items(names.map { list in list.map { Value.strings($0) } ?? Value.null }))
        }
        return value
    }

    /// The column names of a matrix.
    package var matrixColumnNames: [String] {
        guard case .list(let names)? = attribute(Symbol.dimnames), names.count == 2 else { return [] }
        return (try? names[1].asCharacters().elements.map { $0?.string ?? "NA" }) ?? []
    }

    /// A data frame of named columns.
    package static func frame(_ columns: [(String, Value)], rowNames: Value) -> Value {
        Value.named(columns).setting(Symbol.rowNames, rowNames).withClass("data.frame")
    }
}

/// `c(NA, -n)`, the row names nobody gave.
package func automaticRowNames(_ count: Int) -> Value { RowNames.automatic(count).attribute }

/// Row names of a data frame as text.
package func rowLabels(_ frame: Value) -> [String] { rowNames(of: frame).texts.map { $0.string } }
