import Diagnostics
import Glibc
import LanguageValues
import RRuntime

/// `getwd()`, `setwd()`: the folder that relative paths start at. It belongs to the session; that of the process never
/// changes.
func registerWorkingDirectory(_ base: Namespace) {
    base.function("getwd", [], help: "The folder that relative paths start at") { args in
        .string(args.context.workingDirectory)
    }
    base.function("setwd", [.value("dir")], help: "Sets the folder that relative paths start at", visible: false) {
        args in
        guard case .character(let names) = try args.required("dir"), names.count == 1, let name = names[0] else {
            throw WorkbenchError(.type, "character argument expected")
        }
        var status = stat()
        guard let resolved = realpath(absolutePath(name.string, args.context), nil) else {
            throw unreachable(name.string)
        }
        defer { free(resolved) }
        guard stat(resolved, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, access(resolved, X_OK) == 0 else {
            throw unreachable(name.string)
        }
        let before = args.context.workingDirectory
        args.context.workingDirectory = String(cString: resolved)
        return .string(before)
    }
}

private func unreachable(_ name: String) -> WorkbenchError {
    WorkbenchError(.data, "cannot change working directory", hint: "there is no folder '\(name)' that can be entered")
}
