import Glibc

/// The door through which files are written that must not be lost: a file appears whole or not at all.
///
/// What is written goes to a temporary sibling of the file, which gets the mode of the file it is to replace, is brought
/// to the disk and then takes the file's place, and the folder is brought to the disk as well. Whatever fails on the way,
/// the old file stays as it was and the sibling goes. A symbolic link stays a link; what is no regular file (`/dev/null`,
/// a pipe) is written directly.
///
/// Siblings that a killed process left behind go with the next file written into the folder: each is locked as long as its
/// process lives, so none in use is taken.
public final class AtomicFile {
    /// What the system is asked for, in the order of a write.
    public enum Step: String, CaseIterable, Sendable {
        /// Making the temporary file, or opening the file to append to.
        case open
        /// Writing bytes.
        case write
        /// Bringing the file to the disk.
        case sync
        /// Closing it.
        case close
        /// Putting it into its place.
        case rename
        /// Bringing the folder's entry to the disk.
        case syncFolder
    }

    /// A step that failed.
    public struct Failure: Error {
        /// Which.
        public let step: Step
        /// The file that was to be written.
        public let path: String
        /// The system's error number.
        public let number: Int32

        /// What the system says.
        public var reason: String { String(cString: strerror(number)) }

        /// `cannot write 'PATH': REASON`.
        public var error: WorkbenchError {
            WorkbenchError(.data, "cannot write '\(path)': \(reason)", hint: hint)
        }

        private var hint: String? {
            switch number {
            case ENOSPC, EDQUOT: return "the disk is full; what was there before is as it was"
            case EACCES, EPERM, EROFS: return "the folder must allow to make files in it"
            case EFBIG:
                return
                    "the shell (ulimit -f) or the file system allows no file of that size; what was there before is as it was"
            case ENXIO where step == .open: return "it is a pipe, and nobody reads from it"
            case ENOENT where step == .open: return "the folder does not exist: dir.create() makes it"
            case ENAMETOOLONG: return "the name of a file has at most 255 bytes"
            default: return nil
            }
        }
    }

    /// For tests: asked before each step; an error number in return lets the step fail with it. Nothing else sets it.
    nonisolated(unsafe) static var fault: (@Sendable (_ step: Step, _ path: String) -> Int32?)?

    /// The file as it was named.
    public let path: String
    /// The sibling that is being filled; the file itself where that is no regular file.
    public private(set) var temporaryPath: String
    /// Where it goes: behind symbolic links.
    private let target: String
    private var file: Int32
    private let isDirect: Bool
    /// Whether there is something to complete or to discard.
    private var isOpen = false

    // MARK: Writing

