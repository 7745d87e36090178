import CFuzzer
import Diagnostics
import Glibc
import PluginAPI
import Session
import TestSupport

/// A reader of files that is fed with bytes.
protocol ReaderUnderTest {
    /// What it is called on the command line.
    static var name: String { get }

    /// Prepares what reading needs in a session.
    init(_ context: Context)

    /// Reads an input, and uses what came out. Everything that it throws is a proper end.
    func read(_ input: UnsafeRawBufferPointer, _ file: ScratchFile) throws
}

/// A session with a reader in it, made anew now and then: inputs leave names and options behind.
final class FuzzingRun: @unchecked Sendable {
    private static let readers: [any ReaderUnderTest.Type] = [
        SafetensorsReader.self, WorkspaceReader.self, StateDictReader.self, TableReader.self,
    ]

    /// The one that libFuzzer's callback, which is handed nothing else, feeds.
    nonisolated(unsafe) private static var running: FuzzingRun?

    private let kind: any ReaderUnderTest.Type
    private(set) var session: Session
    /// Gets what is printed, and is emptied.
    private let output = CapturedOutput()
    private var reader: any ReaderUnderTest
    private let file = ScratchFile()
    private var inputs = 0
    /// `FUZZ_SHOW=1 FUZZ_READER=NAME fuzz-readers FILE…` says how each file ends.
    private let isShowing = getenv("FUZZ_SHOW") != nil

    /// Feeds the reader that the environment names as the arguments say; the exit status.
    static func main() -> Int32 {
        let asked = getenv("FUZZ_READER").map { String(cString: $0) } ?? ""
        guard let kind = readers.first(where: { $0.name == asked }) else {
            say("FUZZ_READER must be one of \(readers.map { $0.name }.joined(separator: ", "))")
            return 2
        }
        let run = FuzzingRun(kind)
        running = run
        // R's stack, so that nesting is met as in a session.
        return run.session.onDeepStack {
            run.limitMemory()
            var count = CommandLine.argc
            var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
            return LLVMFuzzerRunDriver(&count, &arguments) { data, size in
                FuzzingRun.running?.take(UnsafeRawBufferPointer(start: data, count: size))
                return 0
            }
        }
    }

    init(_ kind: any ReaderUnderTest.Type) {
        self.kind = kind
        session = makeSession(capturing: output)
        reader = kind.init(session.context)
    }

    /// From now on the process gets half a gigabyte more, and no block beyond it: inputs have some kilobytes, so whoever
    /// asks for more believes what a file claims.
    private func limitMemory() {
        guard let stream = fopen("/proc/self/statm", "r") else { return }
        defer { fclose(stream) }
        var line = [CChar](repeating: 0, count: 200)
        guard fgets(&line, 200, stream) != nil else { return }
        let pages = strtol(line, nil, 10)
        var limit = rlimit()
        limit.rlim_cur = rlim_t(pages * sysconf(Int32(_SC_PAGESIZE))) + 512 << 20
        limit.rlim_max = limit.rlim_cur
        setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
    }

    /// Reads an input.
    private func take(_ input: UnsafeRawBufferPointer) {
        inputs += 1
        if inputs % 5000 == 0 {
            let limit = session.context.stackLimit
            session.context.lock.release()
            session = makeSession(capturing: output)
            session.context.lock.acquire()
            session.context.stackLimit = limit
            reader = kind.init(session.context)
        }
        do {
            try reader.read(input, file)
            if isShowing { say("read") }
        } catch let error as WorkbenchError {
            check(error)
        } catch let error as UncaughtError {
            if let origin = error.origin { check(origin) }
        } catch {
            end("neither an error of R nor a value: \(error)")
        }
        session.context.pendingWarnings = []
        _ = output.take()
    }

    private func check(_ error: WorkbenchError) {
        if isShowing { say("refused: \(error)") }
        if error.kind == .memory, error.message.hasPrefix("cannot allocate") { end("a claim was believed: \(error)") }
        if error.kind == .fault { end("a fault: \(error)") }
        // What a file says must not move the cursor of the terminal it is shown on.
        for text in [error.message, error.hint ?? ""]
        where text.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 }) {
            end("the error is not one line of text: \(error)")
        }
        if error.message.unicodeScalars.count > 1200 { end("the error is no short line: \(error)") }
    }

    private func end(_ what: String) -> Never {
        say("FINDING \(what)")
        abort()
    }
}

/// A file that exists in memory only.
final class ScratchFile {
    private let descriptor: Int32
    /// How readers open it.
    let path: String

    init() {
        descriptor = memfd_create("input", 0)
        path = "/proc/self/fd/\(descriptor)"
    }

    /// Makes bytes the whole of the file.
    func fill(_ bytes: UnsafeRawBufferPointer) {
        ftruncate(descriptor, 0)
        guard let start = bytes.baseAddress else { return }
        _ = pwrite(descriptor, start, bytes.count, 0)
    }

    /// Makes bytes the whole of the file.
    func fill(_ bytes: [UInt8]) { bytes.withUnsafeBytes { fill($0) } }
}

/// Writes a line to standard error.
func say(_ text: String) { _ = Array((text + "\n").utf8).withUnsafeBytes { write(2, $0.baseAddress, $0.count) } }
