import Diagnostics
import Glibc
import PluginAPI
import Tensors

/// A small file that says which fit is running, and how far it is: what is left of it after a crash.
///
/// The first line is JSON and never changes; behind it stand three numbers of fixed width that each batch writes over
/// with one call and without waiting for the disk. The process holds a lock on the file as long as it lives: a mark without
/// a lock is that of a fit that was cut.
final class FitMark {
    /// What ten digits can count.
    private static let counts = 0...9_999_999_999

    /// What stands in the first line.
    struct Description {
        var net = "net"
        var script = "unknown script"
        var started = "at an unknown time"
        var epochs = 0
        var plugins: [String] = []

        var json: JSON {
            .object([
                ("version", .number(1)), ("net", .string(net)), ("script", .string(script)),
                ("started", .string(started)), ("epochs", .number(Double(epochs))),
                ("plugins", .array(plugins.map { .string($0) })),
            ])
        }

        init() {}

        init?(_ json: JSON) {
            func text(_ key: String) -> String? { if case .string(let text)? = json[key] { text } else { nil } }
            guard case .number(let version)? = json["version"], version >= 1, let net = text("net"),
                let script = text("script"), let started = text("started"),
                case .number(let number)? = json["epochs"], let epochs = Int(exactly: number),
                FitMark.counts.contains(epochs)
            else { return nil }
            (self.net, self.script, self.started, self.epochs) = (net, script, started, epochs)
            if case .array(let names)? = json["plugins"] {
                plugins = names.compactMap { if case .string(let name) = $0 { name } else { nil } }
            }
        }
    }

    /// How far the fit was.
    struct Progress: Equatable {
        var epoch = 0
        var batch = 0
        /// Batches of the phase, 0 if not known.
        var batches = 0
        var isTraining = true
        /// Last epoch whose end was saved, 0 for none.
        var saved = 0

        /// Always of the same length.
        var text: String {
            func padded(_ number: Int) -> String {
                let digits = String(max(0, min(number, FitMark.counts.upperBound)))
                return String(repeating: "0", count: 10 - digits.utf8.count) + digits
            }
            return
                "\(padded(epoch)) \(padded(batch)) \(padded(batches)) \(isTraining ? "train" : "valid") \(padded(saved))\n"
        }

        init() {}

        init?(_ line: Substring) {
            let words = line.split(separator: " ")
            guard words.count == 5, let epoch = Int(words[0]), let batch = Int(words[1]), let batches = Int(words[2]),
                let saved = Int(words[4]), [epoch, batch, batches, saved].allSatisfy(FitMark.counts.contains)
            else { return nil }
            (self.epoch, self.batch, self.batches, self.saved) = (epoch, batch, batches, saved)
            isTraining = words[3] == "train"
        }
    }

    /// The mark, and the file beside it that holds the fit.
    let path: String
    var statePath: String { FitMark.statePath(path) }
    static func statePath(_ path: String) -> String { String(path.dropLast(FitMark.suffix.count)) + ".luz" }
    static let suffix = ".fit"
    /// Its name in the folder of marks, which no other fit has had.
    var name: String { String(path.split(separator: "/").last ?? "") }

    private let file: Int32
    private let start: Int
    private(set) var progress = Progress()

    /// Marks a fit that begins; nil where there can be no file.
    init?(in folder: String, _ description: Description) {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        var number = 0
        var file: Int32 = -1
        var path = ""
        repeat {
            path = "\(folder)/\(time.tv_sec)-\(getpid())-\(number)\(FitMark.suffix)"
            file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
            number += 1
        } while file < 0 && errno == EEXIST && number < 1000
        guard file >= 0 else { return nil }
        // Somebody who looks at marks may have it for a moment.
        flock(file, LOCK_EX)
        let line = Array((description.json.text + "\n").utf8)
        guard line.withUnsafeBytes({ Glibc.write(file, $0.baseAddress, $0.count) }) == line.count else {
            close(file)
            unlink(path)
            return nil
        }
        (self.path, self.file, start) = (path, file, line.count)
        update { _ in }
    }

