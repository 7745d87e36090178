import Glibc

/// The built program run with arguments: what it wrote and how it ended.
public struct Subprocess {
    /// Standard output.
    public let output: String
    /// Standard error.
    public let errors: String
    /// Exit status; 128 and the number of the signal that ended it.
    public let status: Int32

    /// The workbench that was built with the tests.
    public static var workbench: String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let length = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        let path = String(decoding: buffer.prefix(max(0, length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // The test runner may be the bundle itself or a helper that opens it; then the bundle's path is an argument.
        for candidate in [path] + CommandLine.arguments {
            guard let slash = candidate.lastIndex(of: "/") else { continue }
            let program = candidate[..<slash] + "/workbench"
            if access(String(program), X_OK) == 0 { return String(program) }
        }
        return packageRoot + "/.build/release/workbench"
    }

    /// Runs a program to its end.
    ///
    /// - Parameters:
    ///   - program: Path, or a name to look for on the path.
    ///   - arguments: Words after the program's name.
    ///   - environment: Variables besides those of this process.
    public init(_ program: String = Subprocess.workbench, arguments: [String], environment: [String: String] = [:]) {
        // What tests fit does not belong among the runs of whoever runs them.
        let environment = ["WORKBENCH_RUNS": "off"].merging(environment) { $1 }
        let folder = makeTemporaryFolder()
        let (out, err) = (folder + "/out", folder + "/err")
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, out, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, err, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        var variables: [UnsafeMutablePointer<CChar>?] = []
        var place = environ
        while let variable = place.pointee {
            let text = String(cString: variable)
            let name = text.prefix { $0 != "=" }
            if environment[String(name)] == nil { variables.append(strdup(text)) }
            place += 1
        }
        for (name, value) in environment { variables.append(strdup("\(name)=\(value)")) }
        variables.append(nil)
        var words = ([program] + arguments).map { strdup($0) } + [nil]
        var child: pid_t = 0
        // Threads of the tests have signals blocked; a program must not inherit that.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        let failure = posix_spawnp(&child, program, &actions, &attributes, &words, &variables)
        posix_spawnattr_destroy(&attributes)
        posix_spawn_file_actions_destroy(&actions)
        for word in words + variables { free(word) }
        var result: Int32 = 0
        if failure == 0 { waitpid(child, &result, 0) }
        output = textOfFile(out) ?? ""
        errors = failure == 0 ? textOfFile(err) ?? "" : String(cString: strerror(failure))
        status = failure != 0 ? 127 : result & 0x7F == 0 ? (result >> 8) & 0xFF : 128 + result & 0x7F
    }
}
