import CKernels

/// Which fast kernels may be used where an exact one exists too.
///
/// A session owns one and binds it to the thread it evaluates on. Where none is bound, all may be used.
public final class KernelSwitches: @unchecked Sendable {
    /// Whether 3×3 convolutions may use Winograd's method, which rounds differently from the direct sum.
    public var winograd: Bool
    /// Whether neighbouring layers may be computed together (``Fusions``).
    public var fusion: Bool

    /// Called once for each kind of computation with the kernel that does it and why those before it declined; nil: never.
    public var explain: ((String) -> Void)? { didSet { explained = [] } }
    private var explained: Set<String> = []

    /// Makes switches.
    public init(winograd: Bool = true, fusion: Bool = true) {
        self.winograd = winograd
        self.fusion = fusion
    }

    /// Allows what others allow; explains nothing.
    public func take(from other: KernelSwitches) { (winograd, fusion) = (other.winograd, other.fusion) }

    private static let slot: Int32 = 2

    /// The switches bound to the calling thread, if any.
    private static var current: KernelSwitches? {
        kernel_thread_slot_get(slot).map { Unmanaged<KernelSwitches>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Whether the calling thread may use Winograd's method.
    static var allowsWinograd: Bool { current?.winograd ?? true }

    /// Whether the calling thread may compute neighbouring layers together.
    static var allowsFusion: Bool { current?.fusion ?? true }

    /// Explains a choice of kernel on the calling thread, once, if anybody asks for it.
    static func explain(_ text: () -> String) {
        guard let current, let explain = current.explain else { return }
        let text = text()
        if current.explained.insert(text).inserted { explain(text) }
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
    try KernelSwitches(winograd: false, fusion: KernelSwitches.allowsFusion).bound(body)
}

/// Runs `body` with layers computed one after the other.
public func withoutFusion<R>(_ body: () throws -> R) rethrows -> R {
    try KernelSwitches(winograd: KernelSwitches.allowsWinograd, fusion: false).bound(body)
}