    deinit { close(file) }

    /// Writes how far the fit is.
    func update(_ change: (inout Progress) -> Void) {
        change(&progress)
        let text = Array(progress.text.utf8)
        _ = text.withUnsafeBytes { pwrite(file, $0.baseAddress, $0.count, off_t(start)) }
    }

    /// The fit has ended in the hands of whoever ran it: nothing to recover.
    func remove() {
        unlink(statePath)
        unlink(path)
    }
}

/// The mark of a fit whose process is gone.
struct CutFit {
    let path: String
    let description: FitMark.Description
    let progress: FitMark.Progress
    /// Bytes of the saved fit, nil if nothing was saved.
    let bytes: Int?
    /// Whether `recover_fit()` has returned it.
    let isRecovered: Bool

    var statePath: String { FitMark.statePath(path) }
    private var seenPath: String { path + ".recovered" }

    /// Reads a mark; nil if its process lives, or it is none. One that is damaged says nothing, but the fit beside it
    /// may be whole.
    init?(_ path: String) {
        var status = stat()
        // Opening anything else than a file could wait for ever.
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard file >= 0 else { return nil }
        defer { close(file) }
        // A fit that ended just now has taken the name away before it gave up the lock.
        guard flock(file, LOCK_SH | LOCK_NB) == 0, fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            status.st_nlink > 0
        else { return nil }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = max(0, bytes.withUnsafeMutableBytes { read(file, $0.baseAddress, $0.count) })
        let lines = String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n")
        let isSaved = stat(FitMark.statePath(path), &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        let known = lines.first.flatMap { try? JSON(String($0)) }.flatMap { FitMark.Description($0) }
        let place = lines.dropFirst().first.flatMap { FitMark.Progress($0) }
        guard isSaved || known != nil && place != nil else { return nil }
        self.path = path
        description = known ?? FitMark.Description()
        progress = place ?? FitMark.Progress()
        self.bytes = isSaved ? Int(status.st_size) : nil
        isRecovered = access(path + ".recovered", F_OK) == 0
    }

    /// The mark of that name in the folder of another; nil if there is none, or its process lives.
    init?(besides mark: FitMark, named name: String) {
        // A name may come out of a file of anybody's.
        guard name.hasSuffix(FitMark.suffix), !name.contains("/") else { return nil }
        self.init(String(mark.path.dropLast(mark.name.count)) + name)
    }

    /// Remembers that it has been returned.
    func markRecovered() {
        let file = open(seenPath, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        if file >= 0 { close(file) }
    }

    func remove() { for file in [statePath, seenPath, path] { unlink(file) } }

    /// Those in a folder, the newest first.
    static func all(in folder: String) -> [CutFit] {
        var found: [(time: Int, fit: CutFit)] = []
        for name in fileNames(in: folder) {
            guard name.hasSuffix(FitMark.suffix), let time = name.split(separator: "-").first.flatMap({ Int($0) }),
                let fit = CutFit(folder + "/" + name)
            else { continue }
            found.append((time, fit))
        }
        return found.ordered { ($0.time, $0.fit.path) > ($1.time, $1.fit.path) }.map { $0.fit }
    }

    /// At most so many are kept, and so many bytes of them; the oldest go first.
    static func bound(in folder: String, most: Int = 5, bytes: Int = 2 << 30) {
        var total = 0
        for (place, fit) in all(in: folder).enumerated() {
            total += fit.bytes ?? 0
            if place >= most || total > bytes { fit.remove() }
        }
    }

    /// "in epoch 5 of 10, batch 412 of 782"
    var place: String {
        guard progress.epoch > 0 else { return "before its first epoch" }
        let phase = progress.isTraining ? "batch" : "validation batch"
        return "in epoch \(progress.epoch) of \(description.epochs), \(phase) \(progress.batch)"
            + (progress.batches > 0 ? " of \(progress.batches)" : "")
    }
}
