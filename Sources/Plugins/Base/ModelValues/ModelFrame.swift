import BaseValues
import Diagnostics
import RRuntime

/// The variables of a model, evaluated, for the rows that are complete.
package struct ModelFrame {
    /// One value a variable: vectors, factors, or matrices with a row each.
    package var columns: [Value]
    /// Names of the variables.
    package var names: [String]
    /// Names of the rows.
    package var rows: [String]
    /// Nobody named them.
    package var rowsAreCounted: Bool
    /// Weights, if given.
    package var weights: [Double]?
    /// Positions and names of the rows left out for NA.
    package var omitted: [(place: Int, name: String)]

    /// Number of rows.
    package var count: Int { rows.count }

    /// Evaluates variables in data, then in the formula's environment.
    ///
    /// - Parameters:
    ///   - data: A data frame, list or environment, or NULL.
    ///   - levels: Levels that factors must have (those of the fit), by variable.
    package init(
        _ terms: FormulaTerms, _ wanted: [Int], data: Value, subset: Value = .null, weights: Value = .null,
        levels: [String: [String]] = [:], keepsMissing: Bool = false, _ args: Arguments
    ) throws {
        let context = args.context
        let home = try evaluationEnvironment(data, parent: terms.environment)
        let names = wanted.map { terms.labels[$0] }
        var columns: [Value] = []
        for place in wanted {
            columns.append(try column(context.evaluate(terms.variables[place], in: home), terms.labels[place], levels))
        }
        var given = try context.forcedExpression(weights, in: home)
        let count = columns.first.map { rowCount($0) } ?? (data.inherits("data.frame") ? rowLabels(data).count : 0)
        for (column, name) in zip(columns, names) where rowCount(column) != count {
            throw WorkbenchError(.value, "variable lengths differ (found for '\(name)')")
        }
        let isFrame = data.inherits("data.frame") && rowLabels(data).count == count
        var labels = isFrame ? rowLabels(data) : (0..<count).map { String($0 + 1) }
        if !isFrame, let named = columns.first?.names, named.count == count {
            labels = named.map { $0?.string ?? "NA" }
        }
        var kept = Array(0..<count)
        var omitted: [(place: Int, name: String)] = []
        let chosen = try context.forcedExpression(subset, in: home)
        switch chosen {
        case .null: break
        case .logical(let v): kept = kept.filter { !v.isEmpty && (v[$0 % v.count] ?? false) }
        default:
            let positions = try context.call("[", [Argument(.ints(kept)), Argument(chosen)])
            kept = try positions.asIntegers().elements.compactMap { $0.map { Int($0) } }
        }
        if !keepsMissing {
            let incomplete = kept.filter { row in
                columns.contains { isMissing($0, row, count) } || isMissing(given, row, count)
            }
            omitted = incomplete.map { row in ((kept.firstIndex(of: row) ?? row) + 1, labels[row]) }
            let gone = Set(incomplete)
            kept = kept.filter { !gone.contains($0) }
        }
        if kept.count != count {
            columns = try columns.map { try picked($0, kept, context) }
            if !given.isNull { given = try picked(given, kept, context) }
        }
        self.columns = columns
        self.names = names
        self.omitted = omitted
        rows = kept.map { labels[$0] }
        rowsAreCounted = labels.enumerated().allSatisfy { $0.element == String($0.offset + 1) } && kept.count == count
        self.weights = given.isNull ? nil : try given.asDoubles().elements
        if let weights = self.weights {
            guard weights.count == rows.count else {
                throw WorkbenchError(.value, "variable lengths differ (found for '(weights)')")
            }
            guard weights.allSatisfy({ $0 >= 0 }) else {
                throw WorkbenchError(.value, "missing or negative weights not allowed")
            }
        }
    }

    /// R's data frame, with the terms.
    package func asValue(_ terms: Value) -> Value {
        var fields = Array(zip(names, columns))
        if let weights { fields.append(("(weights)", .numbers(weights))) }
        let whole = rows.compactMap { Int32($0) }
        let labels: Value =
            rowsAreCounted
            ? automaticRowNames(rows.count)
            : whole.count == rows.count && zip(whole, rows).allSatisfy { String($0) == $1 }
                ? .integer(Vector(whole.map { Optional($0) })) : .strings(rows)
        var frame = Value.frame(fields, rowNames: labels).setting(Symbol.named("terms"), terms)
        if let action = omission { frame = frame.setting(Symbol.named("na.action"), action) }
        return frame
    }

    /// `na.action`: the rows left out, by name.
    package var omission: Value? {
        guard !omitted.isEmpty else { return nil }
        return Value.ints(omitted.map { $0.place }).withNames(omitted.map { $0.name }).withClass("omit")
    }
}

