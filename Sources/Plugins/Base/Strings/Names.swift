import Diagnostics
import RRuntime
import TextValues

func registerNames(_ base: Namespace) {
    base.function(
        "make.names", [.value("names"), .value("unique", false), .value("allow_", true)],
        help: "Names that can stand in code."
    ) { args in
        var names = try textElements(try args.required("names"), args).map { Text(madeName($0?.string ?? "NA.")) }
        if try args.flag("unique") {
            let originals = try textElements(args[0], args).map { $0?.string ?? "NA" }
            let order =
                names.indices.filter { names[$0].string == originals[$0] }
                + names.indices.filter { names[$0].string != originals[$0] }
            let unique = madeUnique(order.map { names[$0] }, ".")
            for (place, index) in order.enumerated() { names[index] = unique[place] }
        }
        return .character(Vector(names.map { Optional($0) }))
    }
    base.function("make.unique", [.value("names"), .value("sep", ".")], help: "Names made different by numbers.") {
        args in
        guard case .character(let v) = try args.required("names") else {
            throw WorkbenchError(.type, "'names' must be a character vector")
        }
        return .character(
            Vector(madeUnique(v.elements.map { $0 ?? "NA" }, try args.string("sep")).map { Optional($0) }))
    }
    base.function(
        "abbreviate",
        [
            .value("names.arg"), .value("minlength", 4), .value("use.classes", true), .value("dot", false),
            .value("strict", false), .value("method", "left.kept"), .value("named", true),
        ], help: "Shortens texts, each still different from the others."
    ) { args in try abbreviated(args) }
}

private func madeName(_ name: String) -> String {
    var scalars = Array(name.unicodeScalars)
    let first = scalars.first
    var needsPrefix = true
    if first == "." {
        needsPrefix = scalars.count > 1 && ("0"..."9").contains(scalars[1])
    } else if let first, first.properties.isAlphabetic {
        needsPrefix = false
    }
    if needsPrefix { scalars.insert("X", at: 0) }
    let mapped = scalars.map { scalar -> Unicode.Scalar in
        scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || scalar == "." || scalar == "_" ? scalar : "."
    }
    let result = String(String.UnicodeScalarView(mapped))
    return isSyntacticName(result) ? result : result + "."
}

private func madeUnique(_ names: [Text], _ sep: String) -> [Text] {
    var seen = Set<Text>()
    var counters: [Text: Int] = [:]
    let all = Set(names)
    var result = names
    for (index, name) in names.enumerated() {
        if seen.insert(name).inserted { continue }
        var number = counters[name] ?? 1
        var candidate = Text(name.string + sep + String(number))
        while seen.contains(candidate) || all.contains(candidate) {
            number += 1
            candidate = Text(name.string + sep + String(number))
        }
        counters[name] = number + 1
        seen.insert(candidate)
        result[index] = candidate
    }
    return result
}

private func abbreviated(_ args: Arguments) throws -> Value {
    let value = try args.required("names.arg")
    let texts = try textElements(value, args)
    let strict = try args.flag("strict")
    let dot = try args.flag("dot")
    var length = max(0, try args.int("minlength"))
    if length == 0 { return .character(Vector(texts.map { _ in "" })) }
    var results = texts.map { text in text.map { stripped($0.string, length) } }
    if !strict {
        // Texts that came out equal get more letters until they differ.
        while true {
            var first: [String: Int] = [:]
            var clashes = Set<Int>()
            for (index, result) in results.enumerated() {
                guard let result else { continue }
                if let other = first[result], texts[other] != texts[index] {
                    clashes.insert(other)
                    clashes.insert(index)
                } else {
                    first[result] = first[result] ?? index
                }
            }
            if clashes.isEmpty || length > 200 { break }
            length += 1
            for index in clashes { results[index] = texts[index].map { stripped($0.string, length) } }
        }
    }
    let final = zip(results, texts).map { result, text -> Text? in
        guard let result, let text else { return nil }
        return Text(dot && result != text.string ? result + "." : result)
    }
    let named = try args.flag("named")
    return .character(Vector(final, named ? nil : shapeAttributes(value))).withNames(named ? texts : nil)
}

/// Drops lower-case vowels, then lower-case letters, from the end, never the first letter of a word; then cuts.
private func stripped(_ text: String, _ length: Int) -> String {
    var bytes = Array(text.utf8)
    while bytes.first == 32 { bytes.removeFirst() }
    func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }
    func isFirst(_ place: Int) -> Bool { place == 0 || isSpace(bytes[place - 1]) }
    func isLower(_ byte: UInt8) -> Bool { (97...122).contains(byte) }
    func size() -> Int { bytes.filter { !isSpace($0) }.count }
    guard bytes.count > length else { return String(decoding: bytes, as: UTF8.self) }
    let vowels: Set<UInt8> = [97, 101, 105, 111, 117]
    var place = bytes.count - 1
    while place > 0, size() > length {
        if vowels.contains(bytes[place]), !isFirst(place) { bytes.remove(at: place) }
        place -= 1
    }
    place = bytes.count - 1
    while place > 0, size() > length {
        if isLower(bytes[place]), !isFirst(place) { bytes.remove(at: place) }
        place -= 1
    }
    place = bytes.count - 1
    while place > 0, size() > length {
        if !isFirst(place), !isSpace(bytes[place]) { bytes.remove(at: place) }
        place -= 1
    }
    if bytes.count > length { bytes.removeAll(where: isSpace) }
    return String(decoding: bytes, as: UTF8.self)
}
