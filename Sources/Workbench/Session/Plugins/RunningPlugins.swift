import Diagnostics
import Glibc
import PluginAPI

/// The compiled plug-ins of processes that are running, one file a process in the state folder. A process that ended by a
/// trap leaves its file behind, and the next start names the plug-ins in it.
public enum RunningPlugins {
    private static var folder: String? { UserFolder.state.path.map { $0 + "/running" } }

    /// Notes that a plug-in is in this process from now on.
    static func note(_ descriptor: PluginDescriptor, _ library: String) {
        guard let folder = UserFolder.state.made("running") else { return }
        let file = open("\(folder)/\(getpid())", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else { return }
        let line = Array("\(descriptor.name) \(descriptor.version)\n".utf8)
        _ = line.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
        // Held as long as the process lives, whatever number it has elsewhere; never closed.
        flock(file, LOCK_EX | LOCK_NB)
    }

    /// Nothing went wrong: called when the program ends in order.
    public static func forget() {
        if let folder { unlink("\(folder)/\(getpid())") }
    }

    /// The plug-ins that were loaded in processes that ended without saying so, with their versions, each once.
    /// Forgets them.
    public static func takeLost() -> [String] {
        guard let folder else { return [] }
        var lost: [String] = []
        for name in fileNames(in: folder) {
            guard pid_t(name) != nil, pid_t(name) != getpid() else { continue }
            let path = folder + "/" + name
            let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
            guard file >= 0 else { continue }
            defer { close(file) }
            guard flock(file, LOCK_EX | LOCK_NB) == 0 else { continue }
            let text = String(decoding: contents(of: path, limit: 1 << 16) ?? [], as: UTF8.self)
            for line in text.split(separator: "\n").map(String.init) where !lost.contains(line) { lost.append(line) }
            unlink(path)
        }
        return lost
    }
}
