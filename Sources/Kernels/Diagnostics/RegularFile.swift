import Glibc

/// Opens a regular file for reading, without waiting for the writer of a pipe.
///
/// - Returns: Its descriptor, which the caller closes.
/// - Throws: a `.data` error that names the file and what the system says, or that it is no file (a folder, a pipe).
package func openRegularFile(_ path: String) throws -> Int32 {
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else {
        throw WorkbenchError(.data, "cannot open '\(path)': \(String(cString: strerror(errno)))")
    }
    var status = stat()
    guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
        close(file)
        throw WorkbenchError(.data, "cannot read '\(path)': it is not a file")
    }
    return file
}
