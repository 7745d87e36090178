import BaseValues
import Diagnostics
import RRuntime

/// `pmatch` and `charmatch`: texts in a table by their beginnings.
func registerPartialMatching(_ base: Namespace) {
    base.function(
        "pmatch",
        [.value("x"), .value("table"), .value("nomatch", code: "NA_integer_"), .value("duplicates.ok", false)],
        help: "Positions of texts in a table: the same text, else the only one that begins so."
    ) { args in
        let x = try args.context.asCharacters(try args.required("x")).elements
        let table = try args.context.asCharacters(try args.required("table")).elements
        let repeats = try args.flag("duplicates.ok")
        var taken = [Bool](repeating: false, count: table.count)
        var places = [Int?](repeating: nil, count: x.count)
        func isOpen(_ place: Int) -> Bool { repeats || !taken[place] }
        for (index, text) in x.enumerated() where !(text?.isEmpty ?? false) {
            guard let place = table.indices.first(where: { isOpen($0) && table[$0] == text }) else { continue }
            places[index] = place
            taken[place] = true
        }
        for (index, text) in x.enumerated() where places[index] == nil {
            guard let text, !text.isEmpty else { continue }
            let found = table.indices.filter { isOpen($0) && table[$0]?.hasPrefix(text.string) ?? false }
            guard found.count == 1 else { continue }
            places[index] = found[0]
            taken[found[0]] = true
        }
        return positions(places, nomatch: args["nomatch"])
    }
    base.function(
        "charmatch", [.value("x"), .value("table"), .value("nomatch", code: "NA_integer_")],
        help: "Positions of texts in a table by their beginnings; 0 where several begin so."
    ) { args in
        let x = try args.context.asCharacters(try args.required("x")).elements
        let table = try args.context.asCharacters(try args.required("table")).elements
        let places = x.map { text -> Int? in
            let word = text ?? "NA"
            let found = table.indices.filter { (table[$0] ?? "NA").hasPrefix(word.string) }
            let exact = found.filter { (table[$0] ?? "NA") == word }
            if exact.count == 1 { return exact[0] }
            if exact.count > 1 || found.count > 1 { return -1 }
            return found.first
        }
        return positions(places, nomatch: args["nomatch"])
    }
}

private func positions(_ places: [Int?], nomatch: Value) -> Value {
    let none = (try? nomatch.asIntegers().elements.first).flatMap { $0 }
    return .integer(Vector(places.map { $0.map { Int32(clamping: $0 + 1) } ?? none }))
}
