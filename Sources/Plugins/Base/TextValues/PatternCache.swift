import Diagnostics
import RRuntime

extension Pattern {
    /// Compiles a pattern as the flags of the call say.
    package static func compiled(_ text: String, _ args: Arguments, isUnicode: Bool) throws -> Pattern {
        func flag(_ name: String) throws -> Bool { args.has(name) ? try args.flag(name) : false }
        let fixed = try flag("fixed")
        let perl = try flag("perl")
        let ignoreCase = try flag("ignore.case")
        if fixed, ignoreCase {
            try args.context.warn("argument 'ignore.case = TRUE' will be ignored", call: args.call)
        }
        if fixed, perl { try args.context.warn("argument 'perl = TRUE' will be ignored", call: args.call) }
        let kind: Pattern.Kind = fixed ? .fixed : perl ? .perl : .extended
        let cache = args.context.storage(PatternCache.self) { PatternCache() }
        do {
            return try cache.pattern(
                PatternCache.Key(text: text, kind: kind, ignoreCase: ignoreCase && !fixed, isUnicode: isUnicode))
        } catch let refusal as PatternTranslation.Refusal {
            try args.context.warn("TRE pattern compilation error '\(refusal.reason)'", call: args.call)
            throw WorkbenchError(
                .value, "invalid regular expression '\(text)', reason '\(refusal.reason)'",
                hint: refusal.hint ?? "fixed = TRUE takes the text as it is")
        } catch let error as Pattern.SyntaxError {
            guard kind == .perl else {
                try args.context.warn("TRE pattern compilation error 'Invalid regexp'", call: args.call)
                throw WorkbenchError(
                    .value, "invalid regular expression '\(text)', reason 'Invalid regexp'", hint: error.message)
            }
            try args.context.warn(
                "PCRE pattern compilation error\n\t'\(error.message)'\n\tat '\(error.rest)'\n", call: args.call)
            throw WorkbenchError(.value, "invalid regular expression '\(text)'", hint: error.message)
        }
    }
}

/// Patterns compiled before, so that a loop does not compile its pattern at every turn.
final class PatternCache {
    struct Key: Hashable {
        var text: String
        var kind: Pattern.Kind
        var ignoreCase: Bool
        var isUnicode: Bool
    }

    private var patterns: [Key: Pattern] = [:]

    /// The pattern of a key, compiled if it is new.
    func pattern(_ key: Key) throws -> Pattern {
        if let known = patterns[key] { return known }
        let new = try Pattern(key.text, key.kind, ignoreCase: key.ignoreCase, isUnicode: key.isUnicode)
        if patterns.count >= 64 { patterns.removeAll() }
        patterns[key] = new
        return new
    }
}
