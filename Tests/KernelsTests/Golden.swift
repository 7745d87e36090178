import Glibc

/// The folder of recordings of the real R torch, if there is one: WORKBENCH_GOLDEN, or `shared/golden` beside the
/// package. Tests that need it skip, and say so, where it is absent.
enum Golden {
    static let folder: String? = {
        if let path = getenv("WORKBENCH_GOLDEN") { return String(cString: path) }
        var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        parts.removeLast()
        for candidate in [parts.joined(separator: "/"), parts.dropLast().joined(separator: "/")] {
            let path = candidate + "/shared/golden"
            if access(path + "/README.md", R_OK) == 0 { return path }
        }
        return nil
    }()

    static func text(_ name: String) -> String {
        guard let folder, let file = fopen(folder + "/" + name, "r") else { return "" }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let n = fread(&buffer, 1, buffer.count, file)
            if n == 0 { break }
            bytes += buffer[..<n]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Blocks that begin with "### ": title, and lines.
    static func blocks(_ name: String) -> [(title: String, lines: [String])] {
        var result: [(title: String, lines: [String])] = []
        for line in text(name).split(separator: "\n") {
            if line.hasPrefix("### ") {
                result.append((String(line.dropFirst(4)), []))
            } else if !result.isEmpty {
                result[result.count - 1].lines.append(String(line))
            }
        }
        return result
    }
}

/// "%.9g", as the recordings are written.
func nineDigits(_ value: Double) -> String {
    var buffer = [CChar](repeating: 0, count: 64)
    let n = withVaList([value]) { vsnprintf(&buffer, 64, "%.9g", $0) }
    return String(decoding: buffer[..<Int(n)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
