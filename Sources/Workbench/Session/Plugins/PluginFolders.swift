import Diagnostics
import Glibc
import PluginAPI

/// Where plug-ins are looked for when `library(NAME)` names no built-in: `NAME/plugin.json`, `NAME/NAME.R` or `NAME.R` in
/// each of the folders of `WORKBENCH_PLUGINS` (separated by `:`), else in `$XDG_DATA_HOME/workbench/plugins`, which is by
/// default `~/.local/share/workbench/plugins`. Never in the working directory.
public struct PluginFolders: Sendable {
    /// The folders, the first that has a plug-in is taken.
    public let folders: [String]
    /// Those of `WORKBENCH_PLUGINS` that are not looked into, because they are no absolute paths.
    let relative: [String]
    /// Plug-ins that are not to be loaded.
    public let blocked: Set<String>
    /// No plug-in is to be loaded.
    public let isClosed: Bool
    /// A plug-in found before all others: the one that `workbench plugin test` is about.
    let first: (name: String, folder: String)?

    /// This process only tries a plug-in: others that it asks for are loaded as they are, not tried in turn.
    let isProbe: Bool

    /// The folders of this process's environment.
    ///
    /// - Parameters:
    ///   - blocked: Names besides those of `WORKBENCH_BLOCK` (separated by commas).
    ///   - isClosed: `--no-plugins`.
    public init(blocked: [String] = [], isClosed: Bool = false, first: (name: String, folder: String)? = nil) {
        self.init(blocked: blocked, isClosed: isClosed, first: first, isProbe: false)
    }

    /// The folders of the process that tries a plug-in: what lies in `folder` comes before an installed one of that name.
    init(trying name: String, in folder: String) {
        self.init(blocked: [], isClosed: false, first: (name, folder), isProbe: true)
    }

    private init(blocked: [String], isClosed: Bool, first: (name: String, folder: String)?, isProbe: Bool) {
        if let given = environmentVariable("WORKBENCH_PLUGINS") {
            let all = given.split(separator: ":").map(String.init)
            // A relative one would be a part of the working directory.
            folders = all.filter { $0.hasPrefix("/") }
            relative = all.filter { !$0.hasPrefix("/") }
        } else {
            folders = PluginFolders.ofUser.map { [$0] } ?? []
            relative = []
        }
        let variable = environmentVariable("WORKBENCH_BLOCK") ?? ""
        let names = (blocked + [variable]).flatMap { $0.split(separator: ",") }
        self.blocked = Set(names.map { name in String(name.filter { $0 != " " }) }.filter { !$0.isEmpty })
        self.isClosed = isClosed
        self.first = first
        self.isProbe = isProbe
    }

    /// Folders given one by one.
    public init(in folders: [String]) {
        self.folders = folders
        relative = []
        blocked = []
        isClosed = false
        first = nil
        isProbe = false
    }

    /// The user's folder of plug-ins, nil without a home.
    static var ofUser: String? { UserFolder.data.path.map { $0 + "/plugins" } }

    /// The folder into which plug-ins are installed: the first of `WORKBENCH_PLUGINS`, else the user's.
    public static var forInstalling: String? { PluginFolders().folders.first }

    /// The plug-in of a name, read but not loaded; nil if no folder has it.
    /// - Throws: when its descriptor cannot be used.
    func descriptor(_ name: String) throws -> PluginDescriptor? {
        // A name is a folder's name here, and must not lead elsewhere.
        guard isPluginName(name) else { return nil }
        if let first, first.name == name { return try PluginFolders.descriptor(at: first.folder, name: name) }
        for folder in folders {
            if let found = try PluginFolders.installed(name, in: folder) { return found }
        }
        return nil
    }

    /// The plug-in of a folder, nil if it is none.
    static func descriptor(in folder: String, name: String) throws -> PluginDescriptor? {
        try refuseIfClosed(folder)
        if access("\(folder)/plugin.json", F_OK) == 0 {
            let descriptor = try PluginDescriptor(folder: folder)
            guard descriptor.name == name else {
                throw WorkbenchError(
                    .data, "\(folder)/plugin.json describes a plug-in called \"\(descriptor.name)\"",
                    hint: "its folder must have the same name")
            }
            return descriptor
        }
        if access("\(folder)/\(name).R", F_OK) == 0 {
            return PluginDescriptor(script: "\(folder)/\(name).R", name: name)
        }
        return nil
    }

