import Diagnostics
import Language
import PluginAPI

/// Expressions as scripts/record-grammar writes them.
enum TreeText {
    static func tree(_ value: Value) -> String {
        switch value {
        case .missing: return "<missing>"
        case .null: return "NULL"
        case .symbol(let symbol): return name(symbol.name)
        case .logical(let v): return v[0].map { $0 ? "TRUE" : "FALSE" } ?? "NA"
        case .integer(let v): return v[0].map { "\($0)L" } ?? "NA_integer_"
        case .double(let v): return number(v[0])
        case .complex(let v): return v[0].isNA ? "NA_complex_" : number(v[0].imaginary) + "i"
        case .character(let v): return v[0].map { quoted($0.string) } ?? "NA_character_"
        case .call(let call): return tree(call)
        default: return "<\(value.typeName)>"
        }
    }

    private static func tree(_ call: Call) -> String {
        if call.name === Symbol.function, call.arguments.count == 2 {
            let formals = Formals(call.arguments[0].value)
            let parts = zip(formals.names, formals.defaults).map { symbol, value in
                value.isMissing ? name(symbol.name) : "\(name(symbol.name))=\(tree(value))"
            }
            return "(function (\(parts.joined(separator: " "))) \(tree(call.arguments[1].value)))"
        }
        let parts = call.arguments.map { argument in
            (argument.name.map { name($0.name) + "=" } ?? "") + tree(argument.value)
        }
        return "(" + ([tree(call.function)] + parts).joined(separator: " ") + ")"
    }

    private static func number(_ value: Double) -> String {
        if value.isNA { return "NA_real_" }
        if value.isNaN { return "NaN" }
        if !value.isFinite { return value > 0 ? "Inf" : "-Inf" }
        return formatDouble(value, conversion: "g", precision: 15)
    }

    private static func name(_ text: String) -> String {
        if text == "(" { return "paren" }
        if ["{", "[", "[[", "|", "||"].contains(text) { return text }
        let isOdd = text.unicodeScalars.contains { "[](){}|\"` \t\n#;".unicodeScalars.contains($0) }
        return isOdd ? "|\(text)|" : text
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    /// `line:column message` of a failure, with `?:?` where R names no place.
    static func failure(_ failure: SyntaxFailure) -> String {
        let place = failure.position.map { "\($0.line):\($0.column)" } ?? "?:?"
        return "\(place) \(failure.error.message)"
    }

    /// All a parse yields, as lines.
    static func outcome(_ program: ParsedProgram) -> [String] {
        if let failure = program.failure { return [self.failure(failure)] }
        let trees = program.expressions.map { tree($0.value) } + program.warnings.map { "warning: \($0)" }
        return trees.flatMap { $0.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) }
    }
}
