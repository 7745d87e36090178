import Diagnostics
import Glibc
import PluginAPI

/// The Swift compiler, and what it needs of the workbench.
struct Toolchain {
    /// Path of `swiftc`.
    let compiler: String
    /// "Swift 6.3.1"
    let version: String
    let sdk: SDK

    /// - Throws: when there is no compiler on the `PATH`, and when the workbench came without its modules.
    static func find() throws -> Toolchain {
        let folders = (environmentVariable("PATH") ?? "").split(separator: ":", omittingEmptySubsequences: true)
        guard let compiler = folders.map({ "\($0)/swiftc" as String }).first(where: { access($0, X_OK) == 0 }) else {
            throw WorkbenchError(
                .plugin, "there is no Swift toolchain: swiftc is not on the PATH",
                hint: "swift.org/install has it; without --swift, plug-ins are written in R and need none")
        }
        let said = try outputOf(compiler, ["--version"])
        let words = said.split(whereSeparator: { $0 == " " || $0 == "\n" })
        let number = words.firstIndex(of: "version").flatMap { $0 + 1 < words.count ? words[$0 + 1] : nil }
        return Toolchain(compiler: compiler, version: "Swift \(number ?? "of unknown version")", sdk: try SDK.find())
    }

    /// Compiles files into a shared object; what the compiler says goes where this program's errors go.
    /// - Throws: when it fails.
    func compile(_ files: [String], module: String, to library: String) throws {
        var words =
            ["-O", "-swift-version", "6", "-parse-as-library", "-emit-library", "-module-name", module] + sdk.options
        // Beside its place and then moved: a session that has it open keeps the old one.
        let part = library + ".part"
        words += files + ["-o", part]
        let status = try launch(compiler, words)
        guard status == 0 else {
            unlink(part)
            throw WorkbenchError(.plugin, "\(module) does not compile (swiftc ended with \(status))")
        }
        guard rename(part, library) == 0 else {
            throw WorkbenchError(.data, "cannot write '\(library)': \(String(cString: strerror(errno)))")
        }
    }
}

/// The modules that plug-ins are compiled against: those this program was made from, beside it.
struct SDK {
    let options: [String]

    /// C modules that the API stands on.
    private static let maps = ["CKernels", "CNumberFormat"]

    /// - Throws: when there is neither a folder `sdk` nor a build's `Modules` beside the program.
    static func find() throws -> SDK {
        let program = executablePath()
        let folder = program.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 }
        if access(folder + "/sdk/PluginAPI.swiftmodule", R_OK) == 0 {
            return SDK(folder: folder + "/sdk") { "\(folder)/sdk/\($0)/module.modulemap" }
        }
        if access(folder + "/Modules/PluginAPI.swiftmodule", R_OK) == 0 {
            return SDK(folder: folder + "/Modules") { "\(folder)/\($0).build/module.modulemap" }
        }
        throw WorkbenchError(
            .plugin, "the modules that plug-ins are compiled against are not beside \(program)",
            hint: "scripts/install puts them there")
    }

    private init(folder: String, map: (String) -> String) {
        options = ["-I", folder] + SDK.maps.flatMap { ["-Xcc", "-fmodule-map-file=" + map($0)] }
    }
}

// MARK: Processes

/// Runs a program to its end, with this process's output.
/// - Returns: Its exit status, 128 and the signal's number if one ended it.
/// - Throws: when it cannot be started.
func launch(_ program: String, _ arguments: [String], output: Int32? = nil) throws -> Int32 {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    if let output { posix_spawn_file_actions_adddup2(&actions, output, 1) }
    var words = ([program] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var child: pid_t = 0
    let failure = posix_spawn(&child, program, &actions, nil, &words, environ)
    guard failure == 0 else {
        throw WorkbenchError(.plugin, "cannot start \(program): \(String(cString: strerror(failure)))")
    }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0, errno == EINTR {}
    return status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + status & 0x7F
}

/// What a program writes to its output.
func outputOf(_ program: String, _ arguments: [String]) throws -> String {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else {
        throw WorkbenchError(.plugin, "no pipe for \(program): \(String(cString: strerror(errno)))")
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { close(ends[0]) }
    do {
        defer { close(ends[1]) }
        // What is asked for here fits into the pipe.
        _ = try launch(program, arguments, output: ends[1])
    }
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = read(ends[0], &buffer, buffer.count)
    return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
}
