import Diagnostics
import Glibc

/// What the system says about an error number.
func systemText(_ number: Int32) -> String { String(cString: strerror(number)) }

/// All bytes of a regular file.
/// - Throws: a `.data` error that names the file, also for folders, pipes and files beyond `limit` bytes.
public func readFile(_ path: String, limit: Int) throws -> [UInt8] {
    // Without O_NONBLOCK a pipe would keep us waiting for a writer.
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else { throw cannotOpen(path, errno) }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else { throw cannotOpen(path, errno) }
    guard status.st_mode & S_IFMT == S_IFREG else {
        let what = status.st_mode & S_IFMT == S_IFDIR ? "a folder" : "no regular file"
        throw WorkbenchError(.data, "cannot read '\(path)': it is \(what)")
    }
    let size = Int(status.st_size)
    guard size <= limit else {
        throw WorkbenchError(.data, "cannot read '\(path)': \(size) bytes are more than the limit of \(limit)")
    }
    var failed: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
        filled = 0
        while filled < size, let base = buffer.baseAddress {
            let step = read(file, base + filled, size - filled)
            if step < 0, errno == EINTR { continue }
            if step < 0 { failed = errno }
            if step <= 0 { break }
            filled += step
        }
    }
    guard failed == 0 else { throw cannotOpen(path, failed) }
    return bytes
}

private func cannotOpen(_ path: String, _ number: Int32) -> WorkbenchError {
    if number == ENOENT { return WorkbenchError(.data, "cannot open '\(path)': no such file") }
    return WorkbenchError(.data, "cannot open '\(path)': \(systemText(number))")
}

/// Writes a file through a sibling that is renamed when it is complete, so that an older file stays whole until then.
public func writeFile(_ bytes: [UInt8], to path: String) throws {
    let part = "\(path).partial-\(getpid())"
    let file = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard file >= 0 else { throw cannotWrite(path, errno) }
    var done = 0
    var failed: Int32 = 0
    bytes.withUnsafeBytes { buffer in
        while done < buffer.count, let base = buffer.baseAddress {
            let step = Glibc.write(file, base + done, buffer.count - done)
            if step < 0, errno == EINTR { continue }
            if step < 0 {
                failed = errno
                break
            }
            done += step
        }
    }
    if close(file) != 0, failed == 0 { failed = errno }
    if failed == 0, rename(part, path) != 0 { failed = errno }
    guard failed == 0 else {
        unlink(part)
        throw cannotWrite(path, failed)
    }
}

func cannotWrite(_ path: String, _ number: Int32) -> WorkbenchError {
    WorkbenchError(.data, "cannot write '\(path)': \(systemText(number))")
}

/// Whether something is there, links not followed.
func exists(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0
}

/// Splits a path into its folder (`.` if it names none) and its last part, trailing slashes ignored.
func splitPath(_ path: String) -> (folder: String, name: String) {
    var bytes = Array(path.utf8)
    while bytes.count > 1, bytes.last == UInt8(ascii: "/") { bytes.removeLast() }
    guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else {
        return (".", String(decoding: bytes, as: UTF8.self))
    }
    let folder = slash == 0 ? "/" : String(decoding: bytes[..<slash], as: UTF8.self)
    return (folder, String(decoding: bytes[(slash + 1)...], as: UTF8.self))
}

/// Makes a folder and those above it.
public func makeFolder(_ path: String) throws {
    if mkdir(path, 0o777) == 0 { return }
    var status = stat()
    if errno == EEXIST, stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { return }
    let reason = errno
    let above = splitPath(path).folder
    guard reason == ENOENT, above != path, above != "." else {
        throw WorkbenchError(.data, "cannot make the folder '\(path)': \(systemText(reason))")
    }
    try makeFolder(above)
    guard mkdir(path, 0o777) == 0 || errno == EEXIST else {
        throw WorkbenchError(.data, "cannot make the folder '\(path)': \(systemText(errno))")
    }
}
