import Diagnostics
import FormatValues
import Glibc
import RRuntime
import TextValues

extension StrWriter {
    /// ` [1:5]`, `(0)`, or the extents of an array.
    private func lengthText(_ value: Value) -> String {
        if let dim = value.dim {
            let parts = dim.map { ($0 > 1 ? "1:" : "") + String($0) + ($0 > 0 ? "" : " ") }
            return parts.count == 1 ? "[\(parts[0])(1d)]" : "[" + parts.joined(separator: ", ") + "]"
        }
        guard settings.giveLength else { return "" }
        return value.length > 0 ? "[1:\(value.length)]" : "(0)"
    }

    func showAtomic(_ value: Value) throws {
        var kind: String
        switch value {
        case .logical: kind = "logi"
        case .integer: kind = "int"
        case .double: kind = "num"
        case .complex: kind = "cplx"
        case .character: kind = "chr"
        default: kind = "raw"
        }
        let count = value.length
        let isArray = value.dim != nil
        var hidden = ["names"]
        if isArray {
            hidden = ["names", "dim"]
        } else if value.names != nil {
            kind = "Named " + kind
            hidden = []
        }
        if let first = value.classAttribute?.first?.string {
            if first != kind, !first.hasPrefix(kind) { kind = "'\(first)' \(kind)" }
            hidden.append("class")
        }
        let head: String
        if count == 1, !isArray {
            head = " " + kind
        } else if count > 0 || isArray {
            head = " \(kind) \(lengthText(value))"
        } else {
            head = " \(kind)"
        }
        let lead = settings.giveHead ? head + " " : ""
        if case .character(let v) = value, count > 0 || isArray {
            write(lead + strings(v, head))
        } else if count == 0 {
            write((settings.giveHead ? head : "") + (isArray ? "" : settings.giveLength ? "(0)" : "") + " ")
        } else {
            write(lead + numbers(value))
        }
        write("\n")
        try showAttributes(value, without: hidden)
    }

    private func strings(_ v: CharacterVector, _ head: String) -> String {
        guard v.count > 0 else { return "" }
        let most = max(100, settings.width / 3 + 1)
        let texts = v.elements.prefix(max(most, Int(settings.vectorLength))).map { text -> String in
            guard let text else { return "NA" }
            let whole = escaped(trimmedToWidth(text.string, settings.maxCharacters), quote: "\"")
            guard DisplayWidth.of(whole) > settings.maxCharacters else { return whole }
            let note = "\"| __truncated__"
            return trimmedToWidth(whole, max(0, settings.maxCharacters - note.count)) + note
        }
        var limit: Int
        if settings.vectorLengthGiven {
            limit = max(0, Int(settings.vectorLength.rounded(.toNearestOrEven)))
        } else {
            let room = settings.width - (4 + 5 * settings.level + DisplayWidth.of(head))
            var used = 0
            limit = 0
            for text in texts {
                used += 1 + DisplayWidth.of(text)
                if used >= room { break }
                limit += 1
            }
            limit = max(1, limit)
        }
        let shown = texts.prefix(limit).joined(separator: " ")
        return shown + (min(v.count, texts.count) > limit ? " ..." : "")
    }

    /// The first elements, each as short as three significant digits make it.
    private func numbers(_ value: Value) -> String {
        var limit = settings.vectorLength
        switch value {
        case .logical: limit *= 1.5
        case .integer: limit = (2.5 * limit).rounded(.toNearestOrEven)
        case .double(let v):
            let many = (2.5 * limit).rounded(.toNearestOrEven)
            let first = v.elements.prefix(Int(many)).filter { !$0.isNaN }
            let simple = first.allSatisfy { number in
                let size = abs(number)
                return (size > 1e-10 || size == 0) && (size < 1e10 || size == 0)
                    && abs(number - significant(number, settings.digits)) <= 9e-16 * size
            }
            limit = simple ? many : (1.25 * limit).rounded(.toNearestOrEven)
        case .complex: limit = (0.75 * limit).rounded(.toNearestOrEven)
        default: break
        }
        let count = min(value.length, max(0, Int(limit)))
        var text = elementTexts(value, count).joined(separator: " ")
        if DisplayWidth.of(text) > settings.maxCharacters {
            text = trimmedToWidth(text, max(0, settings.maxCharacters - 15)) + "| __truncated__"
        }
        return text + (Double(value.length) > limit ? " ..." : "")
    }

