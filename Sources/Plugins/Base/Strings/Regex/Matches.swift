import Diagnostics
import RRuntime
import TextValues

func registerMatches(_ base: Namespace) {
    base.function(
        "regmatches", [.value("x"), .value("m"), .value("invert", false)],
        help: "The texts that regexpr, gregexpr, regexec found; or what lies between them."
    ) { args in try matchedTexts(args) }
    base.function(
        "regmatches<-", [.value("x"), .value("m"), .value("invert", false), .value("value")],
        help: "Replaces the texts that regexpr or gregexpr found."
    ) { args in try replacedMatches(args) }
}

/// Positions and lengths as the matching functions return them for one text; nil for NA, empty for no match.
private func spans(_ match: Value) throws -> [(start: Int, length: Int)]? {
    let starts = try match.asIntegers().elements
    guard let first = starts.first else { return [] }
    guard let start = first else { return nil }
    if start == -1 { return [] }
    let lengths = try (match.attribute("match.length") ?? .null).asIntegers().elements
    return zip(starts, lengths).map { (Int($0 ?? 0), Int($1 ?? 0)) }
}

private func matchedTexts(_ args: Arguments) throws -> Value {
    let value = try args.required("x")
    let texts = try textElements(value, args)
    let match = try args.required("m")
    let invert = try args.flag("invert")
    guard match.length == texts.count else {
        throw WorkbenchError(.value, "‘x’ and ‘m’ must have the same length")
    }
    let names = value.names
    if case .list(let list) = match {
        var results: [Value] = []
        for (text, element) in zip(texts, list.elements) {
            guard let text else {
                results.append(.character(Vector(invert ? [nil] : [])))
                continue
            }
            guard let found = try spans(element) else {
                results.append(.character(Vector(invert ? [text] : [])))
                continue
            }
            if invert {
                results.append(.strings(between(text.string, found)))
                continue
            }
            let parts = Value.strings(pieces(text.string, found))
            results.append(
                element.dim != nil && !found.isEmpty ? parts.setting(Symbol.dim, element.attribute(Symbol.dim)) : parts)
        }
        return Value.items(results).withNames(names)
    }
    let starts = try match.asIntegers().elements
    let lengths = try (match.attribute("match.length") ?? .null).asIntegers().elements
    guard lengths.count == starts.count else { throw WorkbenchError(.value, "'m' is no result of regexpr()") }
    if invert {
        var results: [Value] = []
        for (index, text) in texts.enumerated() {
            guard let text, let start = starts[index], let length = lengths[index] else {
                results.append(.character(Vector([texts[index]])))
                continue
            }
            results.append(.strings(between(text.string, start < 0 ? [] : [(Int(start), Int(length))])))
        }
        return Value.items(results).withNames(names)
    }
    var result: [Text?] = []
    var kept: [Text?] = []
    for (index, text) in texts.enumerated() {
        guard let text, let start = starts[index], start > -1, let length = lengths[index] else { continue }
        result.append(Text(substring(text.string, Int(start), Int(start) + Int(length) - 1)))
        if let names { kept.append(names[index]) }
    }
    return Value.character(Vector(result)).withNames(names == nil ? nil : kept)
}

/// What lies before, between and behind matches.
private func between(_ text: String, _ spans: [(start: Int, length: Int)]) -> [String] {
    var parts: [(first: Int, last: Int)] = []
    var position = 1
    for span in spans {
        parts.append((position, span.start - 1))
        position = span.start + span.length
    }
    return substrings(text, parts + [(position, Int(Int32.max))])
}

/// The matches themselves.
private func pieces(_ text: String, _ spans: [(start: Int, length: Int)]) -> [String] {
    substrings(text, spans.map { ($0.start, $0.start + $0.length - 1) })
}

private func replacedMatches(_ args: Arguments) throws -> Value {
    let value = args[0]
    var texts = try textElements(value, args)
    let match = args[1]
    guard match.length == texts.count else {
        throw WorkbenchError(.value, "‘x’ and ‘m’ must have the same length")
    }
    let invert = try args.flag("invert")
    if case .list(let list) = match {
        let replacements: [Value]
        switch args["value"] {
        case .list(let v): replacements = v.elements
        case let other: replacements = try textElements(other, args).map { .character(Vector([$0])) }
        }
        guard !replacements.isEmpty else { throw WorkbenchError(.value, "must have replacement values for matches") }
        for index in texts.indices {
            guard let text = texts[index], let found = try spans(list[index]) else { continue }
            let new = try textElements(replacements[index % replacements.count], args)
            var parts = between(text.string, found)
            if invert {
                guard !new.isEmpty else { continue }
                let matched = pieces(text.string, found)
                parts = parts.indices.map { new[$0 % new.count]?.string ?? "NA" }
                texts[index] = Text(woven(parts, matched))
            } else if !found.isEmpty {
                guard !new.isEmpty else { throw WorkbenchError(.value, "must have replacement values for matches") }
                texts[index] = Text(woven(parts, found.indices.map { new[$0 % new.count]?.string ?? "NA" }))
            }
        }
        return .character(Vector(texts, value.attributes))
    }
    let new = try textElements(args["value"], args)
    let starts = try match.asIntegers().elements
    let lengths = try (match.attribute("match.length") ?? .null).asIntegers().elements
    guard lengths.count == starts.count else { throw WorkbenchError(.value, "'m' is no result of regexpr()") }
    var used = 0
    for index in texts.indices {
        guard let text = texts[index], let start = starts[index], start > -1, let length = lengths[index] else {
            continue
        }
        guard !new.isEmpty else { throw WorkbenchError(.value, "must have replacement values for matches") }
        let parts = between(text.string, [(Int(start), Int(length))])
        texts[index] = Text(woven(parts, [new[used % new.count]?.string ?? "NA"]))
        used += 1
    }
    return .character(Vector(texts, value.attributes))
}

private func woven(_ outer: [String], _ inner: [String]) -> String {
    var result = ""
    for (index, part) in outer.enumerated() {
        result += part
        if index < inner.count { result += inner[index] }
    }
    return result
}
