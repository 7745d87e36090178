import Diagnostics
import RRuntime
import TextValues

func registerLocating(_ base: Namespace) {
    let parameters: [Parameter] = [
        .value("pattern"), .value("text"), .value("ignore.case", false), .value("perl", false), .value("fixed", false),
        .value("useBytes", false),
    ]
    base.function("regexpr", parameters, help: "Position and length of the first match in each text.") { args in
        let search = try Search(args, texts: "text")
        let matches = try search.texts.enumerated().map { index, text in
            try text.map { try Located.first(Array($0.string.utf8), index, search) }
        }
        return located(matches.map { $0.map { $0.map { [$0] } ?? [] } }, search, perElement: false)
    }
    base.function("gregexpr", parameters, help: "Positions and lengths of all matches in each text.") { args in
        let search = try Search(args, texts: "text")
        let results = try search.texts.enumerated().map { index, text -> Value in
            let matches = try text.map { try Located.all(Array($0.string.utf8), index, search) }
            return located([matches], search, perElement: true)
        }
        return .items(results)
    }
    base.function("regexec", parameters, help: "Positions of the first match and its groups in each text.") { args in
        let search = try Search(args, texts: "text")
        let results = try search.texts.enumerated().map { index, text -> Value in
            guard let text else { return withLengths([nil], [nil], search, plain: true) }
            guard let match = try Located.first(Array(text.string.utf8), index, search) else {
                return withLengths([-1], [-1], search, plain: false)
            }
            return withLengths(
                [match.start] + match.groups.map { $0.start > 0 ? $0.start : 0 },
                [match.length] + match.groups.map { $0.start > 0 ? $0.length : 0 }, search, plain: false)
        }
        return .items(results)
    }
    base.function("gregexec", parameters, help: "Positions of all matches and their groups in each text.") { args in
        let search = try Search(args, texts: "text")
        let results = try search.texts.enumerated().map { index, text -> Value in
            guard let text else { return withLengths([nil], [nil], search, plain: true) }
            let matches = try Located.all(Array(text.string.utf8), index, search)
            guard let first = matches.first else { return withLengths([-1], [-1], search, plain: false) }
            let rows = first.groups.count + 1
            let dim = Value.ints([rows, matches.count])
            let starts = matches.flatMap { [$0.start] + $0.groups.map { max($0.start, 0) } }
            let lengths = matches.flatMap { [$0.length] + $0.groups.map { max($0.length, 0) } }
            let matrix = Value.ints(lengths).setting(Symbol.dim, dim)
            var result = Value.ints(starts).setting(Symbol.dim, dim)
                .setting(Symbol.named("match.length"), matrix)
            if search.isASCII {
                result = result.setting(Symbol.named("useBytes"), true)
                    .setting(Symbol.named("index.type"), "chars")
            }
            return result
        }
        return .items(results)
    }
}

/// A match by its first character, counted from 1, and its number of characters; groups likewise (-1 for none).
struct Located {
    var start: Int
    var length: Int
    var groups: [(start: Int, length: Int)] = []

    /// - Parameter known: An offset and the number of characters before it, from which on characters are counted.
    private init(
        _ ranges: [Range<Int>?], _ subject: [UInt8], isASCII: Bool, after known: (offset: Int, characters: Int) = (0, 0)
    ) {
        func characters(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) } }
        func place(_ range: Range<Int>?) -> (start: Int, length: Int) {
            guard let range else { return (-1, -1) }
            if isASCII { return (range.lowerBound + 1, range.count) }
            let before =
                range.lowerBound >= known.offset
                ? known.characters + characters(subject[known.offset..<range.lowerBound])
                : characters(subject[..<range.lowerBound])
            return (before + 1, characters(subject[range]))
        }
        (start, length) = place(ranges.first.flatMap { $0 })
        groups = ranges.dropFirst().map(place)
    }

    static func first(_ subject: [UInt8], _ element: Int, _ search: Search) throws -> Located? {
        try search.match(subject, element: element).map { Located($0, subject, isASCII: search.isASCII) }
    }

    static func all(_ subject: [UInt8], _ element: Int, _ search: Search) throws -> [Located] {
        var result: [Located] = []
        var offset = 0
        var known = (offset: 0, characters: 0)
        while let ranges = try search.match(subject, from: offset, element: element), let range = ranges[0] {
            if range.isEmpty, range.lowerBound >= subject.count, !(subject.isEmpty && result.isEmpty) { break }
            let found = Located(ranges, subject, isASCII: search.isASCII, after: known)
            result.append(found)
            known = (range.lowerBound, found.start - 1)
            offset = range.upperBound
            if range.isEmpty {
                repeat { offset += 1 } while offset < subject.count && subject[offset] & 0xC0 == 0x80
            }
            if offset >= subject.count { break }
        }
        return result
    }
}

private func withLengths(_ starts: [Int?], _ lengths: [Int?], _ search: Search, plain: Bool) -> Value {
    func integers(_ values: [Int?]) -> Value {
        .integer(Vector(values.map { $0.map { Int32(clamping: $0) } }))
    }
    var result = integers(starts).setting(Symbol.named("match.length"), integers(lengths))
    if search.isASCII, !plain {
        result = result.setting(Symbol.named("index.type"), "chars").setting(Symbol.named("useBytes"), true)
    }
    return result
}

/// The result of `regexpr` (one match an element, nil for NA) or one element of `gregexpr`'s.
private func located(_ elements: [[Located]?], _ search: Search, perElement: Bool) -> Value {
    var starts: [Int?] = []
    var lengths: [Int?] = []
    var groups: [[(start: Int, length: Int)]] = []
    let count = search.pattern?.kind == .perl ? search.pattern?.groupCount ?? 0 : 0
    for element in elements {
        guard let element else {
            starts.append(nil)
            lengths.append(nil)
            groups.append(Array(repeating: (-1, -1), count: count))
            continue
        }
        if element.isEmpty {
            starts.append(-1)
            lengths.append(-1)
            groups.append(Array(repeating: (-1, -1), count: count))
        }
        for match in element {
            starts.append(match.start)
            lengths.append(match.length)
            groups.append(match.groups.map { $0.start > 0 ? $0 : (0, 0) })
        }
    }
    let isNA = perElement && elements.count == 1 && elements[0] == nil
    var result = withLengths(starts, lengths, search, plain: isNA)
    guard count > 0, !isNA else { return result }
    let names = Value.strings(search.pattern?.groupNames ?? [])
    let dimnames = Value.items([.null, names])
    func matrix(_ part: (Int) -> [Int]) -> Value {
        Value.ints((0..<count).flatMap(part)).setting(Symbol.dim, .ints([groups.count, count]))
            .setting(Symbol.dimnames, dimnames)
    }
    result = result.setting(Symbol.named("capture.start"), matrix { group in groups.map { $0[group].start } })
    result = result.setting(Symbol.named("capture.length"), matrix { group in groups.map { $0[group].length } })
    return result.setting(Symbol.named("capture.names"), names)
}
