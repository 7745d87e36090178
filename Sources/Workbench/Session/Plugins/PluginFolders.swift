import Diagnostics
import Glibc
import PluginAPI

/// Where compiled plug-ins are looked for when `library(NAME)` names no built-in: `NAME/plugin.json` in each of the
/// folders of `WORKBENCH_PLUGINS` (separated by `:`), else in `$XDG_DATA_HOME/workbench/plugins`, which is by default
/// `~/.local/share/workbench/plugins`. Never in the working directory.
struct PluginFolders {
    let folders: [String]

    /// The folders of this process's environment.
    init() {
        func variable(_ name: String) -> String? {
            guard let value = getenv(name), value.pointee != 0 else { return nil }
            return String(cString: value)
        }
        if let given = variable("WORKBENCH_PLUGINS") {
            folders = given.split(separator: ":").map(String.init)
        } else if let data = variable("XDG_DATA_HOME") ?? variable("HOME").map({ $0 + "/.local/share" }) {
            folders = [data + "/workbench/plugins"]
        } else {
            folders = []
        }
    }

    /// Loads the plug-in of a name into a registry; false if no folder has it.
    /// - Throws: when there is one that cannot be loaded: names its file and the reason.
    func load(_ name: String, into registry: Registry) throws -> Bool {
        // A name is a folder's name here, and must not lead elsewhere.
        guard !name.isEmpty, !name.hasPrefix("."), !name.utf8.contains(UInt8(ascii: "/")) else { return false }
        for folder in folders where access("\(folder)/\(name)/plugin.json", F_OK) == 0 {
            let descriptor = try PluginDescriptor(folder: "\(folder)/\(name)")
            guard descriptor.name == name else {
                throw WorkbenchError(
                    .data, "\(folder)/\(name)/plugin.json describes a plug-in called \"\(descriptor.name)\"",
                    hint: "its folder must have the same name")
            }
            try CompiledPlugin(descriptor).load(into: registry)
            registry.loadedPlugins.add(name, version: descriptor.version)
            return true
        }
        return false
    }
}
