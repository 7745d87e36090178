import Diagnostics
import Glibc

/// Makes the items 0 ..< count ahead of their use on threads of its own and hands them out in order.
///
/// At most `ahead` items are finished or under way before they are asked for. An item that throws throws from
/// ``next(whileWaiting:)`` at its place; the items behind it still come. The order of results depends on nothing but
/// the index, whatever the number of threads.
public final class ReadAhead<Item: Sendable>: @unchecked Sendable {
    private let state: State
    private var threads: [pthread_t] = []

    /// Starts threads.
    ///
    /// - Parameters:
    ///   - count: Number of items.
    ///   - threads: At least 1; never more than items.
    ///   - ahead: Items made before they are asked for, at least 1.
    ///   - make: Makes the item of an index; called once for each, on any thread.
    public init(count: Int, threads: Int, ahead: Int, make: @escaping @Sendable (Int) throws -> Item) {
        state = State(count: max(count, 0), ahead: max(ahead, 1), make: make)
        for _ in 0..<min(max(threads, 1), 256, max(count, 0)) {
            var thread = pthread_t()
            let held = Unmanaged<Runnable>.passRetained(state)
            let code = pthread_create(
                &thread, nil,
                { argument in
                    guard let argument else { return nil }
                    Unmanaged<Runnable>.fromOpaque(argument).takeRetainedValue().run()
                    return nil
                }, held.toOpaque())
            if code == 0 { self.threads.append(thread) } else { held.release() }
        }
        state.isUnattended = self.threads.isEmpty
    }

    deinit { cancel() }

    /// The next item, or nil after the last one and after ``cancel()``.
    ///
    /// - Parameter whileWaiting: Called every twentieth of a second as long as the item is not ready; what it throws
    ///   ends the waiting, and the item stays for the next call.
    /// - Throws: what making the item threw.
    public func next(whileWaiting: () throws -> Void = {}) throws -> Item? { try state.next(whileWaiting) }

    /// Stops: items under way are finished and thrown away, threads end.
    ///
    /// Waits for them.
    public func cancel() {
        state.stop()
        for thread in threads { pthread_join(thread, nil) }
        threads = []
    }

    /// Seconds that ``next(whileWaiting:)`` has spent waiting so far.
    public var waitedSeconds: Double { state.waitedSeconds }

    private final class State: Runnable, @unchecked Sendable {
        private let count: Int
        private let ahead: Int
        private let make: @Sendable (Int) throws -> Item
        private var lock = pthread_mutex_t()
        /// The item waited for is there, or the end has come.
        private var arrived = pthread_cond_t()
        /// There is room for further items, or the end has come.
        private var emptied = pthread_cond_t()
        private var sleepers = 0
        private var started = 0
        private var delivered = 0
        private var finished: [Int: Result<Item, any Error>] = [:]
        private var isStopped = false
        private var waited = 0.0
        /// No thread could be started: items are made by whoever asks.
        var isUnattended = false

        init(count: Int, ahead: Int, make: @escaping @Sendable (Int) throws -> Item) {
            self.count = count
            self.ahead = ahead
            self.make = make
            pthread_mutex_init(&lock, nil)
            pthread_cond_init(&arrived, nil)
            pthread_cond_init(&emptied, nil)
        }

        deinit {
            pthread_cond_destroy(&arrived)
            pthread_cond_destroy(&emptied)
            pthread_mutex_destroy(&lock)
        }

        var waitedSeconds: Double {
            pthread_mutex_lock(&lock)
            defer { pthread_mutex_unlock(&lock) }
            return waited
        }

        override func run() {
            pthread_mutex_lock(&lock)
            while true {
                while !isStopped, started < count, started >= delivered + ahead {
                    sleepers += 1
                    pthread_cond_wait(&emptied, &lock)
                    sleepers -= 1
                }
                if isStopped || started >= count { break }
                let index = started
                started += 1
                pthread_mutex_unlock(&lock)
                let result = Result { try make(index) }
                pthread_mutex_lock(&lock)
                finished[index] = result
                if index == delivered { pthread_cond_signal(&arrived) }
            }
            pthread_mutex_unlock(&lock)
        }

        func next(_ whileWaiting: () throws -> Void) throws -> Item? {
            pthread_mutex_lock(&lock)
            defer { pthread_mutex_unlock(&lock) }
            guard !isStopped, delivered < count else { return nil }
            if isUnattended {
                delivered += 1
                return try make(delivered - 1)
            }
            if finished[delivered] == nil {
                let begin = monotonicSeconds()
                defer { waited += monotonicSeconds() - begin }
                while finished[delivered] == nil, !isStopped {
                    var until = timespec()
                    clock_gettime(CLOCK_REALTIME, &until)
                    until.tv_nsec += 50_000_000
                    if until.tv_nsec >= 1_000_000_000 {
                        until.tv_nsec -= 1_000_000_000
                        until.tv_sec += 1
                    }
                    guard pthread_cond_timedwait(&arrived, &lock, &until) == ETIMEDOUT else { continue }
                    // Others must be able to go on while the caller looks for an interrupt.
                    pthread_mutex_unlock(&lock)
                    defer { pthread_mutex_lock(&lock) }
                    try whileWaiting()
                }
            }
            guard let result = finished.removeValue(forKey: delivered) else { return nil }
            delivered += 1
            // Threads that sleep because enough is ready are woken for a quarter of it at a time, not for each item.
            if sleepers > 0, started - delivered <= ahead - max(ahead / 4, 1) { pthread_cond_broadcast(&emptied) }
            return try result.get()
        }

        func stop() {
            pthread_mutex_lock(&lock)
            isStopped = true
            finished = [:]
            pthread_cond_broadcast(&arrived)
            pthread_cond_broadcast(&emptied)
            pthread_mutex_unlock(&lock)
        }
    }
}

/// What a thread runs; a class of its own because C's entry function cannot be generic.
private class Runnable {
    func run() {}
}

/// Images of files, decoded ahead on threads, in the order of the files.
public typealias ImageReadAhead = ReadAhead<DecodedImage>

extension ReadAhead where Item == DecodedImage {
    /// Starts to decode files.
    ///
    /// - Parameters:
    ///   - paths: Files in the order wanted; one that cannot be decoded throws when its turn comes.
    ///   - options: How to decode them.
    ///   - threads: Threads that decode.
    ///   - ahead: Images kept ready; memory is `ahead` times the size of an image.
    public convenience init(
        paths: [String], options: DecodingOptions = DecodingOptions(), threads: Int = 2, ahead: Int = 256
    ) {
        self.init(count: paths.count, threads: threads, ahead: ahead) { index in
            try decodeImage(path: paths[index], options: options)
        }
    }
}
