import CKernels

/// Which fast kernels may be used where an exact one exists too.
///
/// A session owns one and binds it to the thread it evaluates on. Where none is bound, all may be used.
public final class KernelSwitches: @unchecked Sendable {
    /// Whether 3×3 convolutions may use Winograd's method, which rounds differently from the direct sum.
    public var winograd: Bool

    /// Makes switches.
    public init(winograd: Bool = true) { self.winograd = winograd }

    private static let slot: Int32 = 2

    /// Whether the calling thread may use Winograd's method.
    static var allowsWinograd: Bool {
        guard let pointer = kernel_thread_slot_get(slot) else { return true }
        return Unmanaged<KernelSwitches>.fromOpaque(pointer).takeUnretainedValue().winograd
    }

    /// Runs `body` with these switches bound to the calling thread; those bound before come back afterwards.
    public func bound<R>(_ body: () throws -> R) rethrows -> R {
        let before = kernel_thread_slot_get(KernelSwitches.slot)
        kernel_thread_slot_set(KernelSwitches.slot, Unmanaged.passUnretained(self).toOpaque())
        defer { kernel_thread_slot_set(KernelSwitches.slot, before) }
        return try withExtendedLifetime(self) { try body() }
    }
}

/// Runs `body` with the direct sum in place of Winograd's method.
public func withoutWinograd<R>(_ body: () throws -> R) rethrows -> R {
    try KernelSwitches(winograd: false).bound(body)
}
