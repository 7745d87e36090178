import RRuntime
import TextValues

/// How strings stand in columns of equal width.
package enum Justification {
    case left, right, centre, none
}

/// The arguments of `format` that decide how elements become texts.
package struct FormatSettings {
    package var trim = false
    package var nsmall = 0
    package var justify = Justification.left
    package var width = 0
    package var naEncode = true
    package var print: PrintSettings

    package init(_ context: Context) { print = PrintSettings(context) }
}

/// Elements of an atomic vector as texts of one width (R's `format`), attributes kept.
package func formatted(_ value: Value, _ settings: FormatSettings) -> CharacterVector {
    let attributes = value.attributes
    switch value {
    case .character(let v): return Vector(formattedStrings(v.elements, settings), attributes)
    case .double(let v):
        let format = NumberFormat(
            v.elements, digits: settings.print.digits, scipen: settings.print.scipen, nsmall: settings.nsmall)
        let mark = settings.print.decimalMark
        let width = settings.trim ? 0 : max(format.width, settings.width)
        let texts = v.elements.map { number in
            Optional(Text(decimalMarked(format.text(number), mark).leftPadded(to: width)))
        }
        return Vector(texts, attributes)
    case .complex(let v):
        let format = ComplexFormat(v.elements, settings.print, nsmall: settings.nsmall)
        return Vector(padded(v.elements.map { format.text($0, settings.print) }, settings), attributes)
    case .logical, .integer:
        return Vector(padded(Cells(value, 0..<value.length, settings.print).texts, settings), attributes)
    case .raw(let v): return Vector(v.elements.map { Text(rawText($0)) }, attributes)
    default: return Vector([], attributes)
    }
}

private func padded(_ texts: [String], _ settings: FormatSettings) -> [Text?] {
    let width = settings.trim ? 0 : texts.reduce(settings.width) { max($0, $1.utf8.count) }
    return texts.map { Text($0.leftPadded(to: width)) }
}

private func formattedStrings(_ elements: [Text?], _ settings: FormatSettings) -> [Text?] {
    if settings.justify == .none {
        return settings.naEncode ? elements.map { $0 ?? "NA" } : elements
    }
    var width = settings.width
    for element in elements {
        if let element {
            width = max(width, DisplayWidth.of(element.string))
        } else if settings.naEncode {
            width = max(width, 2)
        }
    }
    return elements.map { element in
        guard let text = element?.string ?? (settings.naEncode ? "NA" : nil) else { return nil }
        let missing = width - DisplayWidth.of(text)
        switch settings.justify {
        case .left: return Text(text + blanks(missing))
        case .right: return Text(blanks(missing) + text)
        case .centre: return Text(blanks(missing / 2) + text + blanks(missing - missing / 2))
        case .none: return Text(text)
        }
    }
}
