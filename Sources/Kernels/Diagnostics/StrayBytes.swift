import Glibc

// Bytes that are no UTF-8, in texts. Swift's strings hold UTF-8 only, and R's hold what a file had: a byte that is part of
// no character becomes a scalar of its own from Unicode's last private range (0xE9 is U+10FEE9), and the same byte again
// where the text leaves the session. Python's surrogateescape does the same with scalars that Swift's strings refuse.

extension String {
    /// The text of bytes; those that are no UTF-8 are kept, each as a scalar that stands for it.
    package init(keeping bytes: [UInt8]) { self.init(keeping: bytes[...]) }

    /// The text of bytes; those that are no UTF-8 are kept, each as a scalar that stands for it.
    package init(keeping bytes: ArraySlice<UInt8>) {
        // Most is ASCII, and files have millions of lines.
        if bytes.withUnsafeBufferPointer({ buffer in buffer.allSatisfy { $0 < 0x80 } }) {
            self = String(decoding: bytes, as: UTF8.self)
            return
        }
        if let text = String(validating: bytes, as: UTF8.self), !text.hasStrayBytes {
            self = text
            return
        }
        let bytes = Array(bytes)
        var scalars = String.UnicodeScalarView()
        var place = 0
        while place < bytes.count {
            let length = Unicode.Scalar.length(in: bytes, at: place)
            if length > 0, let part = String(validating: bytes[place..<(place + length)], as: UTF8.self),
                let scalar = part.unicodeScalars.first, scalar.strayByte == nil
            {
                scalars.append(scalar)
                place += length
            } else {
                scalars.append(Unicode.Scalar(stray: bytes[place]))
                place += 1
            }
        }
        self = String(scalars)
    }

    /// Some bytes of it are no UTF-8.
    package var hasStrayBytes: Bool {
        // All scalars that stand for bytes begin with the same three or four bits of these two bytes.
        var copy = self
        let mayHave = copy.withUTF8 { buffer in
            guard let base = buffer.baseAddress else { return false }
            return memchr(base, 0xF4, buffer.count) != nil
        }
        return mayHave && copy.unicodeScalars.contains { $0.strayByte != nil }
    }

    /// The bytes of a text as they were before ``init(keeping:)``.
    package var keptBytes: [UInt8] {
        guard hasStrayBytes else { return Array(utf8) }
        var result: [UInt8] = []
        for scalar in unicodeScalars {
            if let byte = scalar.strayByte {
                result.append(byte)
            } else {
                result += UTF8.encode(scalar).map { Array($0) } ?? []
            }
        }
        return result
    }
}

/// Bytes of text in which scalars may stand for bytes, as those bytes.
package func withoutStandIns(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var place = 0
    while place < bytes.count {
        if bytes[place] == 0xF4, place + 4 <= bytes.count,
            let text = String(validating: bytes[place..<(place + 4)], as: UTF8.self),
            let byte = text.unicodeScalars.first?.strayByte
        {
            result.append(byte)
            place += 4
        } else {
            result.append(bytes[place])
            place += 1
        }
    }
    return result
}

extension Unicode.Scalar {
    private static let firstStray: UInt32 = 0x10FE00

    /// The byte that it stands for.
    package var strayByte: UInt8? {
        guard value >= 0x10FE80, value <= 0x10FEFF else { return nil }
        return UInt8(truncatingIfNeeded: value)
    }

    /// What stands for a byte above 127; a byte below is a character.
    package init(stray byte: UInt8) {
        self = byte < 0x80 ? Unicode.Scalar(byte) : Unicode.Scalar(Unicode.Scalar.firstStray | UInt32(byte)) ?? "?"
    }

    /// How many bytes a character has that begins here, by its first byte; 0 if none does, or if it ends too early.
    fileprivate static func length(in bytes: [UInt8], at place: Int) -> Int {
        let length: Int
        switch bytes[place] {
        case ..<0x80: length = 1
        case 0xC2...0xDF: length = 2
        case 0xE0...0xEF: length = 3
        case 0xF0...0xF4: length = 4
        default: return 0
        }
        return place + length <= bytes.count ? length : 0
    }
}
