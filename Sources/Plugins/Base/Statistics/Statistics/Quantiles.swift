import BaseValues
import Diagnostics
import Glibc
import RRuntime

/// Registers `quantile` and `ecdf`.
func registerQuantiles(_ stats: Namespace) {
    let parameters: [Parameter] = [
        .value("x"), .value("probs", code: "seq(0, 1, 0.25)"), .value("na.rm", false), .value("names", true),
        .value("type", 7), .value("digits", 7), .dots,
    ]
    stats.function("quantile", parameters, help: "Sample quantiles of nine kinds.", dispatch: .generic) { args in
        try quantile(args)
    }
    stats.alias("quantile.default", of: "quantile")
    stats.functionMaker("ecdf", [.value("x")], help: "The empirical distribution function.") { args in
        let sorted = try numbers(try args.required("x"), orThrow: "'x' must be numeric").filter { !$0.isNaN }
            .ascending()
        guard !sorted.isEmpty else { throw WorkbenchError(.value, "'x' must have 1 or more non-missing values") }
        return Builtin("ecdf", namespace: "stats", [.value("v")], help: "An empirical distribution function.") {
            inner in
            let values = try numbers(try inner.required("v"), orThrow: "'v' must be numeric")
            return .numbers(
                values.map { value in
                    if value.isNaN { return value }
                    var low = 0
                    var high = sorted.count
                    while low < high {
                        let middle = (low + high) / 2
                        if sorted[middle] <= value { low = middle + 1 } else { high = middle }
                    }
                    return Double(low) / Double(sorted.count)
                })
        }
    }
}

/// Sample quantiles of sorted numbers, by one of Hyndman and Fan's (1996) definitions.
func quantiles(_ sorted: [Double], _ probabilities: [Double], type: Int) -> [Double] {
    let n = sorted.count
    guard n > 0 else { return probabilities.map { _ in .na } }
    let count = Double(n)
    return probabilities.map { probability in
        if probability.isNaN { return .na }
        if type == 7 {
            let index = max(count - 1, 0) * probability
            let low = index.rounded(.down)
            let below = sorted[Int(low)]
            let above = sorted[min(Int(index.rounded(.up)), n - 1)]
            if index > low, above != below {
                let h = index - low
                return (1 - h) * below + h * above
            }
            return below
        }
        let fuzz = 4 * Double.ulpOfOne
        var h: Double
        let j: Double
        if type <= 3 {
            let position = type == 3 ? count * probability - 0.5 : count * probability
            j = (position + fuzz).rounded(.down)
            switch type {
            case 1: h = position > j ? 1 : 0
            case 2: h = ((position > j ? 1 : 0) + 1) / 2
            default: h = position != j || abs(j.truncatingRemainder(dividingBy: 2)) == 1 ? 1 : 0
            }
        } else {
            let (a, b): (Double, Double)
            switch type {
            case 4: (a, b) = (0, 1)
            case 5: (a, b) = (0.5, 0.5)
            case 6: (a, b) = (0, 0)
            case 8: (a, b) = (1.0 / 3, 1.0 / 3)
            default: (a, b) = (3.0 / 8, 3.0 / 8)
            }
            let position = a + probability * (count + 1 - a - b)
            j = (position + fuzz).rounded(.down)
            h = position - j
            if abs(h) < fuzz { h = 0 }
        }
        func at(_ place: Double) -> Double { sorted[min(max(Int(place) - 1, 0), n - 1)] }
        let (below, above) = (at(j), at(j + 1))
        if h == 0 { return below }
        if h == 1 { return above }
        return below == above ? below : (1 - h) * below + h * above
    }
}

/// A probability as the name of its quantile.
func percentName(_ probability: Double, digits: Int = 7) -> Text {
    let text = formatDouble(100 * probability, conversion: "g", precision: digits)
    return Text((text.contains("e") ? numberText(100 * probability, digits: digits) : text) + "%")
}

private func quantile(_ args: Arguments) throws -> Value {
    let x = try args.required("x")
    if x.isFactor {
        guard x.inherits("ordered"), try [1, 3].contains(args.int("type")) else {
            throw WorkbenchError(.type, "'type' must be 1 or 3 for ordered factors")
        }
    }
    guard x.isNumeric || x.typeName == "logical" || x.inherits("ordered") else {
        throw WorkbenchError(
            .type, "non-numeric argument to binary operator", hint: "quantile() wants numbers, not \(x.typeName)")
    }
    var values = try x.asDoubles().elements
    if values.contains(where: { $0.isNaN }) {
        guard try args.flag("na.rm") else {
            throw WorkbenchError(.value, "missing values and NaN's not allowed if 'na.rm' is FALSE")
        }
        values.removeAll { $0.isNaN }
    }
    let type = try args.int("type")
    guard (1...9).contains(type) else { throw WorkbenchError(.value, "'type' must be in 1:9") }
    let probs: Value = args.has("probs") ? args["probs"] : .numbers([0, 0.25, 0.5, 0.75, 1])
    let eps = 100 * Double.ulpOfOne
    let probabilities = try probs.asDoubles().elements.map { probability -> Double in
        guard probability.isNaN || (probability >= -eps && probability <= 1 + eps) else {
            throw WorkbenchError(.value, "'probs' outside [0,1]")
        }
        return probability.isNaN ? probability : max(0, min(1, probability))
    }
    let result = quantiles(values.ascending(), probabilities, type: type)
    var value: Value = .numbers(result)
    if x.inherits("ordered") {
        value = makeFactor(result.map { Int32(exactly: $0) }, levels: x.levelTexts, ordered: true)
    } else if x.keepsClassByElement {
        value = .double(Vector(result, x.attributes.removing([Symbol.names])))
    }
    guard try args.flag("names") else { return value }
    let digits = max(try args.int("digits"), 2)
    return value.withNames(probabilities.map { $0.isNaN ? Text("") : percentName($0, digits: digits) })
}
