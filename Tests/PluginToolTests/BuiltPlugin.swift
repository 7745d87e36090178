import Glibc
import TestSupport
import Testing

/// Plug-ins and the folders that the program uses for them, apart from the user's.
struct PluginBench {
    /// Holds folders of plug-ins.
    let folder: String
    /// Variables of the program.
    let environment: [String: String]

    init(_ folder: String = makeTemporaryFolder()) {
        self.folder = folder
        environment = [
            "WORKBENCH_PLUGINS": folder + "/installed", "XDG_STATE_HOME": folder + "/state", "NO_COLOR": "1",
            "HOME": folder,
        ]
    }

    /// Runs the program.
    func run(_ arguments: [String], _ more: [String: String] = [:]) -> Subprocess {
        Subprocess(arguments: arguments, environment: environment.merging(more) { $1 })
    }

    /// Runs code.
    func run(code: String, _ more: [String: String] = [:], options: [String] = []) -> Subprocess {
        run(options + ["-e", code], more)
    }

    /// Output with the bench's folder masked.
    func masked(_ text: String) -> String { text.replacing(folder, with: "FOLDER") }

    /// A copy of a folder of this package under the bench, by its last name.
    func copy(_ path: String, as name: String? = nil) throws -> String {
        let target = folder + "/" + (name ?? path.split(separator: "/").last.map(String.init) ?? "")
        let run = Subprocess("cp", arguments: ["-r", packageRoot + "/" + path, target])
        try #require(run.status == 0, "\(run.errors)")
        return target
    }
}

/// A plug-in that was built once for all tests of this bundle: the one that breaks its contract when asked to.
enum BrokenPlugin {
    struct Failure: Error { let text: String }

    static let built: Result<String, Failure> = {
        let bench = PluginBench()
        do {
            let path = try bench.copy("Tests/PluginToolTests/broken")
            let run = bench.run(["plugin", "build", path])
            return run.status == 0 ? .success(path) : .failure(Failure(text: run.output + run.errors))
        } catch {
            return .failure(Failure(text: "\(error)"))
        }
    }()

    /// A bench in whose folder of plug-ins it is, with something changed.
    static func installed(_ change: (_ folder: String) throws -> Void = { _ in }) throws -> PluginBench {
        let bench = PluginBench()
        mkdir(bench.folder + "/installed", 0o700)
        let target = bench.folder + "/installed/broken"
        let run = Subprocess("cp", arguments: ["-r", try built.get(), target])
        try #require(run.status == 0, "\(run.errors)")
        try change(target)
        return bench
    }
}

/// Bytes of a file.
func bytes(of path: String) -> [UInt8] {
    guard let stream = fopen(path, "r") else { return [] }
    defer { fclose(stream) }
    var result: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&buffer, 1, buffer.count, stream), count > 0 { result += buffer[..<count] }
    return result
}

/// Writes bytes.
func write(_ bytes: [UInt8], to path: String) {
    guard let stream = fopen(path, "w") else { return }
    fwrite(bytes, 1, bytes.count, stream)
    fclose(stream)
}

/// Replaces the first occurrence of a text in a file by another of the same length.
func patch(_ path: String, _ text: String, _ other: String) throws {
    var all = bytes(of: path)
    let (wanted, new) = (Array(text.utf8), Array(other.utf8))
    try #require(wanted.count == new.count)
    var places: [Int] = []
    var place = 0
    while place + wanted.count <= all.count {
        if all[place] == wanted[0], all[place..<(place + wanted.count)].elementsEqual(wanted) { places.append(place) }
        place += 1
    }
    try #require(!places.isEmpty, "\(text) is not in \(path)")
    for place in places { all.replaceSubrange(place..<(place + wanted.count), with: new) }
    write(all, to: path)
}
