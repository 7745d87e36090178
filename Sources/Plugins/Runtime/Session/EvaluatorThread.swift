import Glibc

/// Threads with a deep stack, on which R is evaluated.
public enum EvaluatorThread {
    private final class Work {
        private var body: (() -> Void)?
        private let context: Context?

        init(_ body: @escaping () -> Void, locking context: Context?) {
            self.body = body
            self.context = context
        }

        func run() {
            context?.lock.acquire()
            body?()
            // What the body held may be R values, which nobody frees without the lock.
            body = nil
            context?.lock.release()
        }
    }

    /// A thread that has begun.
    public struct Started {
        private let thread: pthread_t

        fileprivate init(_ thread: pthread_t) { self.thread = thread }

        /// Waits for its end.
        public func join() { pthread_join(thread, nil) }
    }

    /// Begins a thread.
    ///
    /// - Parameters:
    ///   - stackBytes: Size of its stack; memory is used only as far as recursion goes.
    ///   - detached: Nobody waits for its end; else somebody must.
    ///   - context: Whose evaluator lock the body has, and what it held is freed with; nil for none.
    /// - Returns: The thread, or the system's error number; the body has not been called then.
    public static func start(
        stackBytes: Int, detached: Bool, locking context: Context? = nil, _ body: @escaping () -> Void
    ) -> Result<Started, StartFailure> {
        let work = Unmanaged.passRetained(Work(body, locking: context))
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setstacksize(&attributes, stackBytes)
        if detached { pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED)) }
        var thread = pthread_t()
        let status = pthread_create(
            &thread, &attributes,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, work.toOpaque())
        guard status == 0 else {
            work.release()
            return .failure(StartFailure(number: status))
        }
        return .success(Started(thread))
    }

    /// The system has no thread to give.
    public struct StartFailure: Error {
        /// Its error number.
        public let number: Int32

        /// What it says.
        public var reason: String { String(cString: strerror(number)) }
    }

    /// Where the present thread's stack ends, for ``Context/stackLimit``, so that endless recursion ends in an R error.
    ///
    /// - Parameter bytes: Size of the thread's stack below this call; a reserve of 1 MB is kept for clean-up.
    public static func stackLimit(bytes: Int) -> UInt {
        var here: UInt8 = 0
        let address = withUnsafeMutablePointer(to: &here) { UInt(bitPattern: $0) }
        let usable = UInt(max(bytes - (1 << 20), 1 << 16))
        return address > usable ? address - usable : 0
    }
}
