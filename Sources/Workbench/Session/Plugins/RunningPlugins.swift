import Diagnostics
import Glibc
import PluginAPI

/// The compiled plug-ins of processes that are running, one file a process in the state folder. A process that ended by a
/// trap leaves its file behind, and the next start names the plug-ins in it.
public enum RunningPlugins {
    private static var folder: String? { UserFolder.state.path.map { $0 + "/running" } }

    /// Notes that a plug-in is in this process from now on.
    static func note(_ descriptor: PluginDescriptor) {
        guard let folder = UserFolder.state.made("running") else { return }
        let path = folder + "/" + name
        let isNew = access(path, F_OK) != 0
        // A process that starts just now must not find it before it is locked.
        let first = isNew ? folder + "/." + name : path
        let file = Glibc.open(first, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else { return }
        // Held as long as the process lives, whatever number it has elsewhere; never closed.
        if isNew { flock(file, LOCK_EX | LOCK_NB) }
        writeAll(Array("\(descriptor.name) \(descriptor.version)\n".utf8), to: file)
        if isNew { rename(first, path) } else { close(file) }
    }

    /// Nothing went wrong: called when the program ends in order.
    public static func forget() {
        if let folder { unlink(folder + "/" + name) }
    }

    /// The plug-ins that were loaded in processes that ended without saying so, with their versions, each once.
    /// Forgets them.
    public static func takeLost() -> [String] {
        guard let folder else { return [] }
        var lost: [String] = []
        for name in fileNames(in: folder) where !name.hasPrefix(".") {
            let path = folder + "/" + name
            let file = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
            guard file >= 0 else { continue }
            defer { close(file) }
            guard flock(file, LOCK_EX | LOCK_NB) == 0 else { continue }
            let text = String(decoding: contents(of: path, limit: 1 << 16) ?? [], as: UTF8.self)
            for line in text.split(separator: "\n").map({ inOneLine(String($0)) }) where !lost.contains(line) {
                lost.append(line)
            }
            unlink(path)
        }
        return lost
    }

    /// The process's own: numbers come again, after a start of the machine and in every container.
    private static var name: String {
        let words = textOfSystemFile("/proc/self/stat").split(separator: ")").last?.split(separator: " ") ?? []
        let start = words.count > 19 ? words[19] : ""
        return "\(getpid())-\(start)-\(target(of: "/proc/self/ns/pid").filter { $0.isNumber })"
    }

    private static func target(of link: String) -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        let count = readlink(link, &buffer, buffer.count)
        return String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Files of the system have no size before they are read.
    private static func textOfSystemFile(_ path: String) -> String {
        let file = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return "" }
        defer { close(file) }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = read(file, &buffer, buffer.count)
        return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    }
}
