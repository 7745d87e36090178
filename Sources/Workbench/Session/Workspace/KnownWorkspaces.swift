import PluginAPI

/// The files of workspaces that this session has restored or written, as it left them.
final class KnownWorkspaces {
    private var identities: Set<String> = []
    /// What there is instead of an identity where there is no file.
    private let none = fileIdentity("")

    /// A file has just been restored or written.
    func note(_ path: String) { identities.insert(fileIdentity(path)) }

    /// Whether there is a file that is none of this session's, or that somebody else has written since.
    func isStranger(_ path: String) -> Bool {
        let now = fileIdentity(path)
        return now != none && !identities.contains(now)
    }
}

extension Context {
    /// Files of workspaces that belong to this session.
    var knownWorkspaces: KnownWorkspaces { storage(KnownWorkspaces.self) { KnownWorkspaces() } }
}
