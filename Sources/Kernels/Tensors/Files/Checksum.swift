import CKernels

/// CRC-32 of bytes: finds every change of a single byte and nearly every other damage; no protection against intent.
public enum Checksum {
    /// Of an array.
    public static func of(_ bytes: [UInt8]) -> UInt32 { bytes.withUnsafeBytes { of($0) } }

    /// Of memory.
    public static func of(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        kernel_checksum(0, bytes.baseAddress, bytes.count)
    }
}

extension Tensor {
    /// Runs a body with the bytes of a tensor whose elements lie in row-major order without gaps; those of any other
    /// tensor are empty.
    public func withContiguousBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        guard isContiguous else { return try body(UnsafeRawBufferPointer(start: nil, count: 0)) }
        return try withExtendedLifetime(self) {
            try body(UnsafeRawBufferPointer(start: pointer, count: count * dtype.byteCount))
        }
    }
}
