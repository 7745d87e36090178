import Diagnostics
import Glibc
import PluginAPI

extension PluginCommand {
    /// Puts a plug-in where `library()` finds it, after it was tried; one of the same name is replaced.
    func install(_ source: PluginSource) throws {
        try refuseTakenName(source)
        guard let folder = PluginFolders.forInstalling else {
            let relative = PluginFolders().relative
            throw WorkbenchError(
                .data, "there is no folder for plug-ins",
                hint: relative.isEmpty
                    ? "set HOME, XDG_DATA_HOME or WORKBENCH_PLUGINS"
                    : "WORKBENCH_PLUGINS takes absolute paths, not \(relative.joined(separator: ", "))")
        }
        let number = UserFolder.make(folder)
        guard number == 0 else {
            throw WorkbenchError(.data, "cannot make '\(folder)': \(String(cString: strerror(number)))")
        }
        if let library = source.library, isOlder(library, than: source.files(ending: ".swift")) {
            try build(source)
        } else {
            try PluginProbe.tryOut(source.descriptor, .check)
        }
        let before = try? PluginFolders.installed(source.name, in: folder)
        let isFile = source.descriptor.script == source.path
        let target = folder + "/" + source.name + (isFile ? ".R" : "")
        guard target != source.path else {
            throw WorkbenchError(.data, "\(source.path) is where plug-ins are installed already")
        }
        let part = "\(folder)/.\(source.name)-\(getpid())"
        removeTree(part)
        do {
            if isFile { try copyFile(source.path, to: part) } else { try copyTree(source.path, to: part) }
        } catch {
            removeTree(part)
            throw error
        }
        do {
            try put(part, at: target)
            // One of the other form, a file or a folder, is found no more.
            try take(source.name, from: folder, but: target)
        } catch {
            removeTree(part)
            throw error
        }
        say("installed \(source.descriptor.title) in \(target)\(before.map { " (instead of \($0.version))" } ?? "")\n")
    }

    /// - Throws: for a name under which `library()` would never find it.
    func refuseTakenName(_ source: PluginSource) throws {
        let registry = makeSession(PluginFolders(), .silent).context.registry
        if registry.existingNamespace(source.name) != nil {
            throw WorkbenchError(
                .plugin,
                "\(source.descriptor.title): the name \(source.name) is taken: library(\(source.name)) is in the box",
                hint: "give the folder, the name in plugin.json and the namespace another name")
        }
        try source.descriptor.refuseIfInTheBox(registry)
    }

    /// Whether a library is not there, or older than one of its sources.
    private func isOlder(_ library: String, than sources: [String]) -> Bool {
        var mine = stat()
        guard stat(library, &mine) == 0 else { return true }
        return sources.contains { source in
            var other = stat()
            guard stat(source, &other) == 0 else { return false }
            return (other.st_mtim.tv_sec, other.st_mtim.tv_nsec) > (mine.st_mtim.tv_sec, mine.st_mtim.tv_nsec)
        }
    }

    /// One line a plug-in.
    func list() -> Int32 {
        let folders = PluginFolders()
        var lines: [[String]] = []
        for folder in folders.folders {
            for name in PluginFolders.names(in: folder) {
                do {
                    guard let plugin = try PluginFolders.installed(name, in: folder) else { continue }
                    let names = plugin.signatures.map { $0.name }.joined(separator: ", ")
                    let tier = plugin.isCompiled ? "Swift" : "R"
                    lines.append([
                        name, plugin.version, tier, plugin.path + (folders.blocked.contains(name) ? " (blocked)" : ""),
                        names,
                    ])
                } catch {
                    lines.append([
                        name, "", "", "\(folder)/\(name)",
                        "cannot be used: \((error as? WorkbenchError)?.message ?? "\(error)")",
                    ])
                }
            }
        }
        for path in folders.relative {
            complain("\(path) in WORKBENCH_PLUGINS is not looked into: it takes absolute paths")
        }
        if lines.isEmpty {
            say(
                folders.folders.isEmpty
                    ? folders.relative.isEmpty
                        ? "no folder of plug-ins: neither HOME nor WORKBENCH_PLUGINS is set\n"
                        : "no folder of plug-ins: WORKBENCH_PLUGINS has no absolute path\n"
                    : "no plug-ins in \(folders.folders.joined(separator: ", "))\n")
            return 0
        }
        let widths = (0..<4).map { column in lines.map { $0[column].unicodeScalars.count }.max() ?? 0 }
        for line in lines {
            let cells = line.enumerated().map { place, text in
                place < 4 ? text + String(repeating: " ", count: widths[place] - text.unicodeScalars.count) : text
            }
            say(cells.joined(separator: "  ") + "\n")
        }
        return 0
    }

