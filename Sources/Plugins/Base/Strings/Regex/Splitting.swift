import Diagnostics
import RRuntime
import TextValues

func registerSplitting(_ base: Namespace) {
    base.function(
        "strsplit",
        [
            .value("x"), .value("split", code: "character()"), .value("fixed", false), .value("perl", false),
            .value("useBytes", false),
        ], help: "Splits texts where a pattern matches; between all characters for \"\"."
    ) { args in
        let value = try args.required("x")
        guard case .character(let texts) = value else { throw WorkbenchError(.type, "non-character argument") }
        var splits: [Text?] = [""]
        if args.has("split"), args["split"].length > 0 { splits = try textElements(args["split"], args) }
        let isUnicode = !(texts.elements + splits).allSatisfy { $0?.string.utf8.allSatisfy { $0 < 0x80 } ?? true }
        var results: [Value] = []
        results.reserveCapacity(texts.count)
        for (index, text) in texts.elements.enumerated() {
            guard let text else {
                results.append(.character(Vector([nil])))
                continue
            }
            guard let split = splits[index % splits.count] else {
                results.append(.character(Vector([nil])))
                continue
            }
            if split.isEmpty {
                results.append(.strings(text.string.unicodeScalars.map { String(Character($0)) }))
                continue
            }
            let pattern = try Pattern.compiled(split.string, args, isUnicode: isUnicode)
            do {
                results.append(.strings(try pieces(Array(text.string.utf8), pattern, args.context)))
            } catch let limit as Pattern.LimitExceeded {
                throw WorkbenchError(
                    .value,
                    "the regular expression takes too many steps for element \(index + 1) (\(limit.message))",
                    hint: "nested repetitions such as (a+)+ make it explode")
            }
        }
        return Value.items(results).withNames(value.names)
    }
}

/// The pieces between matches; each search sees only the rest of the text, and an empty match takes one character.
private func pieces(_ subject: [UInt8], _ pattern: Pattern, _ context: Context) throws -> [String] {
    var result: [String] = []
    var start = 0
    while start < subject.count {
        if result.count & 0xFFFF == 0 { try context.pollInterrupt() }
        guard let groups = try pattern.firstMatch(inRestOf: subject, from: start), let range = groups[0] else { break }
        if range.upperBound > start {
            result.append(String(decoding: subject[start..<range.lowerBound], as: UTF8.self))
            start = range.upperBound
        } else {
            var end = start + 1
            while end < subject.count, subject[end] & 0xC0 == 0x80 { end += 1 }
            result.append(String(decoding: subject[start..<end], as: UTF8.self))
            start = end
        }
    }
    if start < subject.count { result.append(String(decoding: subject[start...], as: UTF8.self)) }
    return result
}
