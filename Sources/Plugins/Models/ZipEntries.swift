import Diagnostics
import Glibc

/// The stored (not compressed) entries of a zip file, read where they lie.
final class ZipEntries {
    struct Entry {
        let start: Int
        let size: Int
    }

    private let file: Int32
    private let path: String
    /// Entries by name.
    private(set) var entries: [String: Entry] = [:]

    /// Opens a zip file and reads its directory.
    /// - Throws: `.data` when it is none, is damaged, or needs what is not read here (zip64, encryption).
    init(_ path: String) throws {
        self.path = path
        file = try openRegularFile(path)
        try readDirectory()
    }

    deinit { if file >= 0 { close(file) } }

    /// Size of an entry in bytes; nil if there is none.
    func size(_ name: String) -> Int? { entries[name]?.size }

    /// Bytes of an entry.
    func bytes(_ name: String, limit: Int) throws -> [UInt8] {
        guard let entry = entries[name] else { throw fault("it has no entry \(name)") }
        guard entry.size <= limit else {
            throw fault("the entry \(name) has \(entry.size) bytes, at most \(limit) are read")
        }
        return try read(entry.start, entry.size)
    }

    /// Fills memory with the bytes of an entry, which must be as many.
    func fill(_ target: UnsafeMutableRawBufferPointer, from name: String) throws {
        guard let entry = entries[name], entry.size >= target.count else {
            throw fault("the entry \(name) is missing or too short")
        }
        var done = 0
        while done < target.count, let base = target.baseAddress {
            let n = pread(file, base + done, target.count - done, off_t(entry.start + done))
            if n < 0, errno == EINTR { continue }
            guard n > 0 else { throw fault("it ends too early") }
            done += n
        }
    }

    func fault(_ message: String) -> WorkbenchError {
        WorkbenchError(.data, "'\(path)' is not a readable PyTorch file: \(inOneLine(message))")
    }

    private func read(_ start: Int, _ count: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let n = bytes.withUnsafeMutableBytes { buffer in
                buffer.baseAddress.map { pread(file, $0 + done, count - done, off_t(start + done)) } ?? 0
            }
            if n < 0, errno == EINTR { continue }
            guard n > 0 else { throw fault("it ends too early") }
            done += n
        }
        return bytes
    }

    private func readDirectory() throws {
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { throw fault("it is no file") }
        let size = Int(status.st_size)
        guard size >= 22 else { throw fault("it is no zip file") }
        let tailSize = min(size, 65_557)
        let tail = try read(size - tailSize, tailSize)
        func number(_ bytes: [UInt8], _ at: Int, _ width: Int) -> Int {
            (0..<width).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) }
        }
        var end = tailSize - 22
        while end >= 0, !(tail[end] == 0x50 && tail[end + 1] == 0x4B && tail[end + 2] == 5 && tail[end + 3] == 6) {
            end -= 1
        }
        guard end >= 0 else { throw fault("it is no zip file, or cut off") }
        let (count, length, start) = (number(tail, end + 10, 2), number(tail, end + 12, 4), number(tail, end + 16, 4))
        guard count < 0xFFFF, start < 0xFFFF_FFFF else { throw fault("it is a zip64 file, which is not supported") }
        guard start + length <= size else { throw fault("its directory lies outside of the file") }
        let directory = try read(start, length)
        var at = 0
        for _ in 0..<count {
            guard at + 46 <= length, directory[at] == 0x50, directory[at + 1] == 0x4B, directory[at + 2] == 1 else {
                throw fault("its directory is damaged")
            }
            let (method, packed, full) = (
                number(directory, at + 10, 2), number(directory, at + 20, 4), number(directory, at + 24, 4)
            )
            let (nameSize, extra, comment) = (
                number(directory, at + 28, 2), number(directory, at + 30, 2), number(directory, at + 32, 2)
            )
            let header = number(directory, at + 42, 4)
            guard at + 46 + nameSize <= length else { throw fault("its directory is damaged") }
            let name = String(decoding: directory[(at + 46)..<(at + 46 + nameSize)], as: UTF8.self)
            at += 46 + nameSize + extra + comment
            guard method == 0, packed == full else { throw fault("the entry \(name) is compressed") }
            guard header + 30 <= size else { throw fault("the entry \(name) lies outside of the file") }
            let local = try read(header, 30)
            let data = header + 30 + number(local, 26, 2) + number(local, 28, 2)
            guard data + full <= size else { throw fault("the entry \(name) is cut off") }
            entries[name] = Entry(start: data, size: full)
        }
    }
}
