import BaseValues
import Diagnostics
import RRuntime

/// `print()` of data frames of class `tbl_df`, as the package pillar shows them: types under the names, three significant
/// digits, the first ten of more than twenty rows.
func registerTibblePrinting(_ base: Namespace) {
    base.method(
        "print", for: "tbl_df", [.value("x"), .dots, .value("n", nil, help: "rows shown")], visible: false
    ) { args in
        guard case .list(let columns) = args[0], let names = args[0].names else { return args[0] }
        let count = columns.elements.first?.length ?? 0
        let wanted = try args.optionalInt("n") ?? (count > 20 ? 10 : count)
        let shown = min(count, max(0, wanted))
        var lines = [String](repeating: "", count: shown + 2)
        let widest = String(shown).utf8.count
        for row in lines.indices {
            let number = row < 2 ? "" : String(row - 1)
            lines[row] = String(repeating: " ", count: max(0, widest - number.utf8.count)) + number
        }
        for (name, column) in zip(names, columns.elements) {
            let isText = column.typeName == "character"
            let cells = [name?.string ?? "", "<\(typeLabel(column))>"] + (try cells(column, shown))
            let width = cells.map { $0.unicodeScalars.count }.max() ?? 0
            for row in lines.indices {
                let blanks = String(repeating: " ", count: width - cells[row].unicodeScalars.count)
                lines[row] += " " + (isText ? cells[row] + blanks : blanks + cells[row])
            }
        }
        var text = "# A tibble: \(withCommas(count)) × \(columns.count)\n" + lines.map { $0 + "\n" }.joined()
        if shown < count {
            let more = count - shown
            text += "# ℹ \(withCommas(more)) more row\(more == 1 ? "" : "s")\n"
            text += "# ℹ Use `print(n = ...)` to see more rows\n"
        }
        args.context.console.write(text)
        return args[0]
    }
}

private func typeLabel(_ column: Value) -> String {
    switch column {
    case .character: return "chr"
    case .double: return "dbl"
    case .integer: return column.inherits("factor") ? "fct" : "int"
    case .logical: return "lgl"
    case .complex: return "cpl"
    case .list: return "list"
    default: return column.typeName
    }
}

private func cells(_ column: Value, _ count: Int) throws -> [String] {
    switch column {
    case .double(let numbers): return aligned(numbers.elements.prefix(count).map { threeDigits($0) })
    case .list(let items): return items.elements.prefix(count).map { "<\($0.typeName)>" }
    default: return try column.asCharacters().elements.prefix(count).map { $0?.string ?? "NA" }
    }
}

/// Three significant digits: zeros behind the point only if the number has more digits, a point alone where digits
/// before it are all that is shown of a fraction.
private func threeDigits(_ number: Double) -> String {
    guard number.isFinite else { return nonFiniteText(number) }
    guard number != 0 else { return "0" }
    let scientific = formatDouble(abs(number), conversion: "e", precision: 2)
    guard let mark = scientific.utf8.firstIndex(of: UInt8(ascii: "e")),
        let exponent = Int(scientific[scientific.utf8.index(after: mark)...]), (-5..<13).contains(exponent)
    else { return formatDouble(number, conversion: "e", precision: 2) }
    let decimals = max(0, 2 - exponent)
    let rounded = roundHalfEven(number, digits: Double(decimals))
    var text = formatDouble(rounded, conversion: "f", precision: decimals)
    if rounded != number { return decimals == 0 ? text + "." : text }
    if decimals > 0 {
        while text.utf8.last == UInt8(ascii: "0") { text.removeLast() }
        if text.utf8.last == UInt8(ascii: ".") { text.removeLast() }
    }
    return text
}

/// Blanks behind, so that the points stand in one column.
private func aligned(_ texts: [String]) -> [String] {
    let fractions = texts.map { text -> Int in
        guard let point = text.utf8.firstIndex(of: UInt8(ascii: ".")) else { return 0 }
        return text.utf8.distance(from: point, to: text.utf8.endIndex)
    }
    let widest = fractions.max() ?? 0
    return zip(texts, fractions).map { $0 + String(repeating: " ", count: widest - $1) }
}

private func withCommas(_ number: Int) -> String {
    var digits = Array(String(number).utf8)
    var place = digits.count - 3
    while place > 0 {
        digits.insert(UInt8(ascii: ","), at: place)
        place -= 3
    }
    return String(decoding: digits, as: UTF8.self)
}