    /// Takes an installed plug-in away.
    func remove(_ name: String) throws {
        let folders = PluginFolders().folders
        guard isPluginName(name), let folder = folders.first(where: { PluginFolders.names(in: $0).contains(name) })
        else {
            let known = folders.flatMap { PluginFolders.names(in: $0) }
            throw WorkbenchError(
                .name, "there is no plug-in '\(name)' in \(folders.joined(separator: ", "))",
                hint: didYouMean(name, among: known) ?? "workbench plugin list shows those there are")
        }
        try take(name, from: folder)
        say("removed \(name) from \(folder)\n")
    }

    /// Puts a plug-in where another one may be, which changes places with it in one step: whoever looks finds one of them.
    private func put(_ part: String, at target: String) throws {
        func fail(_ number: Int32) -> WorkbenchError {
            WorkbenchError(.data, "cannot write '\(target)': \(String(cString: strerror(number)))")
        }
        // Somebody else may install or remove it between two looks.
        for _ in 0..<100 {
            let moved = Exchange.move(part, to: target)
            if moved == 0 { return }
            // A file system that does not know how.
            if moved == EINVAL || moved == ENOSYS { break }
            guard moved == EEXIST else { throw fail(moved) }
            let swapped = Exchange.swap(part, target)
            if swapped == EINVAL || swapped == ENOSYS { break }
            if swapped == ENOENT { continue }
            guard swapped == 0 else { throw fail(swapped) }
            // The old one is where the new one was.
            removeTree(part)
            var status = stat()
            guard lstat(part, &status) == 0 else { return }
            let reason = String(cString: strerror(rmdir(part) == 0 ? EACCES : errno))
            guard Exchange.swap(part, target) == 0 else { return }
            throw cannotRemove(target, reason)
        }
        let name = target.split(separator: "/").last.map(String.init) ?? ""
        let plain = name.hasSuffix(".R") ? String(name.dropLast(2)) : name
        try take(plain, from: String(target.dropLast(name.count + 1)))
        guard rename(part, target) == 0 else { throw fail(errno) }
    }

    private func cannotRemove(_ path: String, _ reason: String) -> WorkbenchError {
        WorkbenchError(
            .data, "cannot remove '\(path)': \(reason)",
            hint: "some of what was in it may be gone: remove the rest with the rights that it needs")
    }

    /// Takes folder and file of a plug-in out of a folder of plug-ins; each is gone as a whole, or is as it was.
    /// - Parameter kept: Stays.
    private func take(_ name: String, from folder: String, but kept: String? = nil) throws {
        let aside = "\(folder)/.\(name)-\(getpid())-old"
        for path in ["\(folder)/\(name)", "\(folder)/\(name).R"] where path != kept {
            removeTree(aside)
            guard rename(path, aside) == 0 else {
                if errno == ENOENT { continue }
                throw WorkbenchError(.data, "cannot remove '\(path)': \(String(cString: strerror(errno)))")
            }
            removeTree(aside)
            var status = stat()
            guard lstat(aside, &status) == 0 else { continue }
            // What is in it belongs to somebody else.
            let reason = String(cString: strerror(rmdir(aside) == 0 ? EACCES : errno))
            guard rename(aside, path) == 0 else { continue }
            throw cannotRemove(path, reason)
        }
    }
}

// MARK: Files

/// Copies a file.
func copyFile(_ path: String, to target: String) throws {
    try AtomicFile.write(try readContents(of: path, limit: 1 << 30), to: target)
}

/// Copies a folder; hidden files stay behind. Of links to files the files are copied; one to a folder, which may hold
/// everything or lead back, is an error.
func copyTree(_ path: String, to target: String) throws {
    guard mkdir(target, 0o755) == 0 else {
        throw WorkbenchError(.data, "cannot make '\(target)': \(String(cString: strerror(errno)))")
    }
    guard let names = readableFileNames(in: path) else {
        throw WorkbenchError(.data, "cannot read '\(path)': \(String(cString: strerror(errno)))")
    }
    for name in names.filter({ !$0.hasPrefix(".") }).inByteOrder() {
        var status = stat()
        let inner = path + "/" + name
        guard lstat(inner, &status) == 0 else { continue }
        let isLink = status.st_mode & S_IFMT == S_IFLNK
        guard stat(inner, &status) == 0 else {
            throw WorkbenchError(.data, "cannot read '\(inner)': \(String(cString: strerror(errno)))")
        }
        switch status.st_mode & S_IFMT {
        case S_IFDIR where isLink:
            throw WorkbenchError(
                .data, "'\(inner)' is a link to a folder",
                hint: "a plug-in is installed with the files in it: copy them")
        case S_IFDIR: try copyTree(inner, to: target + "/" + name)
        case S_IFREG: try copyFile(inner, to: target + "/" + name)
        default: break
        }
    }
}
