import CKernels

/// The threads that tensors' loops run on.
public enum Threads {
    /// Most threads a loop uses; to begin with one for each core that the process may use.
    public static var count: Int { Int(kernel_threads_get()) }

    /// Sets how many threads loops use, from 1 to 256; other values are brought into that range.
    ///
    /// Results are the same bits for the same number of threads and the same instruction set.
    public static func setCount(_ count: Int) { kernel_threads_set(Int32(clamping: max(1, min(count, 256)))) }
}

/// The instruction set of the kernels: "scalar", "avx2" or "avx512"; the environment variable WORKBENCH_ISA caps it.
public var kernelInstructionSet: String {
    switch kernel_isa() {
    case KERNEL_AVX512: "avx512"
    case KERNEL_AVX2: "avx2"
    default: "scalar"
    }
}

/// What surrounds the longer loops of a thread that binds it: lets go of what other threads wait for, meanwhile.
public final class LoopSurroundings: @unchecked Sendable {
    private let around: (_ loop: () -> Void) -> Void

    /// - Parameter around: Runs the loop it is given, once.
    public init(_ around: @escaping (_ loop: () -> Void) -> Void) { self.around = around }

    private static let slot: Int32 = 3

    /// Runs `body` with these surroundings bound to the calling thread.
    public func bound<R>(_ body: () throws -> R) rethrows -> R {
        let before = kernel_thread_slot_get(LoopSurroundings.slot)
        kernel_thread_slot_set(LoopSurroundings.slot, Unmanaged.passUnretained(self).toOpaque())
        defer { kernel_thread_slot_set(LoopSurroundings.slot, before) }
        return try withExtendedLifetime(self) { try body() }
    }

    fileprivate static func surround(_ loop: () -> Void) {
        guard let pointer = kernel_thread_slot_get(slot) else { return loop() }
        Unmanaged<LoopSurroundings>.fromOpaque(pointer).takeUnretainedValue().around(loop)
    }
}

private final class Loop {
    let body: (Int) -> Void
    init(_ body: @escaping (Int) -> Void) { self.body = body }
}

/// Runs body(0), …, body(tasks − 1) on all threads and waits for them.
func parallelTasks(_ tasks: Int, _ body: (Int) -> Void) {
    guard tasks > 1 else {
        if tasks == 1 { body(0) }
        return
    }
    withoutActuallyEscaping(body) { body in
        let loop = Loop(body)
        withExtendedLifetime(loop) {
            LoopSurroundings.surround {
                kernel_parallel(
                    { context, task in
                        guard let context else { return }
                        Unmanaged<Loop>.fromOpaque(context).takeUnretainedValue().body(task)
                    }, Unmanaged.passUnretained(loop).toOpaque(), tasks)
            }
        }
    }
}

/// Cuts 0..<count into at most one range a thread, each at least `grain` long, and runs them side by side.
///
/// - Returns: The number of ranges; `body` gets the range and its number.
@discardableResult
func parallelRanges(_ count: Int, grain: Int, _ body: (Range<Int>, Int) -> Void) -> Int {
    guard count > 0 else { return 0 }
    let pieces = max(1, min(Threads.count, count / max(1, grain)))
    if pieces == 1 {
        if count > grain { LoopSurroundings.surround { body(0..<count, 0) } } else { body(0..<count, 0) }
        return 1
    }
    parallelTasks(pieces) { piece in
        body(count * piece / pieces..<count * (piece + 1) / pieces, piece)
    }
    return pieces
}
