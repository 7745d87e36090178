import Diagnostics
import RRuntime
import TextValues

func registerSubstitution(_ base: Namespace) {
    for (name, isGlobal) in [("sub", false), ("gsub", true)] {
        base.function(
            name,
            [
                .value("pattern"), .value("replacement"), .value("x"), .value("ignore.case", false),
                .value("perl", false), .value("fixed", false), .value("useBytes", false),
            ], help: isGlobal ? "Replaces every match of a pattern." : "Replaces the first match of a pattern."
        ) { args in try substituted(args, isGlobal: isGlobal) }
    }
}

/// A replacement: text and references to groups.
struct Replacement {
    enum Case { case asIs, upper, lower }
    enum Part {
        case text([UInt8])
        case group(Int, Case)
    }

    private var parts: [Part] = []

    init(_ text: String, _ kind: Pattern.Kind) {
        let bytes = Array(text.utf8)
        guard kind != .fixed else {
            parts = [.text(bytes)]
            return
        }
        var literal: [UInt8] = []
        var letters = Case.asIs
        var position = 0
        while position < bytes.count {
            guard bytes[position] == UInt8(ascii: "\\") else {
                literal.append(bytes[position])
                position += 1
                continue
            }
            position += 1
            guard position < bytes.count else { break }
            let next = bytes[position]
            position += 1
            switch next {
            case UInt8(ascii: "1")...UInt8(ascii: "9"):
                if !literal.isEmpty { parts.append(.text(literal)) }
                literal = []
                parts.append(.group(Int(next - UInt8(ascii: "0")), letters))
            case UInt8(ascii: "U") where kind == .perl: letters = .upper
            case UInt8(ascii: "L") where kind == .perl: letters = .lower
            case UInt8(ascii: "E") where kind == .perl: letters = .asIs
            default: literal.append(next)
            }
        }
        if !literal.isEmpty { parts.append(.text(literal)) }
    }

    /// The highest group referred to.
    var highestGroup: Int {
        parts.reduce(0) { highest, part in
            if case .group(let number, _) = part { return max(highest, number) }
            return highest
        }
    }

    func append(to result: inout [UInt8], _ groups: [Range<Int>?], _ subject: [UInt8]) {
        for part in parts {
            switch part {
            case .text(let bytes): result += bytes
            case .group(let number, let letters):
                guard number < groups.count, let range = groups[number] else { continue }
                switch letters {
                case .asIs: result += subject[range]
                case .upper: result += Array(String(decoding: subject[range], as: UTF8.self).uppercased().utf8)
                case .lower: result += Array(String(decoding: subject[range], as: UTF8.self).lowercased().utf8)
                }
            }
        }
    }
}

private func substituted(_ args: Arguments, isGlobal: Bool) throws -> Value {
    let search = try Search(args)
    let replacements = try textElements(try args.required("replacement"), args)
    guard let first = replacements.first else { throw args.invalid("replacement") }
    if replacements.count > 1 {
        try args.context.warn(
            "argument 'replacement' has length > 1 and only the first element will be used", call: args.call)
    }
    guard let pattern = search.pattern else { return .character(Vector(search.texts.map { _ in nil })) }
    let replacement = first.map { Replacement($0.string, pattern.kind) }
    if let replacement, replacement.highestGroup > pattern.groupCount, pattern.kind == .extended {
        throw WorkbenchError(
            .value, "invalid backreference \(replacement.highestGroup) in regular expression")
    }
    var results: [Text?] = []
    results.reserveCapacity(search.texts.count)
    for (index, text) in search.texts.enumerated() {
        guard let text else {
            results.append(nil)
            continue
        }
        results.append(try replaced(text, index, search, replacement, isGlobal: isGlobal, args.context))
    }
    var attributes: Attributes?
    if case .character(let v) = args["x"] { attributes = v.attributes }
    return .character(Vector(results, attributes))
}

private func replaced(
    _ text: Text, _ index: Int, _ search: Search, _ replacement: Replacement?, isGlobal: Bool, _ context: Context
) throws -> Text? {
    let subject = Array(text.string.utf8)
    let isFixed = search.pattern?.kind == .fixed
    var result: [UInt8] = []
    var offset = 0
    var lastEnd = -1
    var changed = false
    var matches = 0
    while let groups = try search.match(subject, from: offset, element: index), let range = groups[0] {
        matches += 1
        if matches & 0xFFFF == 0 { try context.pollInterrupt() }
        guard let replacement else { return nil }
        result += subject[offset..<range.lowerBound]
        // An empty match directly behind another match does not count.
        if range.upperBound > lastEnd {
            replacement.append(to: &result, groups, subject)
            changed = true
            lastEnd = range.upperBound
        }
        offset = range.upperBound
        if offset >= subject.count || !isGlobal { break }
        if range.isEmpty {
            if isFixed { break }
            repeat {
                result.append(subject[offset])
                offset += 1
            } while offset < subject.count && subject[offset] & 0xC0 == 0x80
        }
    }
    guard changed else { return text }
    result += subject[offset...]
    return Text(String(decoding: result, as: UTF8.self))
}
