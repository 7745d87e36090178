import Diagnostics
import Glibc

/// A computation that hands out values one at a time and goes on where it was when the next one is asked for.
///
/// It runs on a thread of its own, which has the evaluator lock only while somebody waits in ``next(_:)``: the two never
/// run side by side. Letting go of it ends the computation where it stands, exit code of its functions included.
public final class Coroutine: @unchecked Sendable {
    private let shared: Shared

    /// A computation that begins when its first value is asked for.
    ///
    /// - Parameter body: Gets the function that hands out a value and returns when the next one is asked for.
    public init(_ body: @escaping (_ yield: @escaping (Value) throws -> Void) throws -> Void) {
        shared = Shared(body)
    }

    deinit { shared.cancel() }

    /// The next value; nil when there are no more.
    /// - Throws: what the computation throws, raised anew where this is called; `.runtime` if it asks for its own next
    ///   value, or the system has no thread to give.
    public func next(_ context: Context) throws -> Value? { try shared.next(context) }

    /// Thrown into a computation that nobody waits for any more.
    private struct Cancelled: Unwinding {}

    /// What the two threads share; the computation's thread holds this and not the coroutine.
    private final class Shared: @unchecked Sendable {
        private enum State { case ready, running, waiting, ended }

        private let body: (@escaping (Value) throws -> Void) throws -> Void
        private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
        private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
        private var state = State.ready
        private var isCancelled = false
        private var value: Value?
        private var failure: (any Error)?
        private var warnings: [Value] = []
        /// What it takes over from whoever asks for a value, and how many handlers and restarts of theirs it has now.
        private var caller = Activity()
        private var foreign = (handlers: 0, restarts: 0)

        init(_ body: @escaping (@escaping (Value) throws -> Void) throws -> Void) {
            self.body = body
            mutex.initialize(to: pthread_mutex_t())
            changed.initialize(to: pthread_cond_t())
            pthread_mutex_init(mutex, nil)
            pthread_cond_init(changed, nil)
        }

        deinit {
            pthread_cond_destroy(changed)
            pthread_mutex_destroy(mutex)
            changed.deallocate()
            mutex.deallocate()
        }

        func next(_ context: Context) throws -> Value? {
            switch state {
            case .ended: return nil
            case .running:
                throw WorkbenchError(.runtime, "a generator cannot be asked for a value while it makes one")
            case .ready:
                state = .running
                caller = context.activity
                do { try begin(context) } catch {
                    state = .ready
                    throw error
                }
            case .waiting:
                caller = context.activity
                change { state = .running }
            }
            context.released { wait { self.state != .running } }
            caller = Activity()
            context.pendingWarnings += warnings
            warnings = []
            if let failure {
                self.failure = nil
                throw try raisedAgain(failure, context)
            }
            defer { value = nil }
            return state == .ended ? nil : value
        }

        private func begin(_ context: Context) throws {
            let bytes = 64 << 20
            let started = EvaluatorThread.start(stackBytes: bytes, detached: true, locking: context) { [self] in
                inherit(context, Activity(stackLimit: EvaluatorThread.stackLimit(bytes: bytes)))
                do {
                    try context.registry.aroundThreads(context) { try body { try self.hand($0, context) } }
                } catch is Cancelled {
                } catch {
                    failure = error
                }
                warnings += context.pendingWarnings
                context.set(Activity())
                change { state = .ended }
            }
            if case .failure(let failure) = started {
                throw WorkbenchError(.runtime, "a generator cannot begin: \(failure.reason)")
            }
        }

        /// On the computation's thread: hands out a value and waits for the next question.
        private func hand(_ value: Value, _ context: Context) throws {
            self.value = value
            warnings += context.pendingWarnings
            context.pendingWarnings = []
            let mine = context.activity
            context.released {
                change { state = .waiting }
                wait { self.state == .running || self.isCancelled }
            }
            inherit(context, mine)
            if isCancelled { throw Cancelled() }
        }

        /// Its own calls, and its handlers inside those of whoever asked, with their output, interrupt and streams.
        private func inherit(_ context: Context, _ own: Activity) {
            var activity = own
            activity.handlers = caller.handlers + own.handlers.dropFirst(foreign.handlers)
            activity.restarts = caller.restarts + own.restarts.dropFirst(foreign.restarts)
            foreign = (caller.handlers.count, caller.restarts.count)
            activity.interruptFlag = caller.interruptFlag
            activity.redirections = caller.redirections
            activity.background = caller.background
            activity.endingDeferrals = caller.endingDeferrals
            context.set(activity)
        }

        func cancel() { change { isCancelled = true } }

        private func raisedAgain(_ error: any Error, _ context: Context) throws -> any Error {
            guard let uncaught = error as? UncaughtError else { return error }
            return try context.raise(uncaught.condition, origin: uncaught.origin)
        }

        private func change(_ body: () -> Void) {
            pthread_mutex_lock(mutex)
            body()
            pthread_cond_broadcast(changed)
            pthread_mutex_unlock(mutex)
        }

        private func wait(until condition: () -> Bool) {
            pthread_mutex_lock(mutex)
            while !condition() { pthread_cond_wait(changed, mutex) }
            pthread_mutex_unlock(mutex)
        }
    }
}
