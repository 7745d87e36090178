import Diagnostics
import RRuntime
import TextValues

/// The arguments that all functions with patterns share: how the pattern is meant, and the texts to look at.
struct Search {
    /// Nil when the pattern is NA.
    let pattern: Pattern?
    let texts: [Text?]
    /// Pattern and texts are ASCII: positions in bytes are positions in characters.
    let isASCII: Bool
    private let args: Arguments

    init(_ args: Arguments, pattern parameter: String = "pattern", texts textParameter: String = "x") throws {
        self.args = args
        texts = try textElements(try args.required(textParameter), args)
        let given = try args.required(parameter)
        let patterns = try textElements(given, args)
        guard let first = patterns.first else { throw WorkbenchError(.value, "invalid '\(parameter)' argument") }
        if patterns.count > 1 {
            try args.context.warn(
                "argument '\(parameter)' has length > 1 and only the first element will be used", call: args.call)
        }
        let plain = texts.allSatisfy { $0?.string.utf8.allSatisfy { $0 < 0x80 } ?? true }
        isASCII = plain && (first?.string.utf8.allSatisfy { $0 < 0x80 } ?? true)
        pattern = try first.map {
            try Pattern.compiled($0.string, args, isUnicode: !plain || !Search.isASCII($0.string))
        }
    }

    private static func isASCII(_ text: String) -> Bool { text.utf8.allSatisfy { $0 < 0x80 } }

    /// The first match in a text.
    ///
    /// A pattern that runs away ends in an error; for `perl = TRUE` in R's warning, and the text counts as not matched.
    func match(_ bytes: [UInt8], from offset: Int = 0, element: Int) throws -> [Range<Int>?]? {
        guard let pattern else { return nil }
        do {
            return try pattern.firstMatch(in: bytes, from: offset)
        } catch let limit as Pattern.LimitExceeded {
            if pattern.kind == .perl {
                try args.context.warn("PCRE error\n\t'\(limit.message)'\n\tfor element \(element + 1)", call: args.call)
                return nil
            }
            throw WorkbenchError(
                .value, "the regular expression takes too many steps for element \(element + 1) (\(limit.message))",
                hint: "nested repetitions such as (a+)+ make it explode")
        }
    }
}

func registerSearch(_ base: Namespace) {
    base.function(
        "grepl",
        [
            .value("pattern"), .value("x"), .value("ignore.case", false), .value("perl", false),
            .value("fixed", false), .value("useBytes", false),
        ], help: "Whether a pattern is found in texts."
    ) { args in
        let search = try Search(args)
        guard search.pattern != nil else { return .logical(Vector(search.texts.map { _ in nil })) }
        return .logical(Vector(try found(search)))
    }
    base.function(
        "grep",
        [
            .value("pattern"), .value("x"), .value("ignore.case", false), .value("perl", false),
            .value("value", false), .value("fixed", false), .value("useBytes", false), .value("invert", false),
        ], help: "Positions, or values, of the texts in which a pattern is found."
    ) { args in
        let search = try Search(args)
        let wantsValues = try args.flag("value")
        let invert = try args.flag("invert")
        guard search.pattern != nil else {
            return wantsValues
                ? .character(Vector(search.texts.map { _ in nil })) : .integer(Vector(search.texts.map { _ in nil }))
        }
        let hits = try found(search)
        let positions = hits.indices.filter { (hits[$0] == true) != invert }
        let names = args["x"].names
        if wantsValues {
            let result = Value.character(Vector(positions.map { search.texts[$0] }))
            return result.withNames(names.map { names in positions.map { names[$0] } })
        }
        let result = Value.integer(Vector(positions.map { Int32(clamping: $0 + 1) }))
        return result.withNames(names.map { names in positions.map { names[$0] } })
    }
}

private func found(_ search: Search) throws -> [Bool?] {
    var result: [Bool?] = []
    result.reserveCapacity(search.texts.count)
    for (index, text) in search.texts.enumerated() {
        guard let text else {
            result.append(false)
            continue
        }
        result.append(try search.match(Array(text.string.utf8), element: index) != nil)
    }
    return result
}
