import BaseValues
import Diagnostics
import PluginAPI

/// The columns that the coefficients of a model multiply.
struct ModelMatrix {
    /// Columns of equal length.
    var columns: [[Double]] = []
    /// Their names.
    var names: [String] = []
    /// The term each belongs to, from 1; 0 is the constant.
    var assign: [Int] = []
    /// Contrasts of the factors.
    var contrasts: [(String, Value)] = []
    /// Levels of the factors and texts.
    var levels: [(String, [String])] = []

    /// Writes out terms; `frame` has the variables by name.
    init(_ terms: FormulaTerms, _ frame: ModelFrame, _ context: Context) throws {
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
    func asValue(rows: [String]) -> Value {
        var value = Value.matrix(columns.flatMap { $0 }, rows.count, columns.count, names: [rows, names])
            .setting(Symbol.named("assign"), .ints(assign))
        if !contrasts.isEmpty { value = value.setting(Symbol.named("contrasts"), .named(contrasts)) }
        return value
    }
}

/// Levels of a factor, text or truth values, and the place of each element among them.
func levelsAndCodes(_ value: Value) throws -> (levels: [String], codes: [Int?]) {
    if value.isFactor {
        let levels = value.levelNames
        let codes = try value.asIntegers().elements.map { code in code.map { Int($0) - 1 } }
        return (levels, codes.map { code in code.flatMap { levels.indices.contains($0) ? $0 : nil } })
    }
    let texts = try value.asCharacters().elements.map { $0?.string }
    let levels = Set(texts.compactMap { $0 }).sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
    return (levels, texts.map { text in text.flatMap { levels.firstIndex(of: $0) } })
}

/// `model.frame()`, `model.matrix()`, `model.response()`.
func registerModelMatrix(_ stats: Namespace) {
    stats.function(
        "model.frame",
        [.value("formula"), .value("data", nil), .promise("subset"), .value("na.action"), .dots],
        help: "The variables of a formula, for the complete rows"
    ) { args in
        let formula = try args.required("formula")
        if let known = formula.field("model") { return known }
        let terms = try formulaTerms(formula, data: args["data"], args)
        let frame = try ModelFrame(
            terms, Array(terms.labels.indices), data: args["data"], subset: args["subset"],
            keepsMissing: keepsMissing(args["na.action"]), args)
        return frame.asValue(terms.asValue)
    }
    stats.function(
        "model.matrix", [.value("object"), .value("data", nil), .dots],
        help: "The columns of numbers that a formula stands for"
    ) { args in
        let object = try args.required("object")
        if object.inherits("lm"), let frame = object.field("model"), let formula = object.field("terms") {
            let terms = try formulaTerms(formula, data: .null, args)
            let known = try modelFrame(of: frame, terms, args)
            return try ModelMatrix(terms, known, args.context).asValue(rows: known.rows)
        }
        let terms = try formulaTerms(object, data: args["data"], args)
        let wanted = terms.labels.indices.filter { !(terms.hasResponse && $0 == 0) && !terms.offsets.contains($0) }
        var frame = try ModelFrame(terms, Array(wanted), data: args["data"], args)
        if wanted.isEmpty, terms.hasResponse {
            frame.rows = try ModelFrame(terms, [0], data: args["data"], args).rows
        }
        return try ModelMatrix(terms, frame, args.context).asValue(rows: frame.rows)
    }
    stats.function("model.response", [.value("data"), .value("type", "any")], help: "The left side of a model frame") {
        args in
        guard case .list(let list) = args["data"], let first = list.elements.first else { return .null }
        return first
    }
    for name in ["model.weights", "model.offset"] {
        stats.function(name, [.value("x")], help: "A column of a model frame") { args in
            args["x"].field(name == "model.weights" ? "(weights)" : "(offset)") ?? .null
        }
    }
}

/// `na.action = na.pass`.
func keepsMissing(_ action: Value) -> Bool {
    switch action {
    case .builtin(let function): return function.name.name == "na.pass"
    case .character(let name): return name.elements.first == Text("na.pass")
    case .null: return true
    default: return false
    }
}

/// A model frame kept in a fit, read back.
func modelFrame(of frame: Value, _ terms: FormulaTerms, _ args: Arguments) throws -> ModelFrame {
    // Columns have the labels as names already: each variable is one symbol.
    var result = try ModelFrame(terms, [], data: .null, args)
    guard case .list(let list) = frame else { return result }
    result.columns = list.elements
    result.names = frame.nameStrings
    result.rows = rowLabels(frame)
    return result
}
