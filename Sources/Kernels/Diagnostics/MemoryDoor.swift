import Glibc

/// The door for large blocks of memory: what cannot be had is refused with R's error before it is asked for, since a
/// failed allocation ends the process and one that succeeds on paper wakes the system's out-of-memory killer.
public enum MemoryDoor {
    /// Blocks below this are never refused: 32 MB.
    public static let threshold = 32 << 20

    private static let machine: Int = {
        let (bytes, overflow) = sysconf(Int32(_SC_PHYS_PAGES))
            .multipliedReportingOverflow(by: sysconf(Int32(_SC_PAGESIZE)))
        return overflow || bytes <= 0 ? 4 << 30 : bytes
    }()

    /// The memory limit of the control group (version 2, then 1), if it is below the machine's memory.
    private static let containerLimit: Int? = {
        let limit =
            firstNumber(in: "/sys/fs/cgroup/memory.max", after: "")
            ?? firstNumber(in: "/sys/fs/cgroup/memory/memory.limit_in_bytes", after: "")
        return limit.flatMap { $0 < machine ? $0 : nil }
    }()

    /// Bytes of the machine, or of the container or `ulimit -v` if that is less.
    public static let whole: Int = {
        var memory = containerLimit ?? machine
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0, let most = Int(exactly: limit.rlim_cur) {
            memory = min(memory, most)
        }
        return memory
    }()

    /// Bytes that a new block may take: what the machine has free, within the container's limit and `ulimit -v`.
    public static func available() -> Int {
        var room = whole
        if let free = freeMemory() { room = min(room, free) }
        if let most = containerLimit, let used = containerUse() { room = min(room, max(0, most - used)) }
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0, let most = Int(exactly: limit.rlim_cur),
            let used = addressSpace()
        {
            room = min(room, max(0, most - used))
        }
        return room
    }

    /// The most that the process has had in memory so far and what it may have; where `ulimit -v` comes first, the
    /// address space that it has had and may have.
    public static func tightest() -> (used: Int, limit: Int) {
        var usage = rusage()
        let resident = getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 ? usage.ru_maxrss * 1024 : 0
        let memory = (used: resident, limit: containerLimit ?? machine)
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0, let most = Int(exactly: limit.rlim_cur),
            most > 0, let kilobytes = firstNumber(in: "/proc/self/status", after: "VmPeak:")
        else { return memory }
        let space = (used: kilobytes.multipliedReportingOverflow(by: 1024).partialValue, limit: most)
        return Double(space.used) / Double(space.limit) > Double(memory.used) / Double(memory.limit) ? space : memory
    }

    /// Checks that a block can be had.
    ///
    /// - Parameters:
    ///   - bytes: Size of the block here.
    ///   - size: Size that R would name, in bytes.
    /// - Throws: R's `cannot allocate vector of size …`.
    public static func check(bytes: Int, named size: Double) throws {
        guard bytes > threshold || bytes < 0 else { return }
        let room = available()
        guard bytes >= 0, bytes <= room else {
            throw refusal(size: size, hint: "\(text(Double(room))) of memory are free")
        }
    }

    /// The same for a count of elements.
    public static func check(count: Int, elementBytes: Int) throws {
        let (bytes, overflow) = count.multipliedReportingOverflow(by: elementBytes)
        try check(bytes: overflow ? Int.max : bytes, named: Double(count) * Double(elementBytes))
    }

    /// R's error for a vector that is too large, naming its size.
    public static func refusal(size: Double, hint: String? = nil) -> WorkbenchError {
        // R's vectors hold at most 2^52 elements.
        if size / 8 > 4_503_599_627_370_496 || size.isNaN { return WorkbenchError(.memory, "vector is too large") }
        return WorkbenchError(.memory, "cannot allocate vector of size \(text(size))", hint: hint)
    }

    /// Bytes in R's units: `16.0 Gb`.
    static func text(_ bytes: Double) -> String {
        let kilobytes = bytes / 1024
        if kilobytes > 1024 * 1024 { return tenths(kilobytes / 1024 / 1024) + " Gb" }
        if kilobytes > 1024 { return tenths(kilobytes / 1024) + " Mb" }
        return String(Int(max(0, kilobytes).rounded(.toNearestOrEven))) + " Kb"
    }

    /// A number with one decimal.
    private static func tenths(_ number: Double) -> String {
        guard let whole = Int(exactly: (number * 10).rounded(.toNearestOrEven)) else { return "\(number)" }
        return "\(whole / 10).\(whole % 10)"
    }

    /// What the control group uses, without the pages of files that it can let go of.
    private static func containerUse() -> Int? {
        for (folder, use, file) in [
            ("/sys/fs/cgroup", "memory.current", "inactive_file"),
            ("/sys/fs/cgroup/memory", "memory.usage_in_bytes", "total_inactive_file"),
        ] {
            guard let used = firstNumber(in: "\(folder)/\(use)", after: "") else { continue }
            return max(0, used - (firstNumber(in: "\(folder)/memory.stat", after: file) ?? 0))
        }
        return nil
    }

    /// What the kernel thinks can be used without swapping.
    private static func freeMemory() -> Int? {
        guard let kilobytes = firstNumber(in: "/proc/meminfo", after: "MemAvailable:") else { return nil }
        return kilobytes.multipliedReportingOverflow(by: 1024).partialValue
    }

    /// Bytes of address space in use.
    private static func addressSpace() -> Int? {
        guard let pages = firstNumber(in: "/proc/self/statm", after: "") else { return nil }
        return pages.multipliedReportingOverflow(by: sysconf(Int32(_SC_PAGESIZE))).partialValue
    }

    private static func firstNumber(in path: String, after label: String) -> Int? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = read(descriptor, &buffer, buffer.count)
        guard count > 0 else { return nil }
        for line in buffer.prefix(count).split(separator: 10) where line.starts(with: label.utf8) {
            let digits = line.dropFirst(label.utf8.count).drop { $0 == 32 || $0 == 9 }.prefix { (48...57).contains($0) }
            return Int(String(decoding: digits, as: UTF8.self))
        }
        return nil
    }
}
