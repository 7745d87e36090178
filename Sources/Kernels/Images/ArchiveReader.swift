import CArchive
import Diagnostics

/// What an archive may contain.
public struct ArchiveLimits: Sendable {
    /// Most entries.
    public var entries: Int
    /// Most bytes of all files together, unpacked.
    public var totalBytes: Int
    /// Most unpacked bytes for each byte of the archive (looked at beyond 16 MB).
    public var ratio: Int

    /// Makes limits; the defaults hold any data set of images.
    public init(entries: Int = 5_000_000, totalBytes: Int = 500_000_000_000, ratio: Int = 100) {
        self.entries = entries
        self.totalBytes = totalBytes
        self.ratio = ratio
    }
}

/// One checked entry of an archive.
struct ArchiveEntry {
    enum Kind {
        case file
        case folder
    }

    /// Relative path: no empty part, no `.` or `..`.
    let path: String
    let kind: Kind
    /// Unpacked size as declared, or nil.
    let declaredSize: Int?
}

/// Goes through a zip or tar archive (gzip, bzip2, xz or zstd around it) entry by entry and refuses what has no place
/// in a data set: absolute paths, `..`, links, devices, two entries of one name, bombs.
final class ArchiveReader {
    private let path: String
    private let limits: ArchiveLimits
    private let archive: OpaquePointer
    private let archiveSize: Int
    private var current: OpaquePointer?
    private var entries = 0
    private(set) var totalBytes = 0
    /// Spelling of every path seen, by its lower-case form.
    private var spellings: [String: (path: String, kind: ArchiveEntry.Kind)] = [:]

    init(_ path: String, limits: ArchiveLimits) throws {
        self.path = path
        self.limits = limits
        archiveSize = try fileSize(path)
        guard let archive = archive_read_new() else { throw WorkbenchError(.memory, "no memory to read '\(path)'") }
        self.archive = archive
        archive_read_support_filter_gzip(archive)
        archive_read_support_filter_bzip2(archive)
        archive_read_support_filter_xz(archive)
        archive_read_support_filter_zstd(archive)
        archive_read_support_format_tar(archive)
        // The seekable reader insists on the directory at the end, so that a zip that is cut off is not taken for whole.
        archive_read_support_format_zip_seekable(archive)
        guard archive_read_open_filename(archive, path, 1 << 16) == ARCHIVE_OK else {
            throw WorkbenchError(
                .data, "cannot unpack '\(path)': it is no zip or tar archive, or is damaged (\(errorText))",
                hint: "delete it and download it again")
        }
    }

    deinit { archive_read_free(archive) }

    /// The archive is a zip: its names and sizes are known, and its checksums can be verified, before unpacking.
    var isZip: Bool { archive_format(archive) & ARCHIVE_FORMAT_BASE_MASK == ARCHIVE_FORMAT_ZIP }

    private var errorText: String {
        guard let text = archive_error_string(archive) else { return "unknown reason" }
        return String(cString: text)
    }

    private func refused(_ why: String) -> WorkbenchError {
        WorkbenchError(.data, "cannot unpack '\(path)': \(why)")
    }

    private var damaged: WorkbenchError {
        var error = refused("it is damaged or cut off (\(errorText))")
        error.hint = "delete it and download it again"
        return error
    }

    /// The next entry, or nil at the end; entries that name nothing (`./`) are passed over.
    func next() throws -> ArchiveEntry? {
        while true {
            let code = archive_read_next_header(archive, &current)
            if code == ARCHIVE_EOF { return nil }
            guard code == ARCHIVE_OK || code == ARCHIVE_WARN, let header = current else { throw damaged }
            entries += 1
            guard entries <= limits.entries else { throw refused("it has more than \(limits.entries) entries") }
            if let entry = try checked(header) { return entry }
        }
    }

    private func checked(_ header: OpaquePointer) throws -> ArchiveEntry? {
        guard let raw = archive_entry_pathname_utf8(header) ?? archive_entry_pathname(header) else {
            throw refused("an entry has no name")
        }
        let name = String(cString: raw)
        let kind: ArchiveEntry.Kind
        if archive_entry_hardlink(header) != nil { throw refused("'\(name)' is a hard link") }
        switch archive_entry_filetype(header) & 0o170000 {
        case 0o100000: kind = .file
        case 0o040000: kind = .folder
        case 0o120000: throw refused("'\(name)' is a symbolic link")
        default: throw refused("'\(name)' is neither a file nor a folder")
        }
        guard let clean = try relative(name) else { return nil }
        try remember(clean, kind)
        let size = archive_entry_size_is_set(header) != 0 ? Int(archive_entry_size(header)) : nil
        if kind == .file, let size {
            guard size >= 0, size <= limits.totalBytes - totalBytes else {
                throw refused("unpacked it has more than \(limits.totalBytes) bytes")
            }
        }
        return ArchiveEntry(path: clean, kind: kind, declaredSize: size)
    }

    private func relative(_ name: String) throws -> String? {
        guard name.utf8.first != UInt8(ascii: "/"), !name.utf8.contains(UInt8(ascii: "\\")) else {
            throw refused("'\(name)' is no relative path")
        }
        guard name.utf8.count < 4096 else { throw refused("a path in it has \(name.utf8.count) bytes") }
        let parts = name.utf8.split(separator: UInt8(ascii: "/")).map { String(decoding: $0, as: UTF8.self) }
            .filter { $0 != "." }
        guard !parts.contains("..") else { throw refused("'\(name)' leads out of its folder") }
        return parts.isEmpty ? nil : parts.joined(separator: "/")
    }

    /// Notes a path and the folders above it; a folder may come twice, anything else may not.
    private func remember(_ clean: String, _ kind: ArchiveEntry.Kind) throws {
        var folder = ""
        let parts = clean.split(separator: "/")
        for part in parts.dropLast() {
            folder += folder.isEmpty ? String(part) : "/" + part
            try note(folder, .folder)
        }
        try note(clean, kind)
    }

    private func note(_ path: String, _ kind: ArchiveEntry.Kind) throws {
        let folded = path.lowercased()
        guard let known = spellings[folded] else {
            spellings[folded] = (path, kind)
            return
        }
        guard known.path.utf8.elementsEqual(path.utf8) else {
            throw refused("'\(known.path)' and '\(path)' differ in upper and lower case only")
        }
        guard kind == .folder, known.kind == .folder else { throw refused("'\(path)' is in it twice") }
    }

    /// Reads the present file to its end in pieces.
    func read(_ entry: ArchiveEntry, _ use: (UnsafeRawBufferPointer) throws -> Void) throws {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 17, alignment: 16)
        defer { buffer.deallocate() }
        var count = 0
        while true {
            let step = archive_read_data(archive, buffer.baseAddress, buffer.count)
            guard step >= 0 else { throw damaged }
            if step == 0 { break }
            count += step
            totalBytes += step
            if let size = entry.declaredSize, count > size {
                throw refused("'\(entry.path)' has more bytes than the \(size) it declares")
            }
            guard totalBytes <= limits.totalBytes else {
                throw refused("unpacked it has more than \(limits.totalBytes) bytes")
            }
            let (allowed, isHuge) = archiveSize.multipliedReportingOverflow(by: max(limits.ratio, 1))
            guard isHuge || totalBytes <= max(allowed, 16 << 20) else {
                throw refused("it unpacks to more than \(limits.ratio) times its size")
            }
            try use(UnsafeRawBufferPointer(rebasing: buffer[..<step]))
        }
        if let size = entry.declaredSize, count < size {
            throw refused("'\(entry.path)' ends after \(count) of \(size) bytes")
        }
    }
}
