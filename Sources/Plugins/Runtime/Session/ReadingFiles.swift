import Diagnostics
import Glibc

/// A file that cannot be read, and what the system says about it.
package struct UnreadableFile: Error, Sendable {
    /// The system's error number; `EISDIR` for a folder, `EFBIG` for more bytes than were allowed.
    package let number: Int32

    /// The system's words.
    package var reason: String { String(cString: strerror(number)) }
}

extension Context {
    /// All bytes of a file, or of a pipe or terminal up to its end; Ctrl-C ends the waiting for a pipe that nobody writes.
    ///
    /// - Parameters:
    ///   - path: Absolute.
    ///   - limit: More bytes are an error.
    /// - Throws: ``UnreadableFile``, R's `cannot allocate vector of size …`, and what Ctrl-C throws.
    package func bytes(ofFile path: String, limit: Int = .max) throws -> [UInt8] {
        // With O_NONBLOCK a pipe opens at once: the signal of Ctrl-C reaches another thread than this one.
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw UnreadableFile(number: errno) }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw UnreadableFile(number: errno) }
        let kind = status.st_mode & S_IFMT
        guard kind != S_IFDIR else { throw UnreadableFile(number: EISDIR) }
        let size = Int(status.st_size)
        guard size <= limit else { throw UnreadableFile(number: EFBIG) }
        if kind == S_IFREG { try MemoryDoor.check(bytes: size, named: Double(size)) }
        // One more than the file has: the read that finds the end needs no further room.
        var bytes = [UInt8](repeating: 0, count: kind == S_IFREG ? max(size, 0) + 1 : 1 << 16)
        var filled = 0
        while true {
            if kind != S_IFREG {
                let waits = filled == 0
                guard try isReadable(file, expectsMore: waits) else { continue }
            }
            if filled == bytes.count {
                try MemoryDoor.check(bytes: filled, named: Double(filled))
                bytes.append(contentsOf: repeatElement(0, count: max(1 << 16, min(filled, 1 << 26))))
            }
            let count = bytes.withUnsafeMutableBytes { buffer in
                buffer.baseAddress.map { read(file, $0 + filled, buffer.count - filled) } ?? 0
            }
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            guard count >= 0 else { throw UnreadableFile(number: errno) }
            if count == 0 { break }
            filled += count
            guard filled <= limit else { throw UnreadableFile(number: EFBIG) }
        }
        bytes.removeLast(bytes.count - filled)
        return bytes
    }

    /// Waits up to a tenth of a second for bytes or for the end of a pipe, and lets Ctrl-C and other threads have a turn.
    ///
    /// - Parameter expectsMore: Nothing has come yet. A pipe says that its writer has gone only to those who knew one: who
    ///   has read something asks by reading on.
    private func isReadable(_ file: Int32, expectsMore: Bool) throws -> Bool {
        try pollInterrupt()
        var wanted = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
        var found = poll(&wanted, 1, 0)
        if found == 0 { found = released { poll(&wanted, 1, 100) } }
        if found < 0, errno != EINTR { throw UnreadableFile(number: errno) }
        try pollInterrupt()
        return found > 0 || !expectsMore
    }
}
