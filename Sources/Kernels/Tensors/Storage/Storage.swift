import CKernels
import Diagnostics
import Glibc

/// The bytes behind one or more tensors: views of a tensor share its storage.
///
/// Blocks come from a pool that keeps big ones for the next tensor of that size.
public final class Storage: @unchecked Sendable {
    /// First byte, aligned to 64.
    public let bytes: UnsafeMutableRawPointer
    /// Bytes in use.
    public let byteCount: Int
    private let capacity: Int
    /// How often an in-place operation changed the bytes; autograd compares it with what it saw when it saved them.
    public internal(set) var version = 0
    /// Something computed from the bytes that is worth keeping as long as they do not change (`version` tells).
    var derived: AnyObject?

    /// Takes a block of uninitialised bytes.
    ///
    /// - Throws: ``WorkbenchError`` of kind `.memory` that names the bytes and the limit.
    public init(byteCount: Int) throws {
        BufferPool.setUp
        var capacity = 0
        // What the kernel promises and cannot keep ends the process later; blocks this large are worth asking first.
        if byteCount > Storage.askedFirst, byteCount - BufferPool.cachedBytes > MemoryDoor.available() {
            throw Storage.tooLarge(byteCount)
        }
        guard byteCount >= 0, let block = kernel_buffer_take(byteCount, &capacity) else {
            throw Storage.tooLarge(byteCount)
        }
        bytes = block
        self.byteCount = byteCount
        self.capacity = capacity
    }

    deinit { kernel_buffer_give(bytes, capacity) }

    private static let askedFirst = 512 << 20

    static func tooLarge(_ byteCount: Int) -> WorkbenchError {
        WorkbenchError(
            .memory,
            "cannot allocate \(byteCount) bytes for a tensor: \(kernel_buffer_live()) are in use and the limit is "
                + "\(min(kernel_buffer_limit(), kernel_buffer_live() + MemoryDoor.available()))",
            hint: "use a smaller batch or size, or remove tensors you no longer need")
    }

    /// Number of elements of a shape, checked.
    ///
    /// - Throws: ``WorkbenchError`` of kind `.shape` for a negative size, `.memory` if the bytes cannot be counted.
    public static func elementCount(of shape: [Int], dtype: DType) throws -> Int {
        var count = 1
        var overflowed = false
        for size in shape {
            guard size >= 0 else {
                throw WorkbenchError(
                    .shape, "Trying to create tensor with negative dimension \(size): \(bracketed(shape))")
            }
            let (product, overflow) = count.multipliedReportingOverflow(by: size)
            count = product
            overflowed = overflowed || overflow
        }
        if shape.contains(0) { return 0 }
        let (bytes, overflow) = count.multipliedReportingOverflow(by: dtype.byteCount)
        guard !overflowed, !overflow, bytes <= BufferPool.limit else {
            throw WorkbenchError(
                .memory,
                "cannot allocate a tensor of shape \(bracketed(shape)), type \(dtype.torchName): "
                    + (overflowed || overflow ? "more than 2^63 bytes" : "\(bytes) bytes")
                    + " are asked for and the limit is \(kernel_buffer_limit())",
                hint: "use a smaller size")
        }
        return count
    }
}

/// The pool that tensors' blocks come from: what it holds, for reports and tests.
public enum BufferPool {
    /// Tells the pool once how much memory there is.
    static let setUp: Void = kernel_memory_set(MemoryDoor.whole)
    /// Bytes of living tensors.
    public static var liveBytes: Int { kernel_buffer_live() }
    /// Bytes kept for reuse.
    public static var cachedBytes: Int { kernel_buffer_cached() }
    /// Most bytes tensors may have at once.
    public static var limit: Int {
        setUp
        return kernel_buffer_limit()
    }
}

/// A dimension or index as R counts it: from 1; negative ones from the end. Messages are for R.
func fromOne(_ number: Int) -> Int { number < 0 ? number : number &+ 1 }

/// "[2, 3]", as torch writes sizes.
func bracketed(_ shape: [Int]) -> String { "[" + shape.map(String.init).joined(separator: ", ") + "]" }