    /// - Throws: for a folder into which this user may not look: what is in it cannot be told from nothing.
    private static func refuseIfClosed(_ folder: String) throws {
        guard isFolder(folder), access(folder, R_OK | X_OK) != 0, errno == EACCES else { return }
        throw WorkbenchError(
            .data, "cannot read the folder of a plug-in \(folder): \(String(cString: strerror(EACCES)))",
            hint: "it needs the rights to read and search it: chmod u+rx")
    }

    /// The plug-in of a folder, or of a file of R code; nil if it is none.
    static func descriptor(at path: String, name: String) throws -> PluginDescriptor? {
        if path.hasSuffix(".R"), !isFolder(path) { return PluginDescriptor(script: path, name: name) }
        return try descriptor(in: path, name: name)
    }

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Names of all plug-ins there are, sorted.
    public func names() -> [String] { Set(folders.flatMap { PluginFolders.names(in: $0) }).inByteOrder() }

    /// Names of what looks like a plug-in in a folder, sorted.
    static func names(in folder: String) -> [String] {
        let found = entries(of: folder).compactMap { name -> String? in
            let plain = name.hasSuffix(".R") ? String(name.dropLast(2)) : name
            guard isPluginName(plain) else { return nil }
            let isThere =
                plain != name || access("\(folder)/\(name)/plugin.json", F_OK) == 0
                || access("\(folder)/\(name)/\(name).R", F_OK) == 0
                || isFolder("\(folder)/\(name)") && access("\(folder)/\(name)", R_OK | X_OK) != 0
            return isThere ? plain : nil
        }
        return Set(found).inByteOrder()
    }

    /// The plug-in of a name in a folder of plug-ins, read but not loaded.
    static func installed(_ name: String, in folder: String) throws -> PluginDescriptor? {
        if let found = try descriptor(in: "\(folder)/\(name)", name: name) { return found }
        guard access("\(folder)/\(name).R", F_OK) == 0 else { return nil }
        return PluginDescriptor(script: "\(folder)/\(name).R", name: name)
    }

    /// Loads the plug-in of a name into a session; false if no folder has it.
    ///
    /// - Parameter override: It may replace names that are there already.
    /// - Throws: when there is one that cannot be loaded: names it and the reason.
    func load(_ name: String, override: Bool, into context: Context) throws -> Bool {
        guard !isClosed else { return false }
        for attempt in 1... {
            let before = identity(name)
            do {
                guard let descriptor = try descriptor(name) else { return false }
                try descriptor.refuseIfInTheBox(context.registry)
                guard !isBlocked(name, in: context) else {
                    throw WorkbenchError(
                        .plugin, "\(descriptor.title) is blocked",
                        hint: "by --block, WORKBENCH_BLOCK or options(workbench.block = )")
                }
                try descriptor.load(into: context, override: override)
                return true
            } catch {
                // Another program has installed another version meanwhile: half of what was read was the old one.
                guard attempt < 3, identity(name) != before, context.registry.loadedPlugins.plugin(name) == nil,
                    context.registry.existingNamespace(name) == nil
                else { throw error }
            }
        }
        return false
    }

    /// What lies under a name now, in any of the folders.
    private func identity(_ name: String) -> [String] {
        folders.flatMap { ["\($0)/\(name)", "\($0)/\(name).R"] }.map(fileIdentity)
    }

    /// Whether a plug-in is left out, by the command line, the variable or `options(workbench.block = )`.
    func isBlocked(_ name: String, in context: Context) -> Bool {
        let names = (try? context.options["workbench.block"]?.asCharacters().elements) ?? []
        return blocked.contains(name)
            || names.contains { $0?.string.split(separator: ",").contains(Substring(name)) ?? false }
    }
}

extension PluginDescriptor {
    /// - Throws: for the name of one that comes in the box: whoever blocks or lists one of them could not say which.
    func refuseIfInTheBox(_ registry: Registry) throws {
        guard registry.isInTheBox(name) else { return }
        throw WorkbenchError(
            .plugin, "\(title): the name \(name) is taken: it is that of a plug-in in the box",
            hint: "give the folder, the name in plugin.json and the namespace another name")
    }
}

extension Registry {
    /// Whether a plug-in that comes in the box has a name.
    func isInTheBox(_ name: String) -> Bool { plugins.contains(name) && loadedPlugins.plugin(name) == nil }
}

/// A name that a plug-in can have: a letter, then letters, digits, `.` and `_`.
func isPluginName(_ name: String) -> Bool {
    func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) }
    guard let first = name.utf8.first, isLetter(first), name.utf8.count <= 100 else { return false }
    return name.utf8.allSatisfy {
        isLetter($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ".")
    }
}
