import Diagnostics
import Glibc
import Tensors

/// The files that a data set reads: what a saved session remembers of it beside its description, to see at restoring that
/// they are there and the same.
public struct DataSource {
    /// The folder as the user named it.
    public let root: String
    /// The files, absolute or below ``root`` as it is written.
    public let files: [String]

    /// Keeps both.
    public init(root: String, files: [String]) {
        self.root = root
        self.files = files
    }

    /// Names and sizes of all files, and the contents of up to 16 of them, as one number; nil if a file is not there.
    ///
    /// - Parameter folder: Where relative paths begin.
    public func fingerprint(in folder: String) -> UInt32? {
        var bytes: [UInt8] = []
        let step = max(1, files.count / 16)
        let prefix = root.hasSuffix("/") ? root : root + "/"
        for (place, file) in files.enumerated() {
            let path = file.hasPrefix("/") ? file : folder + "/" + file
            var status = stat()
            guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
            let name = file.hasPrefix(prefix) ? file.dropFirst(prefix.count) : file[...]
            bytes.append(contentsOf: name.utf8)
            withUnsafeBytes(of: Int64(status.st_size)) { bytes.append(contentsOf: $0) }
            if place % step == 0 {
                guard let sum = DataSource.checksum(path) else { return nil }
                withUnsafeBytes(of: sum) { bytes.append(contentsOf: $0) }
            }
        }
        return Checksum.of(bytes)
    }

    /// Files that are not there, relative ones taken from a folder.
    package func absentFiles(in folder: String) -> [String] {
        files.filter { access($0.hasPrefix("/") ? $0 : folder + "/" + $0, F_OK) != 0 }
    }

    private static func checksum(_ path: String) -> UInt32? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = read(file, &buffer, buffer.count)
        return count < 0 ? nil : Checksum.of(Array(buffer.prefix(count)))
    }
}
