import RRuntime

/// Marks put into written numbers: thousands, decimals, zeros (R's `prettyNum`).
package struct NumberMarks {
    package enum Preserving { case common, individual, none }

    var bigMark = ""
    var bigInterval = 3
    var smallMark = ""
    var smallInterval = 5
    package var decimalMark = "."
    var zeroPrint: String?
    package var dropsTrailingZeros = false

    package init() {}

    package init(_ args: Arguments) throws {
        bigMark = try args.string("big.mark")
        smallMark = try args.string("small.mark")
        bigInterval = max(1, try args.int("big.interval"))
        smallInterval = max(1, try args.int("small.interval"))
        decimalMark = PrintSettings(args.context).decimalMark
        if args.has("decimal.mark") { decimalMark = try args.string("decimal.mark") }
        switch args["zero.print"] {
        case .missing, .null: break
        case .logical(let v): if let flag = v.elements.first, let flag { zeroPrint = flag ? "0" : " " }
        default: zeroPrint = try args.string("zero.print")
        }
        dropsTrailingZeros = try args.flag("drop0trailing")
        if !bigMark.isEmpty, bigMark == decimalMark {
            try args.context.warn(
                "'big.mark' and 'decimal.mark' are both '\(bigMark)', which could be confusing", call: args.call)
        }
    }

    package var changesSomething: Bool {
        !bigMark.isEmpty || !smallMark.isEmpty || zeroPrint != nil || dropsTrailingZeros
    }

    /// Texts of numbers with the marks put in.
    ///
    /// - Parameters:
    ///   - texts: The numbers.
    ///   - preserving: Blanks in front give way to the marks one by one, or all texts get one width again.
    ///   - pointIn: The decimal point in `texts`.
    package func applied(to texts: [String], preserving: Preserving, pointIn point: String) -> [String] {
        var results = texts.map { marked($0, point) }
        switch preserving {
        case .none: break
        case .individual:
            for index in results.indices {
                var surplus = results[index].unicodeScalars.count - texts[index].unicodeScalars.count
                while surplus > 0, results[index].utf8.first == UInt8(ascii: " ") {
                    results[index].removeFirst()
                    surplus -= 1
                }
            }
        case .common:
            let grew = zip(results, texts).contains { $0.unicodeScalars.count > $1.unicodeScalars.count }
            if grew {
                let width = results.reduce(0) { max($0, $1.unicodeScalars.count) }
                results = results.map { $0.leftPadded(to: width) }
            }
        }
        return results
    }

    private func marked(_ text: String, _ point: String) -> String {
        if text.hasSuffix("i"), let (real, sign, imaginary) = complexParts(text) {
            return marked(real, point) + sign + marked(imaginary, point) + "i"
        }
        var whole = text
        var fraction: String?
        if !point.isEmpty, let place = firstRange(of: point, in: text) {
            whole = String(text[..<place.lowerBound])
            fraction = String(text[place.upperBound...])
        }
        if !bigMark.isEmpty { whole = withThousands(whole) }
        if var digits = fraction {
            if !smallMark.isEmpty { digits = withSmallMarks(digits) }
            if dropsTrailingZeros { digits = droppingZeros(digits) }
            fraction = digits.isEmpty ? nil : digits
        }
        var result = whole
        if let fraction {
            let isExponentOnly = fraction.hasPrefix("e")
            result += (isExponentOnly ? "" : decimalMark) + fraction
        }
        if let zeroPrint, isZero(result, point) { return zeroed(result, zeroPrint) }
        return result
    }

    private func complexParts(_ text: String) -> (String, String, String)? {
        let characters = Array(text)
        var place = characters.count - 2
        while place > 0 {
            if characters[place] == "+" || characters[place] == "-", characters[place - 1] != "e" {
                return (
                    String(characters[..<place]), String(characters[place]),
                    String(characters[(place + 1)..<(characters.count - 1)])
                )
            }
            place -= 1
        }
        return nil
    }

    private func withThousands(_ whole: String) -> String {
        // The first run of digits counts; an exponent ("1e+05") has too few to matter.
        var scalars = Array(whole.unicodeScalars)
        guard let start = scalars.firstIndex(where: { ("0"..."9").contains($0) }) else { return whole }
        var end = start
        while end < scalars.count, ("0"..."9").contains(scalars[end]) { end += 1 }
        var position = end - bigInterval
        while position > start {
            scalars.insert(contentsOf: bigMark.unicodeScalars, at: position)
            position -= bigInterval
        }
        var result = String.UnicodeScalarView()
        result.append(contentsOf: scalars)
        return String(result)
    }

    private func withSmallMarks(_ digits: String) -> String {
        var result = ""
        let all = Array(digits)
        let count = all.firstIndex { !("0"..."9").contains($0) } ?? all.count
        for (index, digit) in all.enumerated() {
            if index > 0, index < count, index % smallInterval == 0 { result += smallMark }
            result.append(digit)
        }
        return result
    }

    private func droppingZeros(_ digits: String) -> String {
        if let e = digits.firstIndex(of: "e") {
            let mantissa = String(digits[..<e])
            let exponent = String(digits[e...])
            // R drops an exponent of zero and then keeps the digits before it as they are.
            return exponent.dropFirst(2).allSatisfy({ $0 == "0" }) ? mantissa : digits
        }
        return digits.droppingLast("0")
    }

    private func isZero(_ text: String, _ point: String) -> Bool {
        let trimmed = text.filter { $0 != " " }
        guard let value = parseNumber(trimmed) else { return false }
        return value == 0
    }

    private func zeroed(_ text: String, _ zero: String) -> String {
        let width = text.unicodeScalars.count
        let length = zero.unicodeScalars.count
        if length >= width { return zero }
        // The text takes the place of the digit before the point.
        let scalars = Array(text.unicodeScalars)
        let units = scalars.firstIndex(of: "0") ?? width - 1
        return zero.leftPadded(to: units + 1).rightPadded(to: width)
    }
}

extension String {
    fileprivate func droppingLast(_ character: Character) -> String {
        var copy = self
        while copy.last == character { copy.removeLast() }
        return copy
    }
}

/// Where a text first occurs in another, by bytes.
func firstRange(of needle: String, in text: String, from start: String.Index? = nil) -> Range<String.Index>? {
    let bytes = text.utf8
    let wanted = Array(needle.utf8)
    guard let first = wanted.first else { return nil }
    var position = start ?? text.startIndex
    while position < text.endIndex {
        guard let candidate = bytes[position...].firstIndex(of: first) else { return nil }
        if bytes[candidate...].starts(with: wanted) {
            return candidate..<bytes.index(candidate, offsetBy: wanted.count)
        }
        position = bytes.index(after: candidate)
    }
    return nil
}
