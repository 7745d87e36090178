import CZlib
import Diagnostics
import PluginAPI

/// An array of bytes in the idx format of MNIST: sizes, then the bytes, row-major.
struct IdxFile {
    /// Sizes of the dimensions.
    let shape: [Int]
    /// The elements.
    let bytes: [UInt8]

    /// Reads a file, gzipped or not.
    /// - Throws: `.data` when it is damaged, holds no bytes, or is larger than `limit`.
    init(_ path: String, limit: Int = 1 << 30) throws {
        guard let file = gzopen(path, "rb") else { throw WorkbenchError(.data, "cannot open '\(path)'") }
        defer { gzclose(file) }
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = gzread(file, &buffer, UInt32(buffer.count))
            guard count >= 0 else { throw WorkbenchError(.data, "'\(path)' is damaged: it cannot be unpacked") }
            if count == 0 { break }
            all += buffer[..<Int(count)]
            guard all.count <= limit else { throw WorkbenchError(.data, "'\(path)' is larger than \(limit) bytes") }
        }
        guard all.count >= 4, all[0] == 0, all[1] == 0, all[2] == 8, (1...4).contains(all[3]),
            all.count >= 4 + 4 * Int(all[3])
        else { throw WorkbenchError(.data, "'\(path)' is no idx file of bytes") }
        var shape: [Int] = []
        var total = 1
        for d in 0..<Int(all[3]) {
            let size = all[(4 + 4 * d)..<(8 + 4 * d)].reduce(0) { $0 << 8 | Int($1) }
            shape.append(size)
            let (product, overflow) = total.multipliedReportingOverflow(by: size)
            guard !overflow else { throw WorkbenchError(.data, "'\(path)' has impossible sizes") }
            total = product
        }
        let begin = 4 + 4 * shape.count
        guard all.count - begin == total else {
            throw WorkbenchError(
                .data, "'\(path)' is damaged: \(total) bytes are announced and \(all.count - begin) are there")
        }
        self.shape = shape
        bytes = Array(all[begin...])
    }
}
