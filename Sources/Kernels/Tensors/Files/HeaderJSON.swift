import Diagnostics

/// The JSON of a safetensors header: a small reader that trusts nothing, and a writer.
indirect enum HeaderJSON {
    case object([(key: String, value: HeaderJSON)])
    case array([HeaderJSON])
    case string(String)
    case integer(Int)
    /// Any number that is no Int, true, false or null: legal JSON that no header field takes.
    case other

    /// Reads one JSON value that fills the bytes.
    ///
    /// - Throws: ``WorkbenchError`` of kind `.data` with the byte where it stopped.
    static func parse(_ bytes: ArraySlice<UInt8>) throws -> HeaderJSON {
        var reader = Reader(bytes: bytes, at: bytes.startIndex)
        let value = try reader.value(depth: 0)
        reader.skipSpace()
        guard reader.at == bytes.endIndex else { throw reader.error("something follows the header's JSON") }
        return value
    }

    private struct Reader {
        let bytes: ArraySlice<UInt8>
        var at: Int

        func error(_ what: String) -> WorkbenchError {
            WorkbenchError(.data, "the header is not valid JSON: \(what) (byte \(at - bytes.startIndex))")
        }

        mutating func skipSpace() {
            while at < bytes.endIndex, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[at]) { at += 1 }
        }

        mutating func take(_ byte: UInt8) -> Bool {
            skipSpace()
            guard at < bytes.endIndex, bytes[at] == byte else { return false }
            at += 1
            return true
        }

        mutating func value(depth: Int) throws -> HeaderJSON {
            guard depth < 16 else { throw error("it is nested too deeply") }
            skipSpace()
            guard at < bytes.endIndex else { throw error("it ends too early") }
            switch bytes[at] {
            case UInt8(ascii: "{"):
                at += 1
                var members: [(key: String, value: HeaderJSON)] = []
                if take(UInt8(ascii: "}")) { return .object([]) }
                repeat {
                    skipSpace()
                    let key = try string()
                    guard take(UInt8(ascii: ":")) else { throw error("a colon is missing after \"\(key)\"") }
                    members.append((key, try value(depth: depth + 1)))
                } while take(UInt8(ascii: ","))
                guard take(UInt8(ascii: "}")) else { throw error("a closing brace is missing") }
                return .object(members)
            case UInt8(ascii: "["):
                at += 1
                var items: [HeaderJSON] = []
                if take(UInt8(ascii: "]")) { return .array([]) }
                repeat { items.append(try value(depth: depth + 1)) } while take(UInt8(ascii: ","))
                guard take(UInt8(ascii: "]")) else { throw error("a closing bracket is missing") }
                return .array(items)
            case UInt8(ascii: "\""): return .string(try string())
            default:
                let start = at
                while at < bytes.endIndex, ![0x2c, 0x5d, 0x7d, 0x20, 0x09, 0x0a, 0x0d].contains(bytes[at]) { at += 1 }
                let word = String(decoding: bytes[start..<at], as: UTF8.self)
                if let number = Int(word) { return .integer(number) }
                guard ["true", "false", "null"].contains(word) || Double(word) != nil else {
                    at = start
                    throw error("unexpected \"\(word.prefix(20))\"")
                }
                return .other
            }
        }

        mutating func string() throws -> String {
            guard take(UInt8(ascii: "\"")) else { throw error("a string was expected") }
            var out: [UInt8] = []
            while at < bytes.endIndex {
                let byte = bytes[at]
                at += 1
                if byte == UInt8(ascii: "\"") {
                    guard let text = String(validating: out, as: UTF8.self) else {
                        throw error("a string is not UTF-8")
                    }
                    return text
                }
                guard byte == UInt8(ascii: "\\") else {
                    out.append(byte)
                    continue
                }
                guard at < bytes.endIndex else { break }
                let escape = bytes[at]
                at += 1
                switch escape {
                case UInt8(ascii: "n"): out.append(0x0a)
                case UInt8(ascii: "t"): out.append(0x09)
                case UInt8(ascii: "r"): out.append(0x0d)
                case UInt8(ascii: "b"): out.append(0x08)
                case UInt8(ascii: "f"): out.append(0x0c)
                case UInt8(ascii: "u"):
                    var scalar = try hex()
                    if (0xd800..<0xdc00).contains(scalar), at + 1 < bytes.endIndex, bytes[at] == UInt8(ascii: "\\"),
                        bytes[at + 1] == UInt8(ascii: "u")
                    {
                        at += 2
                        let low = try hex()
                        guard (0xdc00..<0xe000).contains(low) else { throw error("half a surrogate pair") }
                        scalar = 0x10000 + (scalar - 0xd800) << 10 + (low - 0xdc00)
                    }
                    guard let unicode = Unicode.Scalar(scalar) else { throw error("half a surrogate pair") }
                    out += Array(String(Character(unicode)).utf8)
                default: out.append(escape)
                }
            }
            throw error("a string does not end")
        }

        mutating func hex() throws -> UInt32 {
            guard at + 4 <= bytes.endIndex,
                let value = UInt32(String(decoding: bytes[at..<(at + 4)], as: UTF8.self), radix: 16)
            else { throw error("four hexadecimal digits were expected") }
            at += 4
            return value
        }
    }

    /// A string as JSON.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            default:
                if scalar.value < 0x20 {
                    let digits = String(scalar.value, radix: 16)
                    result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                } else {
                    result.unicodeScalars.append(scalar)
                }
            }
        }
        return result + "\""
    }
}
