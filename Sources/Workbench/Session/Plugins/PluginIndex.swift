/// Which installed plug-in has which function: asked at each call of a function that is not there, so plug-ins are read
/// again only when their files have changed.
final class PluginIndex {
    private struct Entry {
        let script: String?
        let identity: String
        let functions: Set<String>
    }

    private var entries: [String: Entry] = [:]

    /// The plug-in that would provide a function, if there is one that may be loaded.
    func provider(of function: String, in folders: PluginFolders) -> String? {
        guard !folders.isClosed else { return nil }
        return folders.names().first {
            !folders.blocked.contains($0) && functions(of: $0, in: folders).contains(function)
        }
    }

    private func functions(of name: String, in folders: PluginFolders) -> Set<String> {
        func identity(_ script: String?) -> String {
            let files = folders.folders.flatMap {
                ["\($0)/\(name)/plugin.json", "\($0)/\(name)/\(name).R", "\($0)/\(name).R"]
            }
            return (files + (script.map { [$0] } ?? [])).map(fileIdentity).joined(separator: "\n")
        }
        if let known = entries[name], known.identity == identity(known.script) { return known.functions }
        let found = try? folders.descriptor(name)
        let entry = Entry(
            script: found?.script, identity: identity(found?.script),
            functions: Set(found?.signatures.map { $0.name } ?? []))
        entries[name] = entry
        return entry.functions
    }
}
