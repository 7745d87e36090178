import CNumberFormat

/// How R writes a set of doubles: with so many digits that each shows its significant ones, in the notation that is
/// narrower (R's `formatReal`).
public struct NumberFormat: Sendable {
    /// Width of the widest element.
    public var width: Int
    /// Digits after the point.
    public var decimals: Int
    /// 0 for fixed notation, else the number of digits of the exponent (2 or 3).
    public var exponentDigits: Int

    /// Fixed-notation or scientific format for a set of numbers.
    ///
    /// - Parameters:
    ///   - values: The numbers; NA, NaN and infinities count only for the width.
    ///   - digits: Significant digits asked for, 1 … 22 (the option `digits` is 7; `as.character` uses 15).
    ///   - scipen: Columns that fixed notation may be wider before scientific is taken.
    ///   - naWidth: Width of NA.
    ///   - nsmall: Digits after the point that fixed notation shows at least.
    public init(
        _ values: some Sequence<Double>, digits: Int = 7, scipen: Int = 0, naWidth: Int = 2, nsmall: Int = 0
    ) {
        let digits = min(max(digits, 1), 22)
        var anyNegative = false
        var specialWidth = 0
        var maxExponent = Int.min
        var minExponent = Int.max
        var maxSignificant = 0
        var maxDecimals = 0
        var maxLeft = 0
        var maxLeftSigned = 0
        for value in values {
            if !value.isFinite {
                if value.isNA {
                    specialWidth = max(specialWidth, naWidth)
                } else {
                    specialWidth = max(specialWidth, value < 0 ? 4 : 3)
                }
                continue
            }
            if value < 0 { anyNegative = true }
            let parts = Decimal(value, digits: digits)
            let left = parts.exponent + 1 - (parts.widens ? 1 : 0)
            maxDecimals = max(maxDecimals, parts.significant - parts.exponent - 1)
            maxLeft = max(maxLeft, left)
            maxLeftSigned = max(maxLeftSigned, max(1, left) + (value < 0 ? 1 : 0))
            maxExponent = max(maxExponent, parts.exponent)
            minExponent = min(minExponent, parts.exponent)
            maxSignificant = max(maxSignificant, parts.significant)
        }
        width = 0
        decimals = 0
        exponentDigits = 0
        if maxSignificant > 0 {
            let fixedWidth = maxLeftSigned + (maxDecimals > 0 ? maxDecimals + 1 : 0)
            let exponent = maxExponent >= 100 || minExponent <= -100 ? 3 : 2
            let mantissaDecimals = maxSignificant - 1
            let scientificWidth =
                (anyNegative ? 1 : 0) + (mantissaDecimals > 0 ? mantissaDecimals + 1 : 0) + 1 + exponent + 2
            if fixedWidth <= scientificWidth + scipen {
                decimals = max(maxDecimals, nsmall)
                width = maxLeftSigned + (decimals > 0 ? decimals + 1 : 0)
            } else {
                width = scientificWidth
                decimals = mantissaDecimals
                exponentDigits = exponent
            }
        }
        width = max(width, specialWidth)
    }

    /// A format of given width, digits after the point, and notation (exponent digits 0: fixed).
    public init(width: Int, decimals: Int, exponentDigits: Int) {
        self.width = width
        self.decimals = decimals
        self.exponentDigits = exponentDigits
    }

    /// A number in this format, without padding; NA as `NA`.
    public func text(_ value: Double) -> String {
        guard value.isFinite else { return nonFiniteText(value) }
        // R shows no signed zero.
        let value = value == 0 ? 0 : value
        return exponentDigits > 0
            ? formatDouble(value, conversion: "e", precision: decimals)
            : formatDouble(value, conversion: "f", precision: decimals)
    }

    /// A number in this format, padded on the left to ``width``.
    public func padded(_ value: Double) -> String { text(value).leftPadded(to: width) }

    /// Significant digits and decimal exponent of a number.
    struct Decimal {
        var exponent: Int
        var significant: Int
        var widens: Bool

        init(_ value: Double, digits: Int) {
            var exponent: Int32 = 0
            var significant: Int32 = 1
            var widens: Int32 = 0
            number_format_significant(value, Int32(digits), &exponent, &significant, &widens)
            self.exponent = Int(exponent)
            self.significant = Int(significant)
            self.widens = widens != 0
        }
    }
}

