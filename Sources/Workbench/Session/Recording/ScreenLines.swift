/// Lines of output as they stand on the screen in the end: without escapes, and of a line that overwrote itself (`\r`)
/// what was written last. Recorder and replay see output with the same eyes.
func screenLines(_ text: String) -> [String] {
    var lines: [String] = []
    var line: [UInt8] = []
    var bytes = Array(text.utf8)[...]
    while let byte = bytes.popFirst() {
        switch byte {
        case 0x0A:
            lines.append(String(decoding: line, as: UTF8.self))
            line = []
        case 0x0D: if bytes.first != 0x0A { line = [] }
        case 0x1B where bytes.first == UInt8(ascii: "["):
            bytes = bytes.dropFirst().drop { !(0x40...0x7E).contains($0) }.dropFirst()
        default: line.append(byte)
        }
    }
    if !line.isEmpty { lines.append(String(decoding: line, as: UTF8.self)) }
    return lines
}
