import Diagnostics
import PluginAPI

/// What the documentation of a function written in R demands of an argument, in front of the colon of
/// `@param rate number from 0 to 1: share of the elements`; checked at each call, with the words of the built-ins' errors.
///
/// `number`, `whole number` (both also `from A`, `from A to B`, `above A`), `string`, `one of a, b, c`, `TRUE or FALSE`,
/// `tensor`, `function`, `module`, `list`; ` or NULL` behind each. Other words demand nothing.
struct ArgumentDemand {
    private enum Kind {
        case number(isWhole: Bool, low: Double?, isOpen: Bool, high: Double?)
        case string(among: [String])
        case flag, tensor, function, module, list
    }

    private let kind: Kind
    private let allowsNull: Bool
    /// As it was written.
    private let text: String

    init?(_ words: Substring) {
        var words = words
        while words.last == " " { words = words.dropLast() }
        allowsNull = words.hasSuffix(" or NULL")
        if allowsNull { words = words.dropLast(" or NULL".count) }
        text = String(words)
        switch words {
        case "string": kind = .string(among: [])
        case "TRUE or FALSE": kind = .flag
        case "tensor": kind = .tensor
        case "function": kind = .function
        case "module": kind = .module
        case "list": kind = .list
        default:
            if words.hasPrefix("one of ") {
                let names = words.dropFirst("one of ".count).split(separator: ",").map { String($0.drop { $0 == " " }) }
                kind = .string(among: names)
            } else if let range = ArgumentDemand.range(words) {
                kind = range
            } else {
                return nil
            }
        }
    }

    /// Words that would be a demand if a colon stood behind them, with a bound or a choice: "number" alone is prose.
    static func isLeftOpen(_ words: Substring) -> Bool {
        guard let demand = ArgumentDemand(words) else { return false }
        switch demand.kind {
        case .number(_, let low, _, _): return low != nil
        case .string(let names): return names.count > 1
        case .flag: return true
        default: return false
        }
    }

    /// Words that can only be meant as a demand; "number of layers" and "list of tensors" are prose.
    static func isMeant(_ words: Substring) -> Bool {
        let parts = words.split(separator: " ").map(String.init)
        if parts.first == "one" { return parts.dropFirst().first == "of" }
        let rest = parts.dropFirst(parts.first == "whole" ? 1 : 0)
        guard rest.first == "number", let next = rest.dropFirst().first, next != "of" else { return false }
        let bounds = ["from", "above", "below", "between", "at"]
        return bounds.contains(next) || didYouMean(next, among: bounds) != nil
            || next.allSatisfy { "<>=≥≤.0123456789".contains($0) }
    }

    private static func range(_ words: Substring) -> Kind? {
        let isWhole = words.hasPrefix("whole number")
        guard isWhole || words.hasPrefix("number") else { return nil }
        let rest = words.dropFirst(isWhole ? "whole number".count : "number".count).split(separator: " ")
        switch rest.first {
        case nil: return .number(isWhole: isWhole, low: nil, isOpen: false, high: nil)
        case "from":
            guard rest.count >= 2, let low = Double(rest[1]) else { return nil }
            if rest.count == 2 { return .number(isWhole: isWhole, low: low, isOpen: false, high: nil) }
            guard rest.count == 4, rest[2] == "to", let high = Double(rest[3]), low <= high else { return nil }
            return .number(isWhole: isWhole, low: low, isOpen: false, high: high)
        case "above":
            guard rest.count == 2, let low = Double(rest[1]) else { return nil }
            return .number(isWhole: isWhole, low: low, isOpen: true, high: nil)
        default: return nil
        }
    }

    /// - Throws: what was demanded and what came.
    func check(_ value: Value, _ name: String, _ context: Context) throws {
        if allowsNull, value.isNull { return }
        guard !fits(value) else { return }
        var wanted: String
        switch kind {
        case .number, .tensor, .function, .module, .list: wanted = "a \(text)"
        case .string(let names):
            wanted = names.isEmpty ? "one string" : "one of " + names.map { "\"\($0)\"" }.joined(separator: ", ")
        case .flag: wanted = "TRUE or FALSE"
        }
        if allowsNull { wanted += " or NULL" }
        var hint: String?
        if case .string(let names) = kind, case .character(let text) = value, let given = text.elements.first??.string {
            hint = didYouMean(given, among: names)
        }
        throw WorkbenchError(.value, "`\(name)` must be \(wanted), not \(context.description(of: value))", hint: hint)
    }

    private func fits(_ value: Value) -> Bool {
        switch kind {
        case .number(let isWhole, let low, let isOpen, let high):
            guard value.length == 1, value.isAtomic, value.typeName == "double" || value.typeName == "integer",
                let number = try? value.asDoubles().elements.first, !number.isNaN,
                !["factor", "Date", "POSIXct", "difftime"].contains(where: { value.inherits($0) })
            else { return false }
            if isWhole, !number.isFinite || number.rounded(.towardZero) != number { return false }
            if let low, isOpen ? number <= low : number < low { return false }
            if let high, number > high { return false }
            return true
        case .string(let names):
            guard case .character(let text) = value, text.count == 1, let string = text[0]?.string else { return false }
            return names.isEmpty || names.contains(string)
        case .flag:
            guard case .logical(let flags) = value, flags.count == 1 else { return false }
            return flags[0] != nil
        case .tensor: return value.isTensor
        case .function: return value.isFunction
        case .module:
            if case .object(let object) = value { return object is Module }
            return false
        case .list:
            if case .list = value { return true }
            return false
        }
    }
}

extension Context {
    /// "a list of length 3", "<nn_linear>", "1.5": what came, for messages.
    fileprivate func description(of value: Value) -> String {
        let function = Builtin("", namespace: "", []) { _ in .null }
        return Arguments(
            values: [], function: function, call: Call("", []), environment: globalEnvironment, context: self
        ).describe(value)
    }
}
