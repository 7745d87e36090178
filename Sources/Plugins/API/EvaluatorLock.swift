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
    private var heldSince = timespec()
    /// Threads that wait for it now: read without the mutex by loops that may give way.
    public let waitingCount = UnsafeMutablePointer<Int32>.allocate(capacity: 1)

    /// Makes a lock that nobody holds.
    public init() {
        waitingCount.initialize(to: 0)
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
        let ticket = nextTicket
        nextTicket &+= 1
        waiting.append(ticket)
        waitingCount.pointee += 1
        defer { waitingCount.pointee -= 1 }
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
        clock_gettime(CLOCK_MONOTONIC, &heldSince)
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
