import Glibc

/// Tells runs that go on from runs that were cut off: as long as a fit goes on, its process holds a lock on one byte of a
/// file beside that of the runs, the byte of the run's number. The system takes the lock away however the process ends.
final class RunLock {
    private let file: Int32

    /// Locks the byte of a run; nil where that cannot be.
    init?(_ runs: RunsFile, run: Int) {
        file = open(RunLock.path(runs), O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { return nil }
        var range = RunLock.range(run)
        guard fcntl(file, RunLock.set, &range) == 0 else {
            close(file)
            return nil
        }
    }

    deinit { close(file) }

    /// Which of some runs have a process that holds their lock.
    static func held(_ runs: RunsFile, among numbers: [Int]) -> Set<Int> {
        guard !numbers.isEmpty else { return [] }
        let file = open(path(runs), O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return [] }
        defer { close(file) }
        return Set(
            numbers.filter { number in
                var range = range(number)
                return fcntl(file, get, &range) == 0 && range.l_type != Int16(F_UNLCK)
            })
    }

    // Locks of open file descriptions (F_OFD_GETLK, F_OFD_SETLK), which Glibc's module leaves out: two sessions of one
    // process hold them against each other, and closing another descriptor drops none.
    private static let get: Int32 = 36
    private static let set: Int32 = 37

    private static func path(_ runs: RunsFile) -> String { runs.path + ".lock" }

    private static func range(_ run: Int) -> flock {
        var range = flock()
        range.l_type = Int16(F_WRLCK)
        range.l_whence = Int16(SEEK_SET)
        range.l_start = off_t(run)
        range.l_len = 1
        return range
    }
}
