import Diagnostics
import Glibc
import PluginAPI

/// The newest checkpoint of a path: the file itself, or of a folder the one with the highest epoch in its name that can be
/// read.
package struct CheckpointFolder {
    /// Where it was found, and what it holds.
    package let path: String
    package let checkpoint: Checkpoint

    /// - Parameter passing: Told of files that look like checkpoints and are none, with the reason.
    /// - Throws: what reading a single file throws.
    /// - Returns: Nil where there is nothing.
    package init?(_ path: String, passing: (_ path: String, _ reason: String) throws -> Void) throws {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            self.path = path
            checkpoint = try Checkpoint(reading: path)
            return
        }
        for name in CheckpointFolder.candidates(in: path) {
            let file = path.hasSuffix("/") ? path + name : path + "/" + name
            do {
                let found = try Checkpoint(reading: file)
                (self.path, checkpoint) = (file, found)
                return
            } catch let error as WorkbenchError where error.kind == .data {
                try passing(file, error.message)
            }
        }
        return nil
    }

    /// Names of files, the newest epoch first; equal ones by time, then by name.
    static func candidates(in folder: String) -> [String] {
        var found: [(name: String, epoch: Int, seconds: Int, nanoseconds: Int)] = []
        for name in fileNames(in: folder) {
            var status = stat()
            guard name.utf8.first != UInt8(ascii: "."), !name.hasSuffix(".part"),
                stat(folder + "/" + name, &status) == 0, status.st_mode & S_IFMT == S_IFREG
            else { continue }
            found.append(
                (name, epoch(in: name), Int(status.st_mtim.tv_sec), Int(status.st_mtim.tv_nsec)))
        }
        return found.ordered { a, b in
            if a.epoch != b.epoch { return a.epoch > b.epoch }
            if a.seconds != b.seconds { return a.seconds > b.seconds }
            if a.nanoseconds != b.nanoseconds { return a.nanoseconds > b.nanoseconds }
            return Text(a.name) > Text(b.name)
        }.map { $0.name }
    }

    /// The number behind "epoch" in a name, else the first number; −1 without any.
    static func epoch(in name: String) -> Int {
        let bytes = Array(name.utf8)
        let word = Array("epoch".utf8)
        func number(from start: Int) -> Int? {
            var place = start
            while place < bytes.count, !(48...57).contains(bytes[place]) { place += 1 }
            let digits = bytes[place...].prefix { (48...57).contains($0) }
            return Int(String(decoding: digits, as: UTF8.self))
        }
        for place in bytes.indices where bytes[place...].starts(with: word) {
            if let number = number(from: place + word.count) { return number }
        }
        return number(from: 0) ?? -1
    }
}
