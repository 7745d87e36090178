import Glibc

/// The lock that whoever evaluates R holds. Threads get it in the order in which they asked.
///
/// A session takes it around evaluation; work that needs no R value (kernels, decoding, files, waiting) gives it back
/// meanwhile with ``Context/released(_:)``, so that a prompt and a computation in the background share one interpreter.
public final class EvaluatorLock: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var waiting: [UInt64] = []
    private var nextTicket: UInt64 = 0
    private var holder: pthread_t?

    /// Makes a lock that nobody holds.
    public init() {
        mutex.initialize(to: pthread_mutex_t())
        changed.initialize(to: pthread_cond_t())
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(changed, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
    }

    /// Whether the calling thread holds it.
    public var isHeldHere: Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return isMine
    }

    private var isMine: Bool {
        guard let holder else { return false }
        return pthread_equal(holder, pthread_self()) != 0
    }

    /// Waits for the lock.
    ///
    /// - Parameter milliseconds: How long to wait at most; nil for as long as it takes.
    /// - Returns: false when the time is over, or the calling thread holds it already.
    @discardableResult
    public func acquire(milliseconds: Int? = nil) -> Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        if isMine { return false }
        let ticket = nextTicket
        nextTicket &+= 1
        waiting.append(ticket)
        let deadline = milliseconds.map(EvaluatorLock.deadline)
        while holder != nil || waiting.first != ticket {
            let status: Int32
            if var deadline {
                status = pthread_cond_timedwait(changed, mutex, &deadline)
            } else {
                status = pthread_cond_wait(changed, mutex)
            }
            if status == ETIMEDOUT {
                waiting.removeAll { $0 == ticket }
                pthread_cond_broadcast(changed)
                return false
            }
        }
        waiting.removeFirst()
        holder = pthread_self()
        return true
    }

    /// Gives the lock back; does nothing on a thread that does not hold it.
    public func release() {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        guard isMine else { return }
        holder = nil
        pthread_cond_broadcast(changed)
    }

    private static func deadline(in milliseconds: Int) -> timespec {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        let nanoseconds = time.tv_nsec + (milliseconds % 1000) * 1_000_000
        time.tv_sec += milliseconds / 1000 + nanoseconds / 1_000_000_000
        time.tv_nsec = nanoseconds % 1_000_000_000
        return time
    }
}

extension Context {
    /// Runs work that touches no R value with the evaluator lock given back, so that other threads can evaluate R.
    ///
    /// The calls, handlers and restarts of this thread are set aside meanwhile and are as before afterwards. Without
    /// the lock the body just runs.
    public func released<Result>(_ body: () throws -> Result) rethrows -> Result {
        guard lock.isHeldHere else { return try body() }
        let mine = Activity(
            frames: frames, handlers: handlers, restarts: restarts, depth: depth, isVisible: isVisible,
            currentCall: currentCall, methodGeneric: methodGeneric, stackLimit: stackLimit)
        set(Activity())
        lock.release()
        defer {
            lock.acquire()
            set(mine)
        }
        return try body()
    }

    /// What one thread's evaluation keeps in the context.
    private struct Activity {
        var frames: [Frame] = []
        var handlers: [HandlerGroup] = []
        var restarts: [Restart] = []
        var depth = 0
        var isVisible = true
        var currentCall: Call?
        var methodGeneric: Symbol?
        var stackLimit: UInt = 0
    }

    private func set(_ activity: Activity) {
        frames = activity.frames
        handlers = activity.handlers
        restarts = activity.restarts
        depth = activity.depth
        isVisible = activity.isVisible
        currentCall = activity.currentCall
        methodGeneric = activity.methodGeneric
        stackLimit = activity.stackLimit
    }
}
