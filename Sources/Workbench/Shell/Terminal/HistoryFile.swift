import Diagnostics
import Glibc

/// The file that keeps what was typed: one entry a line, only ever appended to, so that shells side by side lose nothing.
///
/// Line ends inside an entry are written `\n`, backslashes `\\`. Nothing about it is fatal: what cannot be written is said
/// once. Entries are not brought to the disk one by one: a paste of a thousand lines would wait for each.
struct HistoryFile {
    /// Where it is.
    let path: String

    /// The file of the user, in the state folder.
    static func ofUser() -> HistoryFile? { UserFolder.state.path.map { HistoryFile(path: $0 + "/history") } }

    /// The last entries, oldest first.
    func load(limit: Int = 10_000) -> [String] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        // A file that has grown for years is read from near its end.
        let most = 8 << 20
        let size = Int(lseek(descriptor, 0, SEEK_END))
        let isCut = size > most
        lseek(descriptor, isCut ? off_t(size - most) : 0, SEEK_SET)
        guard case .success(let bytes) = readWhole(descriptor) else { return [] }
        var lines = bytes.split(separator: UInt8(ascii: "\n"))
        if isCut, !lines.isEmpty { lines.removeFirst() }
        return lines.suffix(limit).map { HistoryFile.decoded($0) }
    }

    /// Adds an entry: one write to the end of the file, whole or not at all.
    /// - Returns: Why it could not be written, or nil.
    func append(_ entry: String) -> String? {
        if let slash = path.lastIndex(of: "/") { _ = UserFolder.make(String(path[..<slash])) }
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return String(cString: strerror(errno)) }
        defer { close(descriptor) }
        // A shell beside this one must not add an entry where a broken one is cut off.
        flock(descriptor, LOCK_EX)
        let before = lseek(descriptor, 0, SEEK_END)
        let line = HistoryFile.encoded(entry)
        let count = line.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        guard count != line.count else { return nil }
        let number = count < 0 ? errno : ENOSPC
        if count > 0, before >= 0 { ftruncate(descriptor, before) }
        return String(cString: strerror(number))
    }

    static func encoded(_ entry: String) -> [UInt8] {
        var bytes: [UInt8] = []
        for byte in entry.utf8 {
            switch byte {
            case UInt8(ascii: "\n"): bytes += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
            case UInt8(ascii: "\\"): bytes += [byte, byte]
            default: bytes.append(byte)
            }
        }
        return bytes + [UInt8(ascii: "\n")]
    }

    static func decoded(_ line: some Sequence<UInt8>) -> String {
        var bytes: [UInt8] = []
        var isEscaped = false
        for byte in line {
            if isEscaped {
                bytes.append(byte == UInt8(ascii: "n") ? UInt8(ascii: "\n") : byte)
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
