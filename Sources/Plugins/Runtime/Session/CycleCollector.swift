import CKernels

/// Frees environments that only refer to each other.
///
/// A closure and the environment it was made in hold each other, so reference counting alone keeps every local function
/// and all it can see for ever. This is trial deletion as in CPython: for each tracked environment, count the
/// references that come from other tracked things; who has more references than that is held from outside, and
/// everything that can be reached from there lives. What is left is emptied. A reference that is not counted makes an
/// environment look held from outside: the error is a leak, never a loss.
public final class CycleCollector: @unchecked Sendable {
    private var tracked: [WeakBox] = []
    private var nextSize = 10_000
    /// Bytes of living tensors at which unreachable environments may be what holds them.
    private var nextBytes = CycleCollector.leastGrowth
    private static let leastGrowth = 8 << 20
    /// Collections so far.
    public private(set) var collections = 0

    private struct WeakBox { weak var environment: Environment? }

    init() {}

    /// Starts to watch an environment that code has made a closure in (or that `new.env` made).
    public func track(_ environment: Environment) {
        guard !environment.isTracked else { return }
        environment.isTracked = true
        tracked.append(WeakBox(environment: environment))
    }

    /// Whether so many environments, or so many bytes of tensors, came since the last collection that one is worth its
    /// time: a closure made in `forward` holds the activations of its batch.
    public var isDue: Bool { tracked.count >= nextSize || (!tracked.isEmpty && kernel_buffer_live() >= nextBytes) }

    /// Collects if it is due. Called where things that refer to themselves are about to be made (objects of classes,
    /// environments), as a loop at the prompt that makes modules has no other end of a batch.
    public func collectIfDue() { if isDue { collect() } }

    /// Collects now.
    /// - Returns: How many environments were freed.
    @discardableResult
    public func collect() -> Int {
        collections += 1
        tracked.removeAll { $0.environment == nil }
        let (freed, walked) = freeGarbage()
        tracked.removeAll { $0.environment == nil }
        // What lives is walked each time: the more there is, the more has to come before it is worth it again.
        nextSize = tracked.count + max(10_000 - tracked.count, tracked.count, walked / 4)
        let living = kernel_buffer_live()
        nextBytes = living + max(CycleCollector.leastGrowth, living / 2)
        return freed
    }

    /// Collects now and gives the memory kept for the next tensors back to the system, as `gc()` is asked to.
    /// - Returns: How many environments were freed.
    public func collectAndTrim() -> Int {
        let freed = collect()
        kernel_buffer_trim()
        return freed
    }

    private func freeGarbage() -> (freed: Int, walked: Int) {
        let garbage = findGarbage()
        // Emptied only after all of them are held, or freeing one would free the next under our hands.
        for environment in garbage.environments { environment.removeAll() }
        for object in garbage.objects { object.dropReferences() }
        return (garbage.environments.count, garbage.walked)
    }

    private func findGarbage() -> (environments: [Environment], objects: [ForeignObject], walked: Int) {
        var roots: [Unmanaged<Environment>] = []
        for box in tracked { if let environment = box.environment { roots.append(.passUnretained(environment)) } }
        let graph = ReferenceGraph(roots)
        let found = graph.unreachable()
        return (found.environments, found.objects, graph.count)
    }
}