/// Part of a complex number, rounded so that the larger part shows a number of significant digits.
public func roundedPart(_ value: Double, larger: Double, digits: Int) -> Double {
    guard value.isFinite, larger.isFinite else { return value }
    return number_format_round_part(value, larger, Int32(min(max(digits, 1), 22)))
}

/// `NA`, `NaN`, `Inf` or `-Inf`.
public func nonFiniteText(_ value: Double) -> String {
    if value.isNA { return "NA" }
    if value.isNaN { return "NaN" }
    return value > 0 ? "Inf" : "-Inf"
}

/// One double as `as.character` and `paste` write it: up to 15 significant digits, shortest.
public func numberText(_ value: Double, digits: Int = 15) -> String {
    if value == value.rounded(.towardZero), abs(value) < 100_000 { return String(Int(value)) }
    return NumberFormat(CollectionOfOne(value), digits: digits).text(value)
}

/// C's `printf("%<flags><width>.<precision><conversion>")` of a double; conversion one of e E f F g G a.
/// Precision is capped at 340, width at 8,192.
public func formatDouble(
    _ value: Double, conversion: Unicode.Scalar, precision: Int, width: Int = 0, flags: String = ""
) -> String {
    withFormatBuffer { buffer, size in
        number_format_double(
            buffer, size, flags, Int32(min(max(width, 0), 8192)), Int32(min(precision, 340)),
            CChar(truncatingIfNeeded: conversion.value), value)
    }
}

/// C's `printf` of an integer; conversion one of d i o u x X; negative precision means none.
public func formatInteger(
    _ value: Int64, conversion: Unicode.Scalar = "d", precision: Int = -1, width: Int = 0, flags: String = ""
) -> String {
    withFormatBuffer { buffer, size in
        number_format_integer(
            buffer, size, flags, Int32(min(max(width, 0), 8192)), Int32(min(precision, 340)),
            CChar(truncatingIfNeeded: conversion.value), value)
    }
}

private func withFormatBuffer(_ write: (UnsafeMutablePointer<CChar>, Int) -> Int32) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { small in
        guard let base = small.baseAddress else { return "" }
        let needed = Int(write(base, small.count))
        if needed < 0 { return "" }
        if needed < small.count { return String(cString: base) }
        var large = [CChar](repeating: 0, count: needed + 1)
        return large.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return "" }
            _ = write(base, buffer.count)
            return String(cString: base)
        }
    }
}

/// Reads a number as R's `as.numeric` does: decimal or hexadecimal, `Inf`, `NaN`, `NA`, blanks around it allowed.
/// - Returns: nil if the text is no number; NA for `NA`.
public func parseNumber(_ text: String) -> Double? {
    var bytes = Array(text.utf8)[...]
    while let first = bytes.first, first == 32 || (9...13).contains(first) { bytes = bytes.dropFirst() }
    while let last = bytes.last, last == 32 || (9...13).contains(last) { bytes = bytes.dropLast() }
    let trimmed = String(decoding: bytes, as: UTF8.self)
    switch trimmed {
    case "NA": return .na
    case "NaN": return .nan
    case "Inf", "inf", "+Inf", "+inf", "INF", "Infinity", "infinity": return .infinity
    case "-Inf", "-inf", "-INF", "-Infinity", "-infinity": return -.infinity
    default: break
    }
    guard let first = bytes.first else { return nil }
    let isStart =
        (48...57).contains(first) || first == UInt8(ascii: ".") || first == UInt8(ascii: "-")
        || first == UInt8(ascii: "+")
    guard isStart, !trimmed.utf8.contains(where: { $0 == UInt8(ascii: "n") || $0 == UInt8(ascii: "N") }) else {
        return nil
    }
    var used = 0
    let value = number_parse_double(trimmed, &used)
    return used == trimmed.utf8.count ? value : nil
}

extension String {
    /// Blanks in front up to a number of columns (scalars).
    public func leftPadded(to width: Int) -> String {
        let missing = width - unicodeScalars.count
        return missing > 0 ? String(repeating: " ", count: missing) + self : self
    }

    /// Blanks behind up to a number of columns (scalars).
    public func rightPadded(to width: Int) -> String {
        let missing = width - unicodeScalars.count
        return missing > 0 ? self + String(repeating: " ", count: missing) : self
    }
}
