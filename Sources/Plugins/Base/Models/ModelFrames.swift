import BaseValues
import Diagnostics
import ModelValues
import RRuntime

/// `model.frame()`, `model.matrix()`, `model.response()`.
func registerModelMatrix(_ stats: Namespace) {
    stats.function(
        "model.frame",
        [.value("formula"), .value("data", nil), .promise("subset"), .value("na.action"), .dots],
        help: "The variables of a formula, for the complete rows", dispatch: .generic
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