extension Context {
    /// A promise's expression evaluated in another environment; other values as they are.
    package func forcedExpression(_ value: Value, in environment: Environment) throws -> Value {
        switch value {
        case .missing: return .null
        case .promise(let promise): return try evaluate(promise.expression, in: environment)
        default: return value
        }
    }
}

/// Columns of data as variables.
package func evaluationEnvironment(_ data: Value, parent: Environment) throws -> Environment {
    switch data {
    case .null, .missing: return parent
    case .environment(let environment): return environment
    case .list(let list):
        let environment = Environment(parent: parent)
        for (name, value) in zip(data.nameStrings, list.elements) where !name.isEmpty {
            environment.define(Symbol.named(name), value)
        }
        return environment
    default:
        throw WorkbenchError(
            .type, "'data' must be a data.frame, environment, or list",
            hint: "as.data.frame() makes one of a matrix")
    }
}

/// Rows of a vector or matrix.
package func rowCount(_ value: Value) -> Int { value.dim?.first ?? value.length }

/// A variable as a model holds it; texts and truth values keep their type, levels are checked.
private func column(_ value: Value, _ name: String, _ levels: [String: [String]]) throws -> Value {
    guard value.isAtomic, !value.isNull else {
        throw WorkbenchError(.type, "invalid type (\(value.typeName)) for variable '\(name)'")
    }
    guard (value.dim?.count ?? 1) <= 2 else {
        throw WorkbenchError(.type, "invalid type (array) for variable '\(name)'")
    }
    guard let wanted = levels[name] else { return value }
    let texts: [String?]
    if value.isFactor {
        let own = value.levelNames
        texts = try value.asIntegers().elements.map { code in
            code.flatMap { own.indices.contains(Int($0) - 1) ? own[Int($0) - 1] : nil }
        }
    } else {
        texts = try value.asCharacters().elements.map { $0?.string }
    }
    let strange = Array(Set(texts.compactMap { $0 }.filter { !wanted.contains($0) })).inByteOrder()
    guard strange.isEmpty else {
        throw WorkbenchError(
            .value,
            "factor \(name) has new level\(strange.count > 1 ? "s" : "") \(strange.joined(separator: ", "))")
    }
    let codes = texts.map { text in text.flatMap { wanted.firstIndex(of: $0) }.map { Int32($0 + 1) } }
    return Value.integer(Vector(codes)).setting(Symbol.levels, .strings(wanted)).withClass("factor")
}

/// Whether a row of a variable has NA.
private func isMissing(_ value: Value, _ row: Int, _ count: Int) -> Bool {
    func at(_ place: Int) -> Bool {
        switch value {
        case .double(let v): return place < v.count && v[place].isNaN
        case .integer(let v): return place < v.count && v[place] == nil
        case .logical(let v): return place < v.count && v[place] == nil
        case .character(let v): return place < v.count && v[place] == nil
        default: return false
        }
    }
    guard let dim = value.dim, dim.count == 2 else { return at(row) }
    return (0..<dim[1]).contains { at(row + $0 * count) }
}

/// Rows of a vector, factor or matrix.
private func picked(_ value: Value, _ rows: [Int], _ context: Context) throws -> Value {
    let index = Argument(.ints(rows.map { $0 + 1 }))
    guard value.dim?.count == 2 else { return try context.call("[", [Argument(value), index]) }
    return try context.call(
        "[", [Argument(value), index, Argument(.missing), Argument(false, name: "drop")])
}

/// `na.action = na.pass`.
package func keepsMissing(_ action: Value) -> Bool {
    switch action {
    case .builtin(let function): return function.name.name == "na.pass"
    case .character(let name): return name.elements.first == Text("na.pass")
    case .null: return true
    default: return false
    }
}

/// A model frame kept in a fit, read back.
package func modelFrame(of frame: Value, _ terms: FormulaTerms, _ args: Arguments) throws -> ModelFrame {
    // Columns have the labels as names already: each variable is one symbol.
    var result = try ModelFrame(terms, [], data: .null, args)
    guard case .list(let list) = frame else { return result }
    result.columns = list.elements
    result.names = frame.nameStrings
    result.rows = rowLabels(frame)
    return result
}
