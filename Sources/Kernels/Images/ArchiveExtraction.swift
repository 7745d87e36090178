import Diagnostics
import Glibc

/// How far unpacking is.
public struct ExtractionProgress: Sendable {
    /// Verifying before unpacking (zip), or unpacking.
    public var isVerifying: Bool
    /// Files done in this pass.
    public var files: Int
    /// Bytes done in this pass.
    public var bytes: Int
}

/// Unpacks a zip or tar archive (gzip, bzip2, xz, zstd) into a new folder.
///
/// A zip is read through once and its checksums compared before anything is written. Files go into a sibling of
/// `folder` that is renamed when everything is there: the folder exists whole or not at all. Siblings left by a process
/// that died are removed. The checksum of a gzip stream is not looked at (libarchive does not): give
/// ``download(url:to:expected:options:progress:)`` one of the whole file.
/// - Parameters:
///   - archive: The archive.
///   - folder: Folder to make; it must not exist, or be empty.
///   - subfolder: Take only this folder of the archive, as the new folder itself (an archive of `data/…` into `data`).
///   - limits: What the archive may contain.
///   - progress: Hears how far it is, some hundred files apart; what it throws ends the work and cleans up.
/// - Returns: Number of files written.
/// - Throws: a `.data` error of one line: damaged, or with entries that have no place in a data set (absolute paths,
///   `..`, links, devices, names that collide, bombs).
@discardableResult
public func extractArchive(
    from archive: String, to folder: String, subfolder: String? = nil, limits: ArchiveLimits = ArchiveLimits(),
    progress: ((ExtractionProgress) throws -> Void)? = nil
) throws -> Int {
    let (above, name) = splitPath(folder)
    guard fileNames(in: folder).isEmpty, !exists(folder) || isFolder(folder) else {
        throw WorkbenchError(.data, "cannot unpack into '\(folder)': it exists and is not empty")
    }
    try makeFolder(above)
    removeStaleParts(of: name, in: above)

    let reader = try ArchiveReader(archive, limits: limits)
    var pending = try reader.next()
    guard pending != nil else { throw WorkbenchError(.data, "cannot unpack '\(archive)': it is empty") }
    if reader.isZip { try verify(archive, limits, progress) }

    let part = "\(above)/.\(name).partial-\(getpid())"
    removeTree(part)
    guard mkdir(part, 0o777) == 0 else { throw cannotWrite(part, errno) }
    do {
        var done = ExtractionProgress(isVerifying: false, files: 0, bytes: 0)
        var knownFolders: Set<String> = [part]
        while let entry = pending {
            try unpack(entry, reader, into: part, &knownFolders)
            if entry.kind == .file { done.files += 1 }
            done.bytes = reader.totalBytes
            if done.files % 256 == 1 { try progress?(done) }
            pending = try reader.next()
        }
        try progress?(done)
        let source = try subfolder.map { try find($0, in: part, archive) } ?? part
        guard rename(source, folder) == 0 else { throw cannotWrite(folder, errno) }
        removeTree(part)
        return done.files
    } catch {
        removeTree(part)
        throw error
    }
}

private func verify(_ archive: String, _ limits: ArchiveLimits, _ progress: ((ExtractionProgress) throws -> Void)?)
    throws
{
    let reader = try ArchiveReader(archive, limits: limits)
    var done = ExtractionProgress(isVerifying: true, files: 0, bytes: 0)
    while let entry = try reader.next() {
        guard entry.kind == .file else { continue }
        try reader.read(entry) { _ in }
        done.files += 1
        done.bytes = reader.totalBytes
        if done.files % 256 == 1 { try progress?(done) }
    }
}

private func unpack(
    _ entry: ArchiveEntry, _ reader: ArchiveReader, into part: String, _ knownFolders: inout Set<String>
) throws {
    let target = "\(part)/\(entry.path)"
    let folder = entry.kind == .folder ? target : splitPath(target).folder
    if !knownFolders.contains(folder) {
        try makeFolder(folder)
        knownFolders.insert(folder)
    }
    guard entry.kind == .file else { return }
    let file = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o666)
    guard file >= 0 else { throw cannotWrite(target, errno) }
    defer { close(file) }
    try reader.read(entry) { bytes in
        var done = 0
        while done < bytes.count, let base = bytes.baseAddress {
            let step = write(file, base + done, bytes.count - done)
            if step < 0, errno == EINTR { continue }
            guard step >= 0 else { throw cannotWrite(target, errno) }
            done += step
        }
    }
}

private func find(_ subfolder: String, in part: String, _ archive: String) throws -> String {
    let source = "\(part)/\(subfolder)"
    guard !subfolder.split(separator: "/").contains(".."), isFolder(source) else {
        let found = fileNames(in: part).inByteOrder().prefix(5).map { "'\($0)'" }.joined(separator: ", ")
        throw WorkbenchError(.data, "'\(archive)' holds no folder '\(subfolder)': it has \(found)")
    }
    return source
}

/// Size of a regular file.
func fileSize(_ path: String) throws -> Int {
    var status = stat()
    guard stat(path, &status) == 0 else {
        let reason = errno == ENOENT ? "no such file" : systemText(errno)
        throw WorkbenchError(.data, "cannot open '\(path)': \(reason)")
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
        let what = status.st_mode & S_IFMT == S_IFDIR ? "a folder" : "no regular file"
        throw WorkbenchError(.data, "cannot read '\(path)': it is \(what)")
    }
    return Int(status.st_size)
}

private func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

private func removeStaleParts(of name: String, in folder: String) {
    let prefix = ".\(name).partial-"
    for candidate in fileNames(in: folder) where candidate.hasPrefix(prefix) {
        guard let process = Int32(candidate.dropFirst(prefix.count)), process > 0 else { continue }
        if kill(process, 0) != 0, errno == ESRCH { removeTree("\(folder)/\(candidate)") }
    }
}
