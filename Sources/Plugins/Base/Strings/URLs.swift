import Diagnostics
import RRuntime

/// Registers `URLencode`, `URLdecode`.
func registerURLs(_ utils: Namespace) {
    utils.function(
        "URLencode", [.value("URL"), .value("reserved", false), .value("repeated", false)],
        help: "Addresses with unusual characters as %XX."
    ) { args in
        let reserved = try args.flag("reserved")
        let repeated = try args.flag("repeated")
        let texts = try args.required("URL").asCharacters().elements
        return .strings(
            texts.map { text in
                let text = text?.string ?? "NA"
                // What is encoded already stays.
                if !repeated, isEncoded(text) { return text }
                return text.utf8.map { isPlain($0, reserved) ? String(UnicodeScalar($0)) : "%" + hex($0) }.joined()
            })
    }
    utils.function("URLdecode", [.value("URL")], help: "Addresses with %XX as characters.") { args in
        .strings(
            try args.required("URL").asCharacters().elements.map { text in
                let bytes = Array((text?.string ?? "NA").utf8)
                var result: [UInt8] = []
                var place = 0
                while place < bytes.count {
                    if bytes[place] == UInt8(ascii: "%"), place + 2 < bytes.count,
                        let value = UInt8(String(decoding: bytes[(place + 1)...(place + 2)], as: UTF8.self), radix: 16)
                    {
                        result.append(value)
                        place += 3
                    } else if bytes[place] == UInt8(ascii: "%"), place + 2 >= bytes.count {
                        // R drops what is cut off.
                        break
                    } else {
                        result.append(bytes[place])
                        place += 1
                    }
                }
                return String(decoding: result, as: UTF8.self)
            })
    }
}

private func hex(_ byte: UInt8) -> String {
    let text = String(byte, radix: 16, uppercase: true)
    return text.utf8.count == 1 ? "0" + text : text
}

private func isPlain(_ byte: UInt8, _ reserved: Bool) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        return true
    default:
        if "-._~".utf8.contains(byte) { return true }
        return !reserved && "!$&'()*+,;=:/?@#[]".utf8.contains(byte)
    }
}

/// Whether a text has %XX somewhere.
private func isEncoded(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    return bytes.indices.dropLast(2).contains { place in
        bytes[place] == UInt8(ascii: "%")
            && UInt8(String(decoding: bytes[(place + 1)...(place + 2)], as: UTF8.self), radix: 16) != nil
    }
}