    private func elementTexts(_ value: Value, _ count: Int) -> [String] {
        var print = PrintSettings(context)
        print.digits = settings.digits
        var format = FormatSettings(context)
        format.print = print
        format.trim = true
        switch value {
        case .logical(let v): return v.elements.prefix(count).map { $0.map { $0 ? "TRUE" : "FALSE" } ?? "NA" }
        case .integer(let v): return v.elements.prefix(count).map { $0.map { String($0) } ?? "NA" }
        case .raw(let v): return v.elements.prefix(count).map(rawText)
        case .double(let v):
            let texts = formatted(.double(Vector(Array(v.elements.prefix(count)))), format)
            return withoutTrailingZeros(texts)
        case .complex(let v):
            let texts = formatted(.complex(Vector(Array(v.elements.prefix(count)))), format)
            return withoutTrailingZeros(texts)
        default: return []
        }
    }

    private func withoutTrailingZeros(_ texts: CharacterVector) -> [String] {
        var marks = NumberMarks()
        marks.dropsTrailingZeros = true
        return marks.applied(to: texts.elements.map { $0?.string ?? "NA" }, preserving: .individual, pointIn: ".")
    }

    private func significant(_ value: Double, _ digits: Int) -> Double {
        guard value != 0, value.isFinite else { return value }
        return parseNumber(formatDouble(value, conversion: "e", precision: digits - 1)) ?? value
    }

    // MARK: Factors and times

    func showFactor(_ value: Value) throws {
        guard case .integer(let codes) = value else { return try showAtomic(value) }
        let isOrdered = value.inherits("ordered")
        var levels: [String] = []
        if case .character(let v)? = value.attribute(Symbol.levels) {
            levels = v.elements.map { $0.map { escaped($0.string, quote: "\"") } ?? "NA" }
        }
        let count = levels.count
        let most = Int(min(max(Double(settings.width) / 2, 10), 1000))
        levels = Array(levels.prefix(most))
        var shown = levels.count
        var total = 0
        var firstOver: Int?
        for (index, level) in levels.enumerated() {
            total += 3 + DisplayWidth.of(level) - 2
            if total > 13, firstOver == nil { firstOver = index }
        }
        if levels.count > 1, total > 13 { shown = (firstOver ?? 0) + 1 }
        let sep = isOrdered ? "<" : ","
        var head = (isOrdered ? " Ord.factor" : " Factor") + (value.dim != nil ? lengthText(value) : "")
        head += " w/ \(count) level\(count == 1 ? "" : "s")"
        if count > 0 { head += " " + levels.prefix(shown).joined(separator: sep) }
        if shown < count { head += sep + ".." }
        let limit = Int((2.5 * settings.vectorLength).rounded(.toNearestOrEven))
        let texts = codes.elements.prefix(limit).map { $0.map { String($0) } ?? "NA" }
        write(head + ": " + texts.joined(separator: " ") + (codes.count > limit ? " ..." : "") + "\n")
        try showAttributes(
            value, without: value.dim != nil ? ["levels", "class", "names", "dim"] : ["levels", "class", "names"])
    }

    func showTimes(_ value: Value) throws {
        let first = value.classAttribute?.first?.string ?? "Date"
        let texts = try context.call("format", [Argument(value)], environment: environment)
        guard case .character(let v) = texts else { return }
        let lengthShown = settings.giveLength ? "[1:\(v.count)]" : ""
        write(" \(first)\(lengthShown), format: ")
        var inner = settings
        inner.giveHead = false
        if settings.level > 0 {
            // Inside lists the width left decides, 19 columns a time.
            let room = (settings.width - DisplayWidth.of(settings.indent) - 31) / 19
            inner.vectorLength = min(settings.vectorLength, Double(max(0, room)))
            inner.vectorLengthGiven = true
        }
        let outer = settings
        settings = inner
        defer { settings = outer }
        let line = strings(Vector(v.elements), first)
        write(line + "\n")
    }
}
