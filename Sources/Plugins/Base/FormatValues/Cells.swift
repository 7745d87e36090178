import RRuntime
import TextValues

/// Elements of an atomic vector as texts, and the width they share when shown below each other.
package struct Cells {
    /// One text an element, not padded.
    package var texts: [String]
    /// Columns of the widest.
    package var width: Int
    /// Strings: justified as asked for, where numbers stand right.
    package var isText = false

    package init(_ texts: [String], isText: Bool = false, minimum: Int = 0) {
        self.texts = texts
        self.isText = isText
        width = texts.reduce(minimum) { max($0, DisplayWidth.of($1)) }
    }

    /// The texts of some elements of an atomic vector, numbers in one common format.
    package init(_ value: Value, _ range: Range<Int>, _ settings: PrintSettings) {
        switch value {
        case .logical(let v):
            self.init(v.elements[range].map { $0.map { $0 ? "TRUE" : "FALSE" } ?? settings.naText })
        case .integer(let v):
            self.init(v.elements[range].map { $0.map { String($0) } ?? settings.naText })
        case .double(let v): self.init(v.elements[range], settings)
        case .complex(let v):
            let format = ComplexFormat(Array(v.elements[range]), settings)
            self.init(v.elements[range].map { format.text($0, settings) })
        case .character(let v):
            let quote: Unicode.Scalar? = settings.quote ? "\"" : nil
            self.init(
                v.elements[range].map { element in
                    element.map { escaped($0.string, quote: quote) } ?? settings.naString(quoted: settings.quote)
                }, isText: true)
        case .raw(let v): self.init(v.elements[range].map(rawText))
        default: self.init([])
        }
    }

    private init(_ values: ArraySlice<Double>, _ settings: PrintSettings) {
        let format = NumberFormat(
            values, digits: settings.digits, scipen: settings.scipen, naWidth: DisplayWidth.of(settings.naText))
        self.init(
            values.map { value in
                if value.isNA { return settings.naText }
                return decimalMarked(format.text(value), settings.decimalMark)
            })
        width = max(width, format.width)
    }
}

/// A number with another decimal point.
package func decimalMarked(_ text: String, _ mark: String) -> String {
    if mark == "." { return text }
    return text.split(separator: ".", omittingEmptySubsequences: false).joined(separator: mark)
}

/// The common format of complex numbers: one for the real, one for the imaginary parts, both fixed or both scientific.
package struct ComplexFormat {
    private var real = NumberFormat(width: 0, decimals: 0, exponentDigits: 0)
    private var imaginary = NumberFormat(width: 0, decimals: 0, exponentDigits: 0)
    private let digits: Int
    /// Columns of the widest element.
    private(set) var width = 0

    package init(_ values: [Complex], _ settings: PrintSettings, nsmall: Int = 0) {
        digits = settings.digits
        let known = values.filter { !$0.isNA }.map { ComplexFormat.rounded($0, settings.digits) }
        let reals = known.map { $0.real }
        let imaginaries = known.map { abs($0.imaginary) }
        let (realFixed, realScientific) = ComplexFormat.formats(reals, settings, nsmall)
        let (imaginaryFixed, imaginaryScientific) = ComplexFormat.formats(imaginaries, settings, nsmall)
        let realsVanish = values.allSatisfy { $0.isNA || $0.real == 0 }
        let imaginariesVanish = values.allSatisfy { $0.isNA || $0.imaginary == 0 }
        let isFixed: Bool
        if realsVanish {
            isFixed = imaginaryFixed.width <= imaginaryScientific.width + settings.scipen
        } else if imaginariesVanish {
            isFixed = realFixed.width <= realScientific.width + settings.scipen
        } else {
            isFixed =
                realFixed.width + imaginaryFixed.width
                < realScientific.width + imaginaryScientific.width + 2 * settings.scipen
        }
        real = isFixed || realsVanish && !imaginariesVanish ? realFixed : realScientific
        imaginary = isFixed || imaginariesVanish ? imaginaryFixed : imaginaryScientific
        width = known.isEmpty ? 0 : real.width + imaginary.width + 2
        if values.contains(where: { $0.isNA }) { width = max(width, 2) }
    }

    private static func formats(
        _ values: [Double], _ settings: PrintSettings, _ nsmall: Int
    ) -> (fixed: NumberFormat, scientific: NumberFormat) {
        (
            NumberFormat(values, digits: settings.digits, scipen: 10_000, nsmall: nsmall),
            NumberFormat(values, digits: settings.digits, scipen: -10_000)
        )
    }

    private static func rounded(_ value: Complex, _ digits: Int) -> Complex {
        let larger = max(
            value.real.isFinite ? abs(value.real) : 0, value.imaginary.isFinite ? abs(value.imaginary) : 0)
        return Complex(
            roundedPart(value.real, larger: larger, digits: digits),
            roundedPart(value.imaginary, larger: larger, digits: digits))
    }

    package func text(_ value: Complex, _ settings: PrintSettings) -> String {
        if value.isNA { return settings.naText }
        let rounded = ComplexFormat.rounded(value, digits)
        let sign = rounded.imaginary < 0 ? "-" : "+"
        // Rounding says what is nothing beside the other part; what is written is the number itself.
        let realText = real.text(rounded.real == 0 ? 0 : value.real).leftPadded(to: real.width)
        let imaginaryText = imaginary.text(rounded.imaginary == 0 ? 0 : abs(value.imaginary))
        return decimalMarked(realText + sign + imaginaryText + "i", settings.decimalMark)
    }
}
