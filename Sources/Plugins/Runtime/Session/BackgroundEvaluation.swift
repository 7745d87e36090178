import Diagnostics
import Glibc

/// R code that runs on a thread of its own while the session goes on: a fit in the background.
///
/// It holds the evaluator lock while it evaluates and gives it back around the loops of its kernels, while it waits and
/// wherever ``Context/giveWay()`` is called. It has random generators, gradient switch, handlers, warnings, output and a
/// Ctrl-C of its own: its generators go on from where the session's are when it begins, so that its numbers are those of
/// the same code in the foreground, and the session's are seeded anew from their next draws, so that the two never share
/// a stream.
public final class BackgroundEvaluation: @unchecked Sendable {
    /// What it is called in messages: "fit 1".
    public let name: String
    /// What it works for; the code that began it knows.
    public weak var subject: AnyObject?
    /// Told of everything it writes, with the lock held.
    public let output: (String) -> Void
    /// What those who compute in the session keep apart for this computation: generators of other kinds, switches.
    package let own: AnyObject
    let random: RRandom
    /// `getwd()` of its code.
    var workingDirectory: String
    /// What it waits for.
    private weak var awaited: BackgroundEvaluation?

    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let stop = UnsafeMutablePointer<Int32>.allocate(capacity: 1)
    private var paused = false
    private var leaving = false
    private var ended = false
    /// Warnings that were left when it ended.
    public private(set) var warnings: [Value] = []

    /// A computation with the present state of R's generator.
    /// - Throws: never in practice: the state of a generator is always one.
    package init(_ name: String, _ context: Context, own: AnyObject, output: @escaping (String) -> Void) throws {
        self.name = name
        self.output = output
        self.own = own
        random = RRandom()
        try random.restore(context.random.state)
        workingDirectory = context.workingDirectory
        mutex.initialize(to: pthread_mutex_t())
        changed.initialize(to: pthread_cond_t())
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(changed, nil)
        stop.initialize(to: 0)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
        stop.deallocate()
    }

    // MARK: Running

    /// Begins on a thread of its own; R's generator in the session is seeded anew.
    ///
    /// - Parameter body: Called there with the evaluator lock held. What it throws is its own business.
    /// - Throws: when the system has no thread to give.
    package func run(_ context: Context, _ body: @escaping () -> Void) throws {
        let bytes = 512 << 20
        let started = EvaluatorThread.start(stackBytes: bytes, detached: true, locking: context) { [self] in
            var mine = Activity()
            mine.stackLimit = EvaluatorThread.stackLimit(bytes: bytes)
            mine.interruptFlag = stop
            mine.redirections = Console.Redirections(to: output)
            mine.background = self
            context.set(mine)
            body()
            warnings = context.pendingWarnings
            context.set(Activity())
            change { ended = true }
        }
        if case .failure(let failure) = started {
            throw WorkbenchError(.runtime, "\(name) cannot begin: \(failure.reason)")
        }
        context.random.seed(Int32(truncatingIfNeeded: Int(context.random.uniform() * 0x1p31)))
    }

    /// Somebody has taken the warnings over.
    public func forgetWarnings() { warnings = [] }

    // MARK: From other threads

    /// Asks it to stop, as Ctrl-C does; it goes on from a pause to do so.
    public func interrupt() {
        stop.pointee = 1
        change { paused = false }
    }

    /// Asks it to end where nothing is lost, as the program is about to end.
    public func leave() { change { (leaving, paused) = (true, false) } }

    /// Whether it has been asked to end.
    public var isLeaving: Bool { locked { leaving } }

    /// Holds it at its next ``holdIfPaused(_:)``, or lets it go on.
    public var isPaused: Bool {
        get { locked { paused } }
        set { change { paused = newValue } }
    }

    /// Whether it has been asked to stop.
    public var isStopping: Bool { stop.pointee != 0 }

    /// Whether it is over.
    public var hasEnded: Bool { locked { ended } }

    /// Waits until it is over, with the evaluator lock given back; Ctrl-C ends the waiting and nothing else.
    ///
    /// - Parameter seconds: At most so long; nil for as long as it takes.
    /// - Returns: Whether it is over.
    /// - Throws: ``Interrupt``; `.value` where each would wait for the other.
    public func wait(_ context: Context, seconds: Double? = nil) throws -> Bool {
        if let waiting = context.background {
            var other: BackgroundEvaluation? = self
            while let next = other {
                guard next !== waiting else {
                    throw WorkbenchError(
                        .value,
                        "\(waiting.name) cannot wait for \(self === waiting ? "itself" : "\(name), which waits for it")"
                    )
                }
                other = next.awaited
            }
            waiting.awaited = self
        }
        defer { context.background?.awaited = nil }
        let end = seconds.map { monotonicSeconds() + $0 }
        while !hasEnded {
            if let end, monotonicSeconds() >= end { return false }
            let most = min(0.05, end.map { max(0, $0 - monotonicSeconds()) } ?? 0.05)
            context.released { locked { waitForChange(seconds: most) } }
            try context.pollInterrupt()
        }
        return true
    }

    // MARK: On its own thread

    /// Waits as long as it is paused, with the lock given back.
    public func holdIfPaused(_ context: Context) {
        guard isPaused else { return }
        context.released {
            while isPaused, context.endingSignal() == 0 { locked { waitForChange(seconds: 0.1) } }
        }
    }

    private func locked<Result>(_ body: () -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }

    private func change(_ body: () -> Void) {
        locked {
            body()
            pthread_cond_broadcast(changed)
        }
    }

    /// With the mutex held.
    private func waitForChange(seconds: Double) {
        guard !ended else { return }
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let nanoseconds = time.tv_nsec + Int(seconds * 1e9)
        time.tv_sec += nanoseconds / 1_000_000_000
        time.tv_nsec = nanoseconds % 1_000_000_000
        pthread_cond_timedwait(changed, mutex, &time)
    }
}

extension Context {
    /// Refuses what another thread works with.
    /// - Throws: `.value`, naming who has it.
    public func checkOwner(of object: ForeignObject) throws {
        guard let owner = object.owner, owner !== background else { return }
        throw WorkbenchError(
            .value,
            "this <\(object.classes.first?.string ?? "object")> belongs to \(owner.name), which works with it in the background",
            hint: "job$wait() waits for it, job$stop() ends it; fit_jobs() lists the jobs")
    }
}
