import Diagnostics
import Glibc

/// Text from one encoding into another: the C library's `iconv`.
package final class TextConversion {
    private let descriptor: iconv_t

    /// - Parameters:
    ///   - from: An encoding's name; empty, `native.enc` and `unknown` are UTF-8, with `UTF-8-BOM` a mark at the front is left out.
    ///   - to: The same.
    /// - Throws: R's `unsupported conversion from 'a' to 'b'`.
    package init(from: String, to: String) throws {
        let opened = iconv_open(TextConversion.name(to), TextConversion.name(from))
        guard let opened, Int(bitPattern: opened) != -1 else {
            throw WorkbenchError(
                .value, "unsupported conversion from '\(inOneLine(from, most: 60))' to '\(inOneLine(to, most: 60))'",
                hint: "names are those of iconv: \"latin1\", \"UTF-8\", \"UTF-16LE\", \"CP1252\", \"SHIFT-JIS\"")
        }
        descriptor = opened
    }

    deinit { iconv_close(descriptor) }

    /// Whether a name means UTF-8.
    package static func isUTF8(_ name: String) -> Bool {
        ["", "NATIVE.ENC", "UNKNOWN", "UTF-8", "UTF8", "BYTES"].contains(name.uppercased())
    }

    /// Whether a name means ISO 8859-1.
    package static func isLatin1(_ name: String) -> Bool {
        ["LATIN1", "LATIN-1", "ISO-8859-1", "ISO8859-1", "ISO_8859-1"].contains(name.uppercased())
    }

    private static func name(_ name: String) -> String {
        isUTF8(name) || name.uppercased() == "UTF-8-BOM" ? "UTF-8" : isLatin1(name) ? "ISO-8859-1" : name
    }

    /// Converts bytes.
    ///
    /// - Parameter invalid: Asked about a place where no character begins: what to put there, in the target's encoding, and
    ///   how many bytes to leave out (at least one). Nil ends the conversion.
    /// - Returns: The bytes; nil when `invalid` said so.
    package func convert(
        _ bytes: [UInt8], invalid: (_ place: Int) throws -> (put: [UInt8], skip: Int)?
    ) rethrows -> [UInt8]? {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var place = 0
        var room = [CChar](repeating: 0, count: 4096)
        _ = iconv(descriptor, nil, nil, nil, nil)
        // The last turn, without input, brings the target into its first state.
        var isLast = bytes.isEmpty
        while true {
            var (used, written, failure) = (0, 0, Int32(0))
            bytes.withUnsafeBytes { source in
                room.withUnsafeMutableBufferPointer { target in
                    var input = source.baseAddress.map {
                        UnsafeMutableRawPointer(mutating: $0 + place).assumingMemoryBound(to: CChar.self)
                    }
                    var output = target.baseAddress
                    var (left, free) = (bytes.count - place, target.count)
                    let status =
                        isLast
                        ? iconv(descriptor, nil, nil, &output, &free) : iconv(descriptor, &input, &left, &output, &free)
                    if status == -1 { failure = errno }
                    (used, written) = (isLast ? 0 : bytes.count - place - left, target.count - free)
                }
            }
            result.append(contentsOf: room[..<written].lazy.map { UInt8(bitPattern: $0) })
            place += used
            switch failure {
            case 0:
                if isLast { return result }
                isLast = true
            case E2BIG: if used == 0, written == 0 { return result }
            default:
                guard place < bytes.count, let (put, skip) = try invalid(place) else { return nil }
                result += put
                place = min(bytes.count, place + max(1, skip))
                if place == bytes.count { isLast = true }
            }
        }
    }

    /// Text of bytes in an encoding; what is no character in it is kept as it is.
    /// - Returns: The text, and whether all of it was understood.
    package func text(of bytes: [UInt8]) -> (text: String, isWhole: Bool) {
        var isWhole = true
        let converted = convert(bytes) { place in
            isWhole = false
            return ([bytes[place]], 1)
        }
        return (String(keeping: converted ?? bytes), isWhole)
    }

    /// Bytes of a text in an encoding; a character that it does not have becomes `<U+20AC>`.
    /// - Returns: The bytes, and whether the encoding has all characters.
    package func bytes(of text: String) -> (bytes: [UInt8], isWhole: Bool) {
        var isWhole = true
        let source = text.keptBytes
        let converted = convert(source) { place in
            isWhole = false
            let (scalar, length) = TextConversion.scalar(in: source, at: place)
            return (Array((scalar.map { TextConversion.named($0) } ?? "<\(rawText(source[place]))>").utf8), length)
        }
        return (converted ?? source, isWhole)
    }

    /// The character of UTF-8 that begins at a place, and its length; nil and 1 for a byte that begins none.
    package static func scalar(in bytes: [UInt8], at place: Int) -> (scalar: Unicode.Scalar?, length: Int) {
        let first = String(keeping: bytes[place..<min(bytes.count, place + 4)]).unicodeScalars.first
        guard let first, first.strayByte == nil else { return (nil, 1) }
        return (first, UTF8.width(first))
    }

    /// `<U+00E9>`.
    package static func named(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return "<U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits + ">"
    }
}

/// The text of bytes of ISO 8859-1, in which each byte is a character.
package func latin1(_ bytes: [UInt8]) -> String {
    var scalars = String.UnicodeScalarView()
    for byte in bytes { scalars.append(Unicode.Scalar(byte)) }
    return String(scalars)
}
