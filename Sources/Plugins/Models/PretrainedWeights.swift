import Diagnostics
import Glibc
import Images
import PluginAPI
import Tensors

/// The weights of a ready-made net: from the cache folder, else fetched into it.
struct PretrainedWeights {
    /// `resnet18`
    let name: String
    /// Size of the download.
    let megabytes: Int
    /// MD5 of the file at R torch's mirror.
    let md5: String

    private var url: String { "https://torch-cdn.mlverse.org/models/vision/v2/models/\(name).pth" }

    /// The folder for downloads: `R_USER_CACHE_DIR`/R/torch, `XDG_CACHE_HOME`/torch, else `~/.cache/torch`.
    static var folder: String {
        func variable(_ name: String) -> String? {
            guard let value = getenv(name), value.pointee != 0 else { return nil }
            return String(cString: value)
        }
        if let cache = variable("R_USER_CACHE_DIR") { return cache + "/R/torch" }
        if let cache = variable("XDG_CACHE_HOME") { return cache + "/torch" }
        return (variable("HOME") ?? "") + "/.cache/torch"
    }

    /// Reads the state.
    /// - Throws: when there is no file and none can be fetched: names the file, the folder and the size.
    func load(_ context: Context) throws -> [(name: String, tensor: Tensor)] {
        let path = try find(context)
        let state = try StateFile.read(path)
        try once("\(path) is read", "Model weights for <\(name)>: '\(path)'\n", context)
        return state
    }

    private func find(_ context: Context) throws -> String {
        let folder = PretrainedWeights.folder
        for place in [folder, folder + "/hub/checkpoints"] {
            for file in ["\(name).pth", "\(name).safetensors"] where isFile("\(place)/\(file)") {
                return "\(place)/\(file)"
            }
        }
        try once(
            "\(name) is fetched",
            "Model weights for <\(name)> (~\(megabytes) MB) will be downloaded and processed if not\nalready available.\n",
            context)
        let path = "\(folder)/\(name).pth"
        do {
            try download(url: url, to: path, expected: .md5(md5)) { received, total in
                try context.pollInterrupt()
                if context.console.isInteractiveTerminal {
                    let all = total.map { " of \($0 / 1_000_000)" } ?? ""
                    context.console.writeError("\rdownloading \(received / 1_000_000)\(all) MB")
                }
            }
        } catch let error as WorkbenchError {
            throw WorkbenchError(
                .data, "the weights of \(name) are not there and cannot be fetched: \(error.message)",
                hint: "put \(name).pth (\(megabytes) MB) or \(name).safetensors into \(folder)")
        }
        if context.console.isInteractiveTerminal { context.console.writeError("\r") }
        return path
    }

    private func isFile(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// Says something the first time in a session.
    private func once(_ key: String, _ text: String, _ context: Context) throws {
        let said = context.storage(Said.self) { Said() }
        if said.keys.insert(key).inserted { try context.message(text) }
    }

    private final class Said {
        var keys: Set<String> = []
    }
}
