import BaseValues
import Diagnostics
import RRuntime

/// The columns that the coefficients of a model multiply.
package struct ModelMatrix {
    /// Columns of equal length.
    package var columns: [[Double]] = []
    /// Their names.
    package var names: [String] = []
    /// The term each belongs to, from 1; 0 is the constant.
    package var assign: [Int] = []
    /// Contrasts of the factors.
    package var contrasts: [(String, Value)] = []
    /// Levels of the factors and texts.
    package var levels: [(String, [String])] = []

    /// Writes out terms; `frame` has the variables by name.
    package init(_ terms: FormulaTerms, _ frame: ModelFrame, _ context: Context) throws {
        var columnsOf: [String: Value] = [:]
        for (name, value) in zip(frame.names, frame.columns) { columnsOf[name] = value }
        if terms.hasIntercept {
            columns.append([Double](repeating: 1, count: frame.count))
            names.append("(Intercept)")
            assign.append(0)
        }
        // Without a constant the first factor has all its levels.
        var isFirstFactor = !terms.hasIntercept
        for (place, term) in terms.terms.enumerated() {
            var block: [(name: String, values: [Double])] = []
            for variable in term {
                let name = terms.labels[variable]
                guard let value = columnsOf[name] else { continue }
                var coding = terms.coding(variable, in: place)
                if isFirstFactor, !value.isNumeric || value.isFactor {
                    coding = 2
                    isFirstFactor = false
                }
                let part = try coded(value, name, all: coding == 2)
                block =
                    block.isEmpty
                    ? part
                    : part.flatMap { second in
                        block.map { first in
                            (first.name + ":" + second.name, zip(first.values, second.values).map { $0 * $1 })
                        }
                    }
            }
            for (name, values) in block {
                columns.append(values)
                names.append(name)
                assign.append(place + 1)
            }
        }
    }

    private mutating func note(_ name: String, _ levels: [String], _ contrast: String) {
        if !self.levels.contains(where: { $0.0 == name }) {
            self.levels.append((name, levels))
            contrasts.append((name, .string(contrast)))
        }
    }

    /// One variable's columns.
    private mutating func coded(_ value: Value, _ name: String, all: Bool) throws -> [(name: String, values: [Double])]
    {
        switch value {
        case .character, .logical: break
        default:
            if value.isFactor { break }
            let numbers = try value.asDoubles().elements
            guard let dim = value.dim, dim.count == 2 else { return [(name, numbers)] }
            let labels = value.matrixColumnNames
            return (0..<dim[1]).map { column in
                (
                    name + (labels.isEmpty ? (dim[1] == 1 ? "" : String(column + 1)) : labels[column]),
                    Array(numbers[(column * dim[0])..<((column + 1) * dim[0])])
                )
            }
        }
        let (levels, codes) = try levelsAndCodes(value)
        guard levels.count >= 2 else {
            throw WorkbenchError(
                .value, "contrasts can be applied only to factors with 2 or more levels",
                hint: "`\(name)` has \(levels.count)")
        }
        let isOrdered = value.inherits("ordered")
        if case .logical = value {
            if !contrasts.contains(where: { $0.0 == name }) { contrasts.append((name, "contr.treatment")) }
        } else {
            note(name, levels, isOrdered ? "contr.poly" : "contr.treatment")
        }
        if isOrdered, !all {
            try checkPolynomials(levels.count)
            return zip(polynomialNames(levels.count), polynomials(levels.count)).map { suffix, scores in
                (name + suffix, codes.map { $0.map { scores[$0] } ?? .na })
            }
        }
        return levels.indices.dropFirst(all ? 0 : 1).map { level in
            (name + levels[level], codes.map { code in code.map { $0 == level ? 1 : 0 } ?? .na })
        }
    }

    /// R's matrix with its attributes.
    package func asValue(rows: [String]) -> Value {
        var value = Value.matrix(columns.flatMap { $0 }, rows.count, columns.count, names: [rows, names])
            .setting(Symbol.named("assign"), .ints(assign))
        if !contrasts.isEmpty { value = value.setting(Symbol.named("contrasts"), .named(contrasts)) }
        return value
    }
}

/// Levels of a factor, text or truth values, and the place of each element among them.
package func levelsAndCodes(_ value: Value) throws -> (levels: [String], codes: [Int?]) {
    if value.isFactor {
        let levels = value.levelNames
        let codes = try value.asIntegers().elements.map { code in code.map { Int($0) - 1 } }
        return (levels, codes.map { code in code.flatMap { levels.indices.contains($0) ? $0 : nil } })
    }
    let texts = try value.asCharacters().elements.map { $0?.string }
    let levels = Set(texts.compactMap { $0 }).inByteOrder()
    return (levels, texts.map { text in text.flatMap { levels.firstIndex(of: $0) } })
}
