import Diagnostics
import Glibc
import PluginAPI
import Tensors

/// The data sets of a saved session: descriptions are saved, images are not; this is how they are found again.
struct WorkspaceData {
    let context: Context

    // MARK: Saving

    /// What the description says of each data set that reads files.
    func records(_ writer: SnapshotWriter) -> [JSON] {
        writer.environments(ofClass: "dataset").compactMap { found in
            guard let source = source(found.environment) else { return nil }
            let print = source.fingerprint(in: context.workingDirectory)
            return .object([
                ("path", .string(found.path)), ("environment", .number(Double(found.number))),
                ("root", .string(movable(found.environment) ?? source.root)),
                ("folder", .string(context.workingDirectory)), ("items", .number(Double(source.files.count))),
                ("fingerprint", print.map { .number(Double($0)) } ?? .null),
            ])
        }
    }

    private func source(_ environment: Environment) -> DataSource? {
        guard let dataset = try? context.registry.datasetReaders.find(.environment(environment), context) else {
            return nil
        }
        return (try? dataset.source(context)) ?? nil
    }

    /// The folder that was given when the data set was made, where that is not the one its files are counted from.
    private func movable(_ environment: Environment) -> String? {
        guard case .character(let text)? = environment.local(Symbol.named("root_path")), let first = text.elements.first
        else { return nil }
        return first?.string
    }

    // MARK: Restoring

    /// Finds the data of each data set, moved where `moves` says so.
    ///
    /// - Parameters:
    ///   - variables: What the session holds: a data set has the name of the variable that is it, else its path.
    ///   - moves: Folders by the name of a data set (`train_ds`), by its path, or by the variable that it is part of.
    /// - Returns: Lines to say: what is missing or has changed.
    /// - Throws: `.name` for a move of a data set that is not there.
    func settle(
        _ records: [JSON], _ reader: SnapshotReader, variables: [(name: String, value: Value)],
        moves: [(name: String, folder: String)]
    ) throws -> [String] {
        var lines: [String] = []
        var known: [String] = []
        var roots: [String: String] = [:]
        /// The variables that are the data set, else its path.
        func names(_ record: JSON, _ path: String) throws -> [String] {
            guard let number = record["environment"].flatMap({ wholeNumber($0) }) else { return [path] }
            let environment = try reader.environment(number: number)
            let found = variables.filter {
                if case .environment(let value) = $0.value { value === environment } else { false }
            }
            return found.isEmpty ? [path] : found.map { $0.name }
        }
        for record in records {
            guard case .string(let path)? = record["path"], case .string(let root)? = record["root"] else { continue }
            let names = try names(record, path)
            known += names
            let move = moves.first { move in
                names.contains(move.name) || move.name == path || path.hasPrefix(move.name + ".")
            }
            if let move {
                roots[place(root, record)] = move.folder
                known.append(move.name)
            }
        }
        for move in moves where !known.contains(move.name) {
            throw WorkbenchError(
                .name, "the session has no data set `\(move.name)` to move",
                hint: didYouMean(move.name, among: known)
                    ?? (known.isEmpty ? "it has none that reads files" : "it has " + known.joined(separator: ", ")))
        }
        for record in records {
            guard case .string(let path)? = record["path"], case .string(let root)? = record["root"],
                let number = record["environment"].flatMap({ wholeNumber($0) })
            else { throw WorkbenchError(.data, "the description of the data contradicts itself") }
            let environment = try reader.environment(number: number)
            let shown = try names(record, path)[0]
            // Data sets over one folder move together.
            if let folder = roots[place(root, record)] {
                move(environment, from: root, to: folder)
            } else if !root.hasPrefix("/"), case .string(let before)? = record["folder"],
                access(context.resolvedPath(root), F_OK) != 0, access(before + "/" + root, F_OK) == 0
            {
                move(environment, from: root, to: before + "/" + root)
            }
            guard let source = source(environment) else { continue }
            guard let print = source.fingerprint(in: context.workingDirectory) else {
                let absent = source.absentFiles(in: context.workingDirectory)
                let which = absent.count == 1 ? " ('\(absent[0])')" : ""
                let what =
                    absent.isEmpty
                    ? "some of its \(source.files.count) images cannot be read"
                    : "\(absent.count) of its \(source.files.count) images are not"
                lines.append(
                    "\(shown): \(what) in '\(source.root)'\(which); data = c(\(quoted(shown)) = \"/new/folder\") says where they are now"
                )
                continue
            }
            if case .number(let saved)? = record["fingerprint"], saved != Double(print) {
                lines.append("\(shown): the images in '\(source.root)' are not the ones it was saved with")
            }
        }
        return lines
    }

    /// What the folder of a data set meant when it was saved: absolute, without `.`, `..` and further slashes.
    private func place(_ root: String, _ record: JSON) -> String {
        var whole = root
        if !root.hasPrefix("/"), case .string(let folder)? = record["folder"] { whole = folder + "/" + root }
        var parts: [Substring] = []
        for part in whole.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }

    private func quoted(_ path: String) -> String {
        path.utf8.allSatisfy {
            $0 == 46 || $0 == 95 || (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
        }
            ? path : "\"\(path)\""
    }

    /// Changes every text of a data set that begins with a folder.
    private func move(_ environment: Environment, from old: String, to new: String) {
        let old = old.hasSuffix("/") ? String(old.dropLast()) : old
        let new = new.hasSuffix("/") ? String(new.dropLast()) : new
        for symbol in environment.names() {
            guard let value = environment.local(symbol) else { continue }
            let position = environment.position(of: symbol)
            if position >= 0, let moved = moved(value, old, new, depth: 0) { environment[position: position] = moved }
        }
    }

    private func moved(_ value: Value, _ old: String, _ new: String, depth: Int) -> Value? {
        guard depth < 20 else { return nil }
        let attributes = value.attributes.map { given in
            Attributes.of(
                given.entries.map { entry in
                    (entry.name, moved(entry.value, old, new, depth: depth + 1) ?? entry.value)
                })
        }
        switch value {
        case .character(let texts):
            let changed = texts.elements.map { text -> Text? in
                guard let string = text?.string, string == old || string.hasPrefix(old + "/") else { return text }
                return Text(new + string.dropFirst(old.count))
            }
            return .character(Vector(changed, attributes ?? nil))
        case .list(let list):
            return .list(
                Vector(
                    list.elements.map { moved($0, old, new, depth: depth + 1) ?? $0 }, attributes ?? nil))
        default: return nil
        }
    }
}

/// A JSON number that is whole.
func wholeNumber(_ json: JSON) -> Int? {
    guard case .number(let number) = json else { return nil }
    return Int(exactly: number)
}
