import Glibc
import PluginAPI
import Session
import TestSupport
import Testing

@Suite struct EvaluatorLockTests {
    @Test func `a thread that holds it does not get it twice`() {
        let lock = EvaluatorLock()
        #expect(lock.acquire())
        #expect(lock.isHeldHere)
        #expect(!lock.acquire(milliseconds: 1))
        lock.release()
        #expect(!lock.isHeldHere)
        lock.release()
        #expect(lock.acquire(milliseconds: 1))
    }

    @Test func `work with the lock given back lets another thread evaluate`() {
        let session = makeSession()
        let seen = session.onDeepStack { () -> [String] in
            var log = ["held \(session.context.lock.isHeldHere)"]
            session.context.depth = 7
            session.context.released {
                log.append("held \(session.context.lock.isHeldHere)")
                // Another thread evaluates meanwhile, with activity of its own.
                session.onDeepStack {
                    log.append("depth \(session.context.depth)")
                    _ = session.run("x <- 41 + 1")
                }
            }
            log.append("depth \(session.context.depth)")
            session.context.depth = 0
            return log
        }
        #expect(seen == ["held true", "held false", "depth 0", "depth 7"])
        #expect(session.context.globalEnvironment.local(Symbol.named("x"))?.length == 1)
    }

    @Test func `waiting ends when the time is over`() {
        let session = makeSession()
        let other = session.onDeepStack { () -> Bool in
            // The lock is held here; a thread that may wait 20 ms goes without it.
            let result = UnsafeMutablePointer<Int32>.allocate(capacity: 1)
            defer { result.deallocate() }
            result.pointee = -1
            final class Task {
                let lock: EvaluatorLock
                let result: UnsafeMutablePointer<Int32>
                init(_ lock: EvaluatorLock, _ result: UnsafeMutablePointer<Int32>) {
                    self.lock = lock
                    self.result = result
                }
            }
            var thread = pthread_t()
            let task = Unmanaged.passRetained(Task(session.context.lock, result))
            pthread_create(
                &thread, nil,
                { argument in
                    guard let argument else { return nil }
                    let task = Unmanaged<Task>.fromOpaque(argument).takeRetainedValue()
                    task.result.pointee = task.lock.acquire(milliseconds: 20) ? 1 : 0
                    return nil
                }, task.toOpaque())
            pthread_join(thread, nil)
            return result.pointee == 1
        }
        #expect(!other)
    }
}
