import Diagnostics
import Tensors

/// Which plug-ins that a saved session needs are not there, and what to say of it.
final class Absences {
    private let context: Context
    /// What could not be made again, and why.
    var notes: [String] = []
    /// Of each namespace that was asked for what is known of it; nil: it is there.
    private var known: [String: Absence?] = [:]
    /// Versions of the plug-ins of the session that was saved.
    private var versions: [String: String] = [:]

    /// - Parameter plugins: What the description says of plug-ins: names and versions.
    init(_ plugins: JSON?, _ context: Context) {
        self.context = context
        guard case .array(let saved)? = plugins else { return }
        for plugin in saved {
            guard case .string(let name)? = plugin["name"], case .string(let version)? = plugin["version"] else {
                continue
            }
            versions[name] = version
        }
    }

    /// Whether a namespace was asked for.
    func asked(_ namespace: String) -> Bool { known[namespace] != nil }

    /// Why a namespace is not there; nil if it is, or could be loaded. Asked once each: what crashes takes its time.
    func absence(of namespace: String) throws -> Absence? {
        guard !namespace.isEmpty else { return nil }
        if let known = known[namespace] { return known }
        let found = try context.absence(of: namespace, version: versions[namespace])
        known[namespace] = .some(found)
        if let found { notes.append(found.note) }
        return found
    }

    /// A namespace is there, and the name in it is not: one of the box that was left out, or of another version.
    func absence(ofName name: String) -> Absence {
        let note = "\(name) is not there: its plug-in is not loaded"
        if !notes.contains(note) { notes.append(note) }
        return Absence(
            "", version: nil, reason: "is not loaded", hint: "--block and WORKBENCH_BLOCK leave plug-ins out")
    }
}

extension Context {
    /// Why a plug-in is not there; nil if it is, or is now. Loads it if it can.
    /// - Throws: what is no error of the plug-in: Ctrl-C.
    package func absence(of plugin: String, version: String?) throws -> Absence? {
        let found: Result<Bool, WorkbenchError> = try catching(["error"]) {
            .success(try registry.loadedNamespace(plugin) != nil)
        } handler: { unwind in
            let message = unwind.condition.conditionMessage + causes(of: unwind.condition)
            return .failure(WorkbenchError(.plugin, message, hint: unwind.origin?.hint))
        }
        switch found {
        case .success(true): return nil
        case .success(false):
            if let closure = registry.loadedPlugins.closure {
                return Absence(plugin, version: version, reason: closure.reason, hint: closure.hint)
            }
            return Absence(
                plugin, version: version, reason: "is not installed",
                hint: "install it, and restore what was saved once more: nothing of it is lost")
        case .failure(let error):
            let isBlocked = error.message.hasSuffix(" is blocked")
            return Absence(
                plugin, version: version,
                reason: isBlocked ? "is blocked" : "cannot be loaded (\(inOneLine(error.message)))",
                hint: isBlocked
                    ? "start without --block \(plugin), and restore what was saved once more: nothing of it is lost"
                    : error.hint ?? "mend it, and restore what was saved once more: nothing of it is lost")
        }
    }
}

extension String {
    /// What stands before a mark, or nothing.
    func part(before mark: String) -> String {
        firstRange(of: mark).map { String(self[..<$0.lowerBound]) } ?? ""
    }

    /// What stands behind a mark, or nothing.
    func part(after mark: String) -> String {
        firstRange(of: mark).map { String(self[$0.upperBound...]) } ?? ""
    }
}
