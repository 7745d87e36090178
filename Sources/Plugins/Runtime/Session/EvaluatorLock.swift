import Glibc

/// The lock that whoever evaluates R holds. Threads get it in the order in which they asked.
///
/// A session takes it around evaluation; work that needs no R value (kernels, decoding, files, waiting) gives it back
/// meanwhile with ``Context/released(_:)``, so that a prompt and a computation in the background share one interpreter.
public final class EvaluatorLock: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    /// Those who wait, each woken by itself when its turn has come.
    private var waiting: [Waiter] = []
    private var holder: pthread_t?
    private var heldSince = timespec()
    /// Threads that wait for it now: read without the mutex by loops that may give way.
    public let waitingCount = UnsafeMutablePointer<Int32>.allocate(capacity: 1)

    /// Makes a lock that nobody holds.
    public init() {
        waitingCount.initialize(to: 0)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
        waitingCount.deallocate()
    }

    /// Whether another thread waits for it.
    @inlinable public var isWanted: Bool { waitingCount.pointee != 0 }

    /// Seconds for which the thread that has it has had it.
    public var secondsHeld: Double {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return Double(now.tv_sec - heldSince.tv_sec) + Double(now.tv_nsec - heldSince.tv_nsec) / 1e9
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
        if holder != nil || !waiting.isEmpty {
            guard waitForTurn(until: milliseconds.map(EvaluatorLock.deadline)) else { return false }
        }
        holder = pthread_self()
        clock_gettime(CLOCK_MONOTONIC, &heldSince)
        return true
    }

    /// With the mutex held: waits until nobody holds the lock and nobody has waited longer.
    private func waitForTurn(until deadline: timespec?) -> Bool {
        let waiter = Waiter()
        waiting.append(waiter)
        waitingCount.pointee += 1
        defer {
            waitingCount.pointee -= 1
            waiting.removeAll { $0 === waiter }
        }
        while holder != nil || waiting.first !== waiter {
            if !waiter.wait(mutex, until: deadline) {
                // The turn may have come at the same moment.
                if holder == nil, waiting.first === waiter, waiting.count > 1 { waiting[1].wake() }
                return false
            }
        }
        return true
    }

    /// Gives the lock back; does nothing on a thread that does not hold it.
    public func release() {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        guard isMine else { return }
        holder = nil
        waiting.first?.wake()
    }

    /// A thread that waits.
    private final class Waiter {
        private let turn = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

        init() {
            var attributes = pthread_condattr_t()
            pthread_condattr_init(&attributes)
            pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
            turn.initialize(to: pthread_cond_t())
            pthread_cond_init(turn, &attributes)
            pthread_condattr_destroy(&attributes)
        }

        deinit {
            pthread_cond_destroy(turn)
            turn.deallocate()
        }

        func wake() { pthread_cond_signal(turn) }

        /// - Returns: false when the time is over.
        func wait(_ mutex: UnsafeMutablePointer<pthread_mutex_t>, until deadline: timespec?) -> Bool {
            guard var deadline else { return pthread_cond_wait(turn, mutex) == 0 }
            return pthread_cond_timedwait(turn, mutex, &deadline) != ETIMEDOUT
        }
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
