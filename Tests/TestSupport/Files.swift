import Diagnostics
import Glibc

/// The folder of Package.swift.
public let packageRoot: String = {
    let parts = #filePath.split(separator: "/").dropLast(3)
    return "/" + parts.joined(separator: "/")
}()

/// The reference recordings that do not belong to the package: `WORKBENCH_GOLDEN`, else `../shared/golden`; nil when
/// they are not there.
public let goldenRoot: String? = {
    let path = getenv("WORKBENCH_GOLDEN").map { String(cString: $0) } ?? packageRoot + "/../shared/golden"
    return isFolder(path) ? path : nil
}()

/// The text of a file, or nil if there is none.
public func textOfFile(_ path: String) -> String? {
    guard let stream = fopen(path, "r") else { return nil }
    defer { fclose(stream) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = fread(&buffer, 1, buffer.count, stream)
        if count == 0 { break }
        bytes += buffer[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
}

/// Writes a file.
public func write(_ text: String, to path: String) {
    guard let stream = fopen(path, "w") else { return }
    fputs(text, stream)
    fclose(stream)
}

/// A new empty folder.
public func makeTemporaryFolder() -> String {
    var template = Array("/tmp/workbench-test-XXXXXX\0".utf8CString)
    guard mkdtemp(&template) != nil else { return "/tmp" }
    return template.withUnsafeBufferPointer { buffer in
        guard let start = buffer.baseAddress else { return "/tmp" }
        return String(cString: start)
    }
}

/// Runs a body with a new empty folder, which goes with all that is in it.
public func inTemporaryFolder<Result>(_ body: (String) throws -> Result) rethrows -> Result {
    let folder = makeTemporaryFolder()
    defer { removeTree(folder) }
    return try body(folder)
}

/// Names of everything in a folder, hidden ones too, sorted.
public func entries(of folder: String) -> [String] { fileNames(in: folder).sorted() }

/// Files below a folder whose names end so, sorted.
public func files(under folder: String, ending: String) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var found: [String] = []
    while let entry = readdir(directory) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        guard name.utf8.first != UInt8(ascii: ".") else { continue }
        let path = folder + "/" + name
        if isFolder(path) {
            found += files(under: path, ending: ending)
        } else if name.hasSuffix(ending) {
            found.append(path)
        }
    }
    return found.sorted()
}

private func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}
