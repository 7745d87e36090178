import Diagnostics
import RRuntime
import TextValues

/// `strwrap()`: paragraphs in lines of a width.
func registerWrapping(_ base: Namespace) {
    base.function(
        "strwrap",
        [
            .value("x"), .value("width", code: "0.9 * getOption(\"width\")"), .value("indent", 0), .value("exdent", 0),
            .value("prefix", ""), .value("simplify", true), .value("initial", code: "prefix"),
        ], help: "Paragraphs broken into lines shorter than a width."
    ) { args in
        let texts = try args.context.asCharacters(try args.required("x")).elements
        let width =
            args.has("width") ? try args.number("width") : 0.9 * Double(args.context.options.int("width", 80))
        let indent = try args.int("indent"), exdent = try args.int("exdent")
        guard width >= 1 else { throw WorkbenchError(.value, "invalid 'width' argument") }
        for (name, value) in [("indent", indent), ("exdent", exdent)] where !(0...100_000).contains(value) {
            throw args.invalid(name)
        }
        let prefix = try args.string("prefix")
        let wrapping = Wrapping(
            width: Int(min(width, 1e9)), indent: indent, exdent: exdent, prefix: prefix,
            initial: args.has("initial") ? try args.string("initial") : prefix)
        var isFirst = true
        let lines = texts.map { text -> [String] in
            guard let text else { return ["NA"] }
            defer { isFirst = false }
            return wrapping.lines(text.string, isFirst: isFirst)
        }
        if try args.flag("simplify") { return .strings(lines.flatMap { $0 }) }
        return .items(lines.map { .strings($0) })
    }
}

private struct Wrapping {
    let width: Int
    let indent: Int
    let exdent: Int
    let prefix: String
    let initial: String

    func lines(_ text: String, isFirst: Bool) -> [String] {
        var result: [String] = []
        for (place, paragraph) in paragraphs(text).enumerated() {
            let opening = isFirst && place == 0 ? initial : prefix
            if place > 0 { result.append(prefix) }
            result += lines(of: paragraph, opening)
        }
        return result
    }

    /// Words of each paragraph; paragraphs end at lines with nothing but blanks. An empty word stands for a second blank.
    private func paragraphs(_ text: String) -> [[String]] {
        var result: [[String]] = []
        var current: [String] = []
        var isOpen = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.allSatisfy({ $0 == " " || $0 == "\t" }) {
                if isOpen { result.append(current) }
                (current, isOpen) = ([], false)
            } else {
                current += line.split(omittingEmptySubsequences: false) { $0 == " " || $0 == "\t" }.map(String.init)
                isOpen = true
            }
        }
        if isOpen || result.isEmpty { result.append(current) }
        return result
    }

    private func lines(of words: [String], _ opening: String) -> [String] {
        var lines: [String] = []
        var line = ""
        var used = 0
        var start = opening + String(repeating: " ", count: indent)
        var wantsTwo = false
        var before = ""
        for word in words {
            if word.isEmpty {
                wantsTwo = endsSentence(before)
                continue
            }
            let size = DisplayWidth.of(word)
            let gap = used == 0 ? 0 : wantsTwo ? 2 : 1
            if used > 0, DisplayWidth.of(start) + used + gap + size >= width {
                lines.append(start + line)
                start = prefix + String(repeating: " ", count: exdent)
                (line, used) = (word, size)
            } else {
                line += String(repeating: " ", count: gap) + word
                used += gap + size
            }
            (before, wantsTwo) = (word, false)
        }
        return lines + [used == 0 && words.allSatisfy { $0.isEmpty } ? opening : start + line]
    }

    /// A period, question or exclamation mark, perhaps inside of closing quotes and parentheses.
    private func endsSentence(_ word: String) -> Bool {
        var rest = Substring(word)
        while let last = rest.last, ")\"'”’".contains(last) { rest.removeLast() }
        return rest.last.map { ".?!".contains($0) } ?? false
    }
}
