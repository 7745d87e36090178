import BaseValues
import Diagnostics
import RRuntime

/// The model's columns for new data, or for those of the fit; names of the rows; what `offset()` adds.
package func predictors(_ fit: Value, _ args: Arguments) throws -> (ModelMatrix, [String], [Double]) {
    let terms = try formulaTerms(fit, data: .null, args)
    func shift(_ frame: ModelFrame) throws -> [Double] {
        var sums = [Double](repeating: 0, count: frame.count)
        for label in terms.offsets.map({ terms.labels[$0] }) {
            guard let place = frame.names.firstIndex(of: label) else { continue }
            for (row, number) in try frame.columns[place].asDoubles().elements.enumerated() where row < sums.count {
                sums[row] += number
            }
        }
        return sums
    }
    guard args.has("newdata"), !args["newdata"].isNull else {
        let frame = try modelFrame(of: fit.field("model") ?? .null, terms, args)
        return (try ModelMatrix(terms, frame, args.context), frame.rows, try shift(frame))
    }
    var levels: [String: [String]] = [:]
    if let known = fit.field("xlevels"), case .list(let list) = known {
        for (name, value) in zip(known.nameStrings, list.elements) {
            levels[name] = try value.asCharacters().elements.map { $0?.string ?? "NA" }
        }
    }
    let wanted = terms.labels.indices.filter { $0 > 0 || !terms.hasResponse }
    var frame = try ModelFrame(
        terms, Array(wanted), data: args["newdata"], levels: levels, keepsMissing: true, args)
    if wanted.isEmpty, case .list = args["newdata"] { frame.rows = rowLabels(args["newdata"]) }
    // Ordered factors of the fit keep their scores.
    if case .list(let kept)? = fit.field("model") {
        for (name, value) in zip(fit.field("model")?.nameStrings ?? [], kept.elements) where value.inherits("ordered") {
            if let place = frame.names.firstIndex(of: name) {
                frame.columns[place] = frame.columns[place].withClass("ordered", "factor")
            }
        }
    }
    return (try ModelMatrix(terms, frame, args.context), frame.rows, try shift(frame))
}
