import CZlib
import Diagnostics
import Glibc
import PluginAPI

/// Whole files of bytes, and gzip in memory.
enum Gzip {
    /// Bytes compressed as `gzip -6` would; `poll` is called now and then and may end it.
    static func compressed(_ bytes: [UInt8], poll: () throws -> Void) throws -> [UInt8] {
        var stream = z_stream()
        // 31: the largest window with a gzip header.
        guard
            deflateInit2_(
                &stream, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
                == Z_OK
        else { throw WorkbenchError(.memory, "zlib cannot be started") }
        defer { deflateEnd(&stream) }
        return try pump(bytes, &stream, poll) { deflate(&$0, $1 ? Z_FINISH : Z_NO_FLUSH) }
    }

    /// The bytes of a gzip file; others as they are.
    static func expanded(_ bytes: [UInt8]) throws -> [UInt8] {
        guard bytes.count > 2, bytes[0] == 0x1f, bytes[1] == 0x8b else { return bytes }
        var stream = z_stream()
        guard inflateInit2_(&stream, 47, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw WorkbenchError(.memory, "zlib cannot be started")
        }
        defer { inflateEnd(&stream) }
        return try pump(bytes, &stream, {}) { stream, _ in inflate(&stream, Z_NO_FLUSH) }
    }

    private static func pump(
        _ bytes: [UInt8], _ stream: inout z_stream, _ poll: () throws -> Void,
        _ step: (inout z_stream, Bool) -> Int32
    ) throws -> [UInt8] {
        var input = bytes
        var result: [UInt8] = []
        let chunk = 1 << 16
        var buffer = [UInt8](repeating: 0, count: chunk)
        var consumed = 0
        while true {
            // Once for every 64 kilobytes that come out.
            try poll()
            let part = min(input.count - consumed, 1 << 30)
            let isLast = consumed + part == input.count
            var status: Int32 = Z_OK
            var used = 0
            input.withUnsafeMutableBufferPointer { source in
                buffer.withUnsafeMutableBufferPointer { target in
                    stream.next_in = source.baseAddress.map { $0 + consumed }
                    stream.avail_in = UInt32(part)
                    stream.next_out = target.baseAddress
                    stream.avail_out = UInt32(chunk)
                    status = step(&stream, isLast)
                    used = chunk - Int(stream.avail_out)
                }
            }
            result.append(contentsOf: buffer[0..<used])
            consumed += part - Int(stream.avail_in)
            if status == Z_STREAM_END { return result }
            guard status == Z_OK || (status == Z_BUF_ERROR && used > 0) else {
                throw WorkbenchError(.data, "the compressed file is damaged", hint: "it ends early or was changed")
            }
        }
    }

    /// Reads a file.
    static func read(_ path: String, _ context: Context) throws -> [UInt8] {
        do {
            return try context.bytes(ofFile: path)
        } catch let fault as UnreadableFile {
            guard fault.number == EISDIR else {
                throw WorkbenchError(.data, "cannot open the connection", hint: "\(path): \(fault.reason)")
            }
            throw WorkbenchError(.data, "error reading from \(path): \(fault.reason)")
        }
    }

    /// Writes a file; a failure leaves the old one whole.
    /// - Throws: R's `cannot open the connection` where there can be no file.
    static func write(_ bytes: [UInt8], to path: String) throws {
        do {
            let file = try AtomicFile(path)
            try file.write(bytes)
            try file.commit()
        } catch {
            guard error.step == .open else { throw error.error }
            throw WorkbenchError(.data, "cannot open the connection", hint: "\(path): \(error.reason)")
        }
    }
}
