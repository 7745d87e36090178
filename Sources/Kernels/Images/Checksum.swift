import CCrypto
import Diagnostics
import Glibc

/// A digest a file is known by.
public enum Checksum: Sendable, Equatable {
    /// 32 hexadecimal digits.
    case md5(String)
    /// 64 hexadecimal digits.
    case sha256(String)

    /// Name of the kind, as people write it.
    public var kind: String {
        switch self {
        case .md5: return "MD5"
        case .sha256: return "SHA-256"
        }
    }

    /// The digits, lower case.
    public var digits: String {
        switch self {
        case .md5(let digits), .sha256(let digits): return digits.lowercased()
        }
    }

    /// Checks a file against it.
    /// - Throws: a `.data` error with both digests.
    public func verify(_ path: String) throws {
        let found: String
        switch self {
        case .md5: found = try digest(ofFile: path, EVP_md5())
        case .sha256: found = try digest(ofFile: path, EVP_sha256())
        }
        guard found == digits else {
            throw WorkbenchError(
                .data, "'\(path)' is not the expected file: its \(kind) is \(found), expected \(digits)",
                hint: "delete it and download it again")
        }
    }
}

/// MD5 of a file's bytes, 32 hexadecimal digits.
public func md5(ofFile path: String) throws -> String { try digest(ofFile: path, EVP_md5()) }

/// SHA-256 of a file's bytes, 64 hexadecimal digits.
public func sha256(ofFile path: String) throws -> String { try digest(ofFile: path, EVP_sha256()) }

/// SHA-256 of bytes in memory, 64 hexadecimal digits.
public func sha256(of bytes: [UInt8]) throws -> String {
    try digest(EVP_sha256()) { update in try bytes.withUnsafeBytes { try update($0) } }
}

private func digest(ofFile path: String, _ kind: OpaquePointer?) throws -> String {
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else { throw WorkbenchError(.data, "cannot open '\(path)': \(systemText(errno))") }
    defer { close(file) }
    // A pipe that nobody writes would look like an empty file.
    var status = stat()
    guard fstat(file, &status) == 0, status.st_mode & S_IFMT != S_IFIFO else {
        throw WorkbenchError(.data, "cannot read '\(path)': it is not a file")
    }
    return try digest(kind) { update in
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let step = read(file, buffer.baseAddress, buffer.count)
            if step < 0, errno == EINTR { continue }
            guard step >= 0 else { throw WorkbenchError(.data, "cannot read '\(path)': \(systemText(errno))") }
            if step == 0 { break }
            try update(UnsafeRawBufferPointer(rebasing: buffer[..<step]))
        }
    }
}

private func digest(
    _ kind: OpaquePointer?, _ feed: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void
) throws -> String {
    let unavailable = WorkbenchError(.runtime, "libcrypto cannot compute this checksum")
    guard let kind, let state = EVP_MD_CTX_new() else { throw unavailable }
    defer { EVP_MD_CTX_free(state) }
    guard EVP_DigestInit_ex(state, kind, nil) == 1 else { throw unavailable }
    try feed { bytes in
        guard EVP_DigestUpdate(state, bytes.baseAddress, bytes.count) == 1 else { throw unavailable }
    }
    var result = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var count: UInt32 = 0
    guard EVP_DigestFinal_ex(state, &result, &count) == 1 else { throw unavailable }
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in result.prefix(Int(count)) { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
    return String(decoding: text, as: UTF8.self)
}