    /// Begins to write a file.
    /// - Throws: when there can be no file in its folder.
    public init(_ path: String) throws(Failure) {
        self.path = path
        let target = AtomicFile.target(of: path)
        self.target = target
        var old = stat()
        let exists = stat(target, &old) == 0
        isDirect = exists && old.st_mode & S_IFMT != S_IFREG
        if let number = AtomicFile.fault?(.open, path) {
            (temporaryPath, file) = (path, -1)
            throw Failure(step: .open, path: path, number: number)
        }
        if isDirect {
            temporaryPath = target
            // Without O_NONBLOCK a pipe would keep us waiting for a reader.
            file = open(target, O_WRONLY | O_CLOEXEC | O_NONBLOCK)
            guard file >= 0 else { throw Failure(step: .open, path: path, number: errno) }
            _ = fcntl(file, F_SETFL, fcntl(file, F_GETFL) & ~O_NONBLOCK)
            isOpen = true
            return
        }
        // A new file in its place would do what its protection forbids.
        if exists, faccessat(AT_FDCWD, target, W_OK, AT_EACCESS) != 0 {
            (temporaryPath, file) = (path, -1)
            throw Failure(step: .open, path: path, number: errno)
        }
        let (folder, name) = AtomicFile.split(target)
        // The sibling's name is short; a name that is too long would show at the end only.
        guard name.utf8.count <= 255 else {
            (temporaryPath, file) = (path, -1)
            throw Failure(step: .open, path: path, number: ENAMETOOLONG)
        }
        AtomicFile.cleanUp(folder)
        var number = 0
        repeat {
            temporaryPath = "\(folder)/\(AtomicFile.prefix)\(getpid())-\(number)\(AtomicFile.suffix)"
            file = open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o666)
            number += 1
        } while file < 0 && errno == EEXIST && number < 10_000
        guard file >= 0 else { throw Failure(step: .open, path: path, number: errno) }
        isOpen = true
        // Held until the file is in its place; the system lets go of it when the process dies.
        flock(file, LOCK_EX | LOCK_NB)
        if exists {
            fchmod(file, old.st_mode & 0o7777)
            _ = fchown(file, old.st_uid, old.st_gid)
        }
    }

    deinit { if isOpen { discard() } }

    /// Adds bytes.
    public func write(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
        var done = 0
        while done < bytes.count, let base = bytes.baseAddress {
            if let number = AtomicFile.fault?(.write, path) { throw Failure(step: .write, path: path, number: number) }
            let count = Glibc.write(file, base + done, bytes.count - done)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw Failure(step: .write, path: path, number: count < 0 ? errno : ENOSPC)
            }
            done += count
        }
    }

    /// Adds bytes.
    public func write(_ bytes: [UInt8]) throws(Failure) {
        let result: Result<Void, Failure> = bytes.withUnsafeBytes { buffer in
            do throws(Failure) {
                try write(buffer)
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }

    /// Puts the file into its place. Without it the file stays as it was.
    public func commit() throws(Failure) {
        guard isOpen else { return }
        guard !isDirect else {
            isOpen = false
            if close(file) != 0 { throw Failure(step: .close, path: path, number: errno) }
            return
        }
        try step(.sync) { fsync(file) }
        // Closed before it takes its place, for closing may still report a failed write; the copy holds the lock.
        let lock = fcntl(file, F_DUPFD_CLOEXEC, 0)
        defer { if lock >= 0 { close(lock) } }
        if let number = AtomicFile.fault?(.close, path) {
            discard()
            throw Failure(step: .close, path: path, number: number)
        }
        let isClosed = close(file) == 0
        let number = errno
        file = -1
        guard isClosed else {
            discard()
            throw Failure(step: .close, path: path, number: number)
        }
        try step(.rename) { rename(temporaryPath, target) }
        isOpen = false
        // The file is in its place and whole; a folder that cannot be brought to the disk is worth a word all the same.
        if let number = AtomicFile.fault?(.syncFolder, path) {
            throw Failure(step: .syncFolder, path: path, number: number)
        }
        try AtomicFile.syncFolder(AtomicFile.split(target).folder, path)
    }

    private func step(_ step: Step, _ body: () -> Int32) throws(Failure) {
        var number = AtomicFile.fault?(step, path)
        if number == nil, body() != 0 { number = errno }
        guard let number else { return }
        discard()
        throw Failure(step: step, path: path, number: number)
    }

    private func discard() {
        isOpen = false
        if file >= 0 { close(file) }
        file = -1
        if !isDirect { unlink(temporaryPath) }
    }

    // MARK: Whole files

    /// Writes a file through a body that fills it; what the body throws leaves the old file as it was.
    /// - Throws: `cannot write 'PATH': REASON`, and what the body throws.
    public static func write(to path: String, _ body: (AtomicFile) throws -> Void) throws {
        do {
            let file = try AtomicFile(path)
            try body(file)
            try file.commit()
        } catch let failure as Failure {
            throw failure.error
        }
    }

    /// Writes a file.
    /// - Throws: `cannot write 'PATH': REASON`.
    public static func write(_ bytes: [UInt8], to path: String) throws {
        try write(to: path) { try $0.write(bytes) }
    }

    // MARK: Appending

    /// Adds bytes to the end of a file in one write, made if it is not there, and brings them to the disk. What fails
    /// leaves the file at its old length.
    /// - Returns: The length of the file afterwards.
    @discardableResult
    public static func append(_ bytes: [UInt8], to path: String) throws(Failure) -> Int {
        if let number = fault?(.open, path) { throw Failure(step: .open, path: path, number: number) }
        let file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0o666)
        guard file >= 0 else { throw Failure(step: .open, path: path, number: errno) }
        _ = fcntl(file, F_SETFL, fcntl(file, F_GETFL) & ~O_NONBLOCK)
        var status = stat()
        let before = fstat(file, &status) == 0 ? Int(status.st_size) : 0
        let isRegular = status.st_mode & S_IFMT == S_IFREG
        func fail(_ step: Step, _ number: Int32) -> Failure {
            if isRegular { _ = ftruncate(file, off_t(before)) }
            if step != .close { close(file) }
            return Failure(step: step, path: path, number: number)
        }
        var done = 0
        while done < bytes.count {
            if let number = fault?(.write, path) { throw fail(.write, number) }
            let count = bytes.withUnsafeBytes { buffer in
                buffer.baseAddress.map { Glibc.write(file, $0 + done, buffer.count - done) } ?? 0
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw fail(.write, count < 0 ? errno : ENOSPC) }
            done += count
        }
        if let number = fault?(.sync, path) { throw fail(.sync, number) }
        if fsync(file) != 0, errno != EINVAL, errno != EROFS { throw fail(.sync, errno) }
        if let number = fault?(.close, path) {
            defer { close(file) }
            throw fail(.close, number)
        }
        guard close(file) == 0 else { throw Failure(step: .close, path: path, number: errno) }
        return before + done
    }

    /// Cuts a file to a length, and brings that to the disk.
    public static func cut(_ path: String, to length: Int) throws(Failure) {
        if let number = fault?(.open, path) { throw Failure(step: .open, path: path, number: number) }
        let file = open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw Failure(step: .open, path: path, number: errno) }
        defer { close(file) }
        if let number = fault?(.write, path) { throw Failure(step: .write, path: path, number: number) }
        guard ftruncate(file, off_t(length)) == 0 else { throw Failure(step: .write, path: path, number: errno) }
        guard fsync(file) == 0 else { throw Failure(step: .sync, path: path, number: errno) }
    }

    // MARK: Folders

    private static func syncFolder(_ folder: String, _ path: String) throws(Failure) {
        let directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { return }
        defer { close(directory) }
        // Some file systems have nothing to bring to the disk.
        guard fsync(directory) == 0 || errno == EINVAL || errno == EROFS || errno == ENOTSUP else {
            throw Failure(step: .syncFolder, path: path, number: errno)
        }
    }

    private static let prefix = ".workbench-"
    private static let suffix = ".part"

    /// Removes siblings that killed processes left in a folder.
    static func cleanUp(_ folder: String) {
        for name in fileNames(in: folder) {
            guard let process = process(of: name), process != getpid(), kill(process, 0) != 0, errno == ESRCH else {
                continue
            }
            // The process may be alive under another number, seen from a container: then it holds the lock.
            let path = folder + "/" + name
            let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
            guard file >= 0 else { continue }
            if flock(file, LOCK_EX | LOCK_NB) == 0 { unlink(path) }
            close(file)
        }
    }

    /// The process in the name of a sibling, nil for other names.
    static func process(of name: String) -> pid_t? {
        guard name.hasPrefix(prefix), name.hasSuffix(suffix) else { return nil }
        let parts = name.dropFirst(prefix.count).dropLast(suffix.count).split(separator: "-")
        guard parts.count == 2, Int(parts[1]) != nil, let process = pid_t(parts[0]), process > 0 else { return nil }
        return process
    }

    /// What a path leads to: the end of symbolic links, also where there is no file yet.
    private static func target(of path: String) -> String {
        var path = path
        for _ in 0..<40 {
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = buffer.withUnsafeMutableBytes { bytes in
                bytes.baseAddress.map { readlink(path, $0.assumingMemoryBound(to: CChar.self), bytes.count) } ?? -1
            }
            guard count > 0 else { return path }
            let next = String(decoding: buffer[..<count], as: UTF8.self)
            path = next.hasPrefix("/") ? next : split(path).folder + "/" + next
        }
        return path
    }

    private static func split(_ path: String) -> (folder: String, name: String) {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return (".", path) }
        let folder = String(path[..<slash])
        return (folder.isEmpty ? "/" : folder, String(path[path.utf8.index(after: slash)...]))
    }
}
