import BaseValues
import Diagnostics
import ModelValues
import RRuntime

/// Prints a result of class "htest".
func printTest(_ x: Value, digits: Int, _ context: Context) throws {
    let r = RCalls(context)
    let console = context.console
    let digits = min(max(digits, 1), 22)
    func text(_ name: String) -> String { (try? x.field(name)?.asCharacters().elements.first??.string) ?? "" }
    console.write("\n\t\(text("method").drop { $0 == " " })\n\ndata:  \(text("data.name"))\n")
    var parts: [String] = []
    for name in ["statistic", "parameter"] {
        guard let value = x.field(name) else { continue }
        for (label, number) in zip(value.nameStrings, x.numbers(name)) {
            parts.append("\(label) = " + (try r.format([number], digits: max(1, digits - 2)).joined()))
        }
    }
    if let p = x.numbers("p.value").first {
        let shown = try pValueTexts([p], digits: max(1, digits - 3), context).joined()
        parts.append("p-value " + (shown.hasPrefix("<") ? shown : "= " + shown))
    }
    console.write(parts.joined(separator: ", ") + "\n")
    if x.field("alternative") != nil {
        let words = ["two.sided": "not equal to", "less": "less than", "greater": "greater than"]
        if let null = x.field("null.value"), let number = x.numbers("null.value").first {
            console.write(
                "alternative hypothesis: true \(null.nameStrings.first ?? "") is "
                    + "\(words[text("alternative")] ?? text("alternative")) \(numberText(number, digits: 7))\n")
        } else {
            console.write("alternative hypothesis: \(text("alternative"))\n")
        }
    }
    if let interval = x.field("conf.int") {
        let level = try interval.attribute("conf.level")?.asDoubles().elements.first ?? .nan
        let ends = try r.format(Array(x.numbers("conf.int").prefix(2)), digits: digits).joined(separator: " ")
        console.write("\(numberText(100 * level, digits: 7)) percent confidence interval:\n \(ends)\n")
    }
    if let estimate = x.field("estimate") {
        console.write("sample estimates:\n")
        _ = try r("print", estimate, named: ["digits": .int(digits)])
    }
    console.write("\n")
}
