import Glibc
import PluginAPI
import Session
import TestSupport
import Testing

/// What a program printed in a session of its own; the start of its error, if it failed, after `ERROR `.
func printed(_ program: String, in folder: String? = nil) -> String {
    let output = CapturedOutput()
    let session = makeSession(capturing: output, workingDirectory: folder)
    let outcome = session.onDeepStack { session.run("library(torch); library(torchvision)\n" + program) }
    let text = output.take()
    return outcome == .finished ? text.out : text.out + "ERROR " + text.error
}

/// Lines without blanks at their ends.
func textLines(_ text: String) -> [String] {
    text.split(separator: "\n").map { line in
        var line = line
        while line.last == " " { line.removeLast() }
        return String(line)
    }
}

/// Runs a body in a new folder that is removed afterwards.
func withFolder<Result>(_ body: (String) throws -> Result) rethrows -> Result {
    let folder = makeTemporaryFolder()
    defer { removeFolder(folder) }
    return try body(folder)
}

private func removeFolder(_ path: String) {
    guard path.hasPrefix("/tmp/") else { return }
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    if status.st_mode & S_IFMT == S_IFDIR, let directory = opendir(path) {
        var names: [String] = []
        while let entry = readdir(directory) {
            names.append(
                withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
        }
        closedir(directory)
        for name in names where name != "." && name != ".." { removeFolder(path + "/" + name) }
        rmdir(path)
    } else {
        unlink(path)
    }
}

/// Whether two texts are equal but for numbers that differ by a relative 2e-6.
func agree(_ first: String, _ second: String) -> Bool {
    let a = first.split(separator: " "), b = second.split(separator: " ")
    guard a.count == b.count else { return false }
    return zip(a, b).allSatisfy { x, y in
        if x == y { return true }
        guard let u = Double(x), let v = Double(y) else { return false }
        return abs(u - v) <= 2e-6 * max(1e-2, abs(u), abs(v))
    }
}
