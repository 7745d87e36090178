import Glibc

/// Cases in a text file: a line `@@@`, the input, a line `@@>`, the outcome.
struct CaseTable {
    struct Case {
        let input: String
        let outcome: [String]
    }

    let cases: [Case]

    init(text: String) {
        var cases: [Case] = []
        var input: [Substring] = []
        var outcome: [Substring] = []
        var place = 0
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            switch line {
            case "@@@":
                if place > 0 {
                    cases.append(Case(input: input.joined(separator: "\n"), outcome: outcome.map(String.init)))
                }
                (input, outcome, place) = ([], [], 1)
            case "@@>": place = 2
            default:
                if place == 1 { input.append(line) }
                if place == 2 { outcome.append(line) }
            }
        }
        if place > 0 {
            if outcome.last == "" { outcome.removeLast() }
            cases.append(Case(input: input.joined(separator: "\n"), outcome: outcome.map(String.init)))
        }
        self.cases = cases
    }

    /// Reads a table beside this file.
    init(_ name: String, in folder: String) {
        self.init(text: readText(testsFolder + "/" + folder + "/" + name) ?? "")
    }

    /// The tables of a folder beside this file.
    static func names(in folder: String) -> [String] {
        filesIn(testsFolder + "/" + folder).filter { $0.hasSuffix(".txt") }
    }
}

/// The folder of this file.
let testsFolder: String = {
    let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    return parts.dropLast().joined(separator: "/")
}()

/// Recordings that are not part of the repository: `WORKBENCH_GOLDEN`, else `../shared/golden` beside the package.
let goldenFolder: String? = {
    let named = getenv("WORKBENCH_GOLDEN").map { String(cString: $0) }
    let candidates = [named, named.map { $0 + "/golden" }, testsFolder + "/../../../shared/golden"].compactMap { $0 }
    return candidates.first { access($0 + "/grammar", R_OK) == 0 }
}()

func readText(_ path: String) -> String? {
    guard let file = fopen(path, "rb") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
        let count = fread(&buffer, 1, buffer.count, file)
        if count <= 0 { break }
        bytes.append(contentsOf: buffer[0..<count])
    }
    return String(decoding: bytes, as: UTF8.self)
}

func filesIn(_ folder: String) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
        names.append(
            withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            })
    }
    return names.sorted().filter { !$0.hasPrefix(".") }
}
