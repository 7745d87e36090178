import CKernels

/// The switch that says whether operations record how to differentiate them.
///
/// A session owns one and binds it to the thread it evaluates on; there is no switch of the process. A thread to which
/// none is bound records.
public final class GradMode: @unchecked Sendable {
    /// Whether operations on tensors that require gradients are recorded.
    public var isEnabled: Bool
    /// Whether backward passes look for NaN in what operations send back, and name the operation.
    public var detectsAnomalies = false
    /// Whether a backward pass is on its way after which nobody looks at the saved tensors again.
    let releasesSaved: Bool

    /// Makes a switch.
    public init(isEnabled: Bool = true) {
        self.isEnabled = isEnabled
        releasesSaved = false
    }

    /// The switch of a backward pass.
    init(recordingPass: Bool, releasesSaved: Bool) {
        isEnabled = recordingPass
        self.releasesSaved = releasesSaved
    }

    private static let slot: Int32 = 0

    /// The switch bound to the calling thread, if any.
    public static var current: GradMode? {
        guard let pointer = kernel_thread_slot_get(slot) else { return nil }
        return Unmanaged<GradMode>.fromOpaque(pointer).takeUnretainedValue()
    }

    /// Whether operations of the calling thread are recorded.
    public static var isEnabled: Bool { current?.isEnabled ?? true }

    /// Whether the calling thread runs a backward pass after which saved tensors are let go.
    static var releasesSaved: Bool { current?.releasesSaved ?? false }

    /// Runs `body` with this switch bound to the calling thread; the one bound before comes back afterwards.
    public func bound<R>(_ body: () throws -> R) rethrows -> R {
        let before = kernel_thread_slot_get(GradMode.slot)
        kernel_thread_slot_set(GradMode.slot, Unmanaged.passUnretained(self).toOpaque())
        defer { kernel_thread_slot_set(GradMode.slot, before) }
        return try withExtendedLifetime(self) { try body() }
    }
}

/// Runs `body` without recording operations.
public func withoutGradients<R>(_ body: () throws -> R) rethrows -> R {
    try GradMode(isEnabled: false).bound(body)
}

/// Runs `body` with operations recorded, also inside ``withoutGradients(_:)``.
public func withGradients<R>(_ body: () throws -> R) rethrows -> R {
    try GradMode(isEnabled: true).bound(body)
}
