import Diagnostics

/// A JSON text as a tree: headers of safetensors files, descriptions of saved objects, descriptors of plug-ins. The
/// reader trusts nothing. Numbers keep all digits of a double.
public indirect enum JSON {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number.
    case number(Double)
    /// A text.
    case string(String)
    /// A list.
    case array([JSON])
    /// Members in the order written.
    case object([(key: String, value: JSON)])

    /// The member of an object.
    public subscript(key: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key == key }?.value
    }

    /// A text between quotes.
    public static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            case _ where scalar.value < 32:
                let hex = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - hex.utf8.count) + hex
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    // MARK: Reading

    /// Reads a text.
    /// - Throws: `.data` for what is no JSON, or nested more than 500 deep.
    public init(_ text: String) throws { try self.init(utf8: Array(text.utf8)) }

    /// Reads bytes.
    /// - Throws: as ``init(_:)``, and for strings that are not UTF-8.
    public init(utf8 bytes: [UInt8]) throws {
        var reader = Reader(bytes: bytes)
        self = try reader.value(depth: 0)
        reader.skipBlanks()
        guard reader.place == reader.bytes.count else { throw reader.fault("text behind the end") }
    }

    private struct Reader {
        let bytes: [UInt8]
        var place = 0

        init(bytes: [UInt8]) { self.bytes = bytes }

        func fault(_ what: String) -> WorkbenchError {
            WorkbenchError(.data, "not valid JSON: \(what) (byte \(place))")
        }

        mutating func skipBlanks() {
            while place < bytes.count,
                bytes[place] == 32 || bytes[place] == 10 || bytes[place] == 13 || bytes[place] == 9
            { place += 1 }
        }

        mutating func take(_ byte: Character) -> Bool {
            guard place < bytes.count, let code = byte.asciiValue, bytes[place] == code else { return false }
            place += 1
            return true
        }

        mutating func take(word: String) -> Bool {
            guard bytes[place...].starts(with: word.utf8) else { return false }
            place += word.utf8.count
            return true
        }

        mutating func value(depth: Int) throws -> JSON {
            guard depth < 500 else { throw fault("nested too deeply") }
            skipBlanks()
            if take(word: "null") { return .null }
            if take(word: "true") { return .bool(true) }
            if take(word: "false") { return .bool(false) }
            if place < bytes.count, bytes[place] == UInt8(ascii: "\"") { return .string(try string()) }
            if take("[") {
                var elements: [JSON] = []
                skipBlanks()
                if take("]") { return .array([]) }
                while true {
                    elements.append(try value(depth: depth + 1))
                    skipBlanks()
                    if take("]") { return .array(elements) }
                    guard take(",") else { throw fault("expected , or ]") }
                }
            }
            if take("{") {
                var members: [(key: String, value: JSON)] = []
                skipBlanks()
                if take("}") { return .object([]) }
                while true {
                    skipBlanks()
                    let key = try string()
                    skipBlanks()
                    guard take(":") else { throw fault("expected :") }
                    members.append((key, try value(depth: depth + 1)))
                    skipBlanks()
                    if take("}") { return .object(members) }
                    guard take(",") else { throw fault("expected , or }") }
                }
            }
            return .number(try number())
        }

        mutating func number() throws -> Double {
            let start = place
            while place < bytes.count, "+-.eE0123456789".utf8.contains(bytes[place]) { place += 1 }
            guard start < place, let number = Double(String(decoding: bytes[start..<place], as: UTF8.self)) else {
                throw fault("expected a value")
            }
            return number
        }

        /// What `\u` stands for, also in two halves.
        private mutating func scalar() throws -> Unicode.Scalar {
            var code = try hexadecimal()
            if (0xD800..<0xDC00).contains(code), take("\\"), take("u") {
                let low = try hexadecimal()
                guard (0xDC00..<0xE000).contains(low) else { throw fault("broken \\u") }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw fault("broken \\u") }
            return scalar
        }

        private mutating func hexadecimal() throws -> UInt32 {
            guard place + 4 <= bytes.count,
                let code = UInt32(String(decoding: bytes[place..<(place + 4)], as: UTF8.self), radix: 16)
            else { throw fault("broken \\u") }
            place += 4
            return code
        }

        mutating func string() throws -> String {
            guard take("\"") else { throw fault("expected a string") }
            var result: [UInt8] = []
            while place < bytes.count {
                let byte = bytes[place]
                place += 1
                if byte == UInt8(ascii: "\"") {
                    guard let text = String(validating: result, as: UTF8.self) else {
                        throw fault("a string that is not UTF-8")
                    }
                    return text
                }
                guard byte == UInt8(ascii: "\\") else {
                    result.append(byte)
                    continue
                }
                guard place < bytes.count else { break }
                let escape = bytes[place]
                place += 1
                switch escape {
                case UInt8(ascii: "n"): result.append(10)
                case UInt8(ascii: "t"): result.append(9)
                case UInt8(ascii: "r"): result.append(13)
                case UInt8(ascii: "b"): result.append(8)
                case UInt8(ascii: "f"): result.append(12)
                case UInt8(ascii: "u"): result += Array(String(try scalar()).utf8)
                default: result.append(escape)
                }
            }
            throw fault("a string without end")
        }
    }
}
