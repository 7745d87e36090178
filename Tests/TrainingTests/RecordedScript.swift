import Images
import PluginAPI
import TestSupport
import Testing

/// A script of the recordings, and how what it prints here may differ from what R printed.
struct RecordedScript: Sendable, CustomTestStringConvertible {
    /// Name in scripts/ or luz/, without `.R`.
    let name: String
    /// Files with standard output and standard error, and others that the script writes (here → recorded).
    let output: String
    var errors: String?
    var files: [(written: String, recorded: String)] = []
    /// Code run before.
    var options = ""
    /// Whether the images of the toy data set are needed.
    var needsImages = false
    /// Lines of the script that are not run, by their beginning.
    var leavesOut: [String] = []
    /// Parts of the script that are left out, for they end their line with an error.
    var without: [String] = []
    /// Each line of the script runs by itself, as at a prompt: an error ends the line only.
    var runsByLine = false
    /// Beginnings of lines that start a new section. A difference is known by the section it is in.
    var landmarks = ["## ", "### "]
    /// Beginnings of the lines that are compared, up to there; all lines in full if empty.
    var keeps: [String] = []
    /// Patterns whose matches are not compared, besides times and addresses.
    var masks: [String] = []
    /// Relative difference of numbers that is let through.
    var tolerance = 1e-4
    /// The same for sections whose titles hold these words (several between `…`), and an absolute difference.
    var tolerances: [(section: String, tolerance: Double, slack: Double)] = []
    /// Standard error was recorded together with standard output.
    var mergesErrors = false
    /// Sections that differ, with the reason. One that begins to agree fails the test.
    var differing: [String: String] = [:]

    var testDescription: String { name }

    // MARK: Running

    /// Runs the script in a folder laid out as the recording's was.
    /// - Returns: Standard output, standard error, the files asked for.
    func run(_ root: String) throws -> (out: String, error: String, files: [String]) {
        let folder = name.contains("/") ? root : root + "/scripts"
        var program = try #require(textOfFile("\(folder)/\(name).R"))
        for part in without { program = program.replacing(part, with: "") }
        // The recordings were made with direct sums.
        let session = TrainingSession(options: "options(workbench.winograd = FALSE)\n" + options)
        let console = session.context.console
        if mergesErrors { console.redirectMessages { console.write($0) } }
        for place in ["tensors", "runs", "tmp", "scripts"] {
            _ = session.run("dir.create(\"\(place)\", showWarnings = FALSE)")
        }
        // Scripts change the working directory before they open the images.
        if let common = textOfFile("\(root)/scripts/common.R")?.replacing(
            "\"data/processed\"", with: "\"\(session.folder)/data/processed\"")
        {
            write(common, to: session.folder + "/common.R")
            write(common, to: session.folder + "/scripts/common.R")
        }
        if needsImages {
            _ = session.run("dir.create(\"data\", showWarnings = FALSE)")
            try extractArchive(
                from: root + "/data/toy-tiny-imagenet-200.zip", to: session.folder + "/data/processed")
        }
        let lines = program.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            .filter { line in !leavesOut.contains { line.hasPrefix($0) } }
        var out = ""
        var error = ""
        for part in runsByLine ? lines : [lines.joined(separator: "\n")] {
            let printed = session.run(part)
            out += printed.out
            error += printed.error
        }
        return (out, error, files.map { textOfFile(session.folder + "/" + $0.written) ?? "(no such file)" })
    }

    // MARK: Comparing

    /// Compares two texts section by section; `prefix` goes before titles in ``differing``.
    /// - Returns: Titles of the sections that differ, with the first difference of each.
    func differences(_ expected: String, _ actual: String, prefix: String = "") -> [(section: String, text: String)] {
        let wanted = sections(expected)
        let got = sections(actual)
        var found: [(section: String, text: String)] = []
        for (title, lines) in wanted {
            guard let other = got.first(where: { $0.title == title })?.lines else {
                found.append((prefix + title, "is missing"))
                continue
            }
            if let text = firstDifference(lines, other, limits(title)) { found.append((prefix + title, text)) }
        }
        for (title, lines) in got where !wanted.contains(where: { $0.title == title }) {
            found.append((prefix + title, "is not in the recording: \(lines.first ?? "")"))
        }
        return found
    }

    /// The titles of a text's sections.
    func titles(_ text: String) -> [String] { sections(text).map { $0.title } }

    private func limits(_ title: String) -> (relative: Double, absolute: Double) {
        let known = tolerances.first { entry in
            entry.section.split(separator: "…").allSatisfy { title.contains($0) }
        }
        return (known?.tolerance ?? tolerance, known?.slack ?? 2e-6)
    }

    private func sections(_ text: String) -> [(title: String, lines: [String])] {
        var sections: [(title: String, lines: [String])] = [("(start)", [])]
        var counts: [String: Int] = [:]
        for line in masked(text).split(separator: "\n", omittingEmptySubsequences: false) {
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "\r" }).joined(separator: " ")
            if landmarks.contains(where: { line.hasPrefix($0) || words.hasPrefix($0) }) {
                counts[words, default: 0] += 1
                let count = counts[words] ?? 1
                sections.append((count == 1 ? words : "\(words) #\(count)", []))
            } else if keeps.isEmpty {
                if !words.isEmpty { sections[sections.count - 1].lines.append(words) }
            } else if let start = keeps.first(where: { words.hasPrefix($0) }) {
                sections[sections.count - 1].lines.append(start)
            }
        }
        return sections
    }

    private func masked(_ text: String) -> String {
        var text = text
        let usual = [
            #"0x[0-9a-f]+"#, #"(?:Total time|Avg time per training epoch): [^\n]*"#, #"ETA: *[^ \n]*"#,
            #"/tmp/[A-Za-z0-9_/.-]*"#, #"workbench-test-[A-Za-z0-9]*"#,
        ]
        for pattern in usual + masks {
            guard let regex = try? Regex(pattern) else { continue }
            text.replace(regex, with: "…")
        }
        return text
    }

    private func firstDifference(
        _ expected: [String], _ actual: [String], _ limits: (relative: Double, absolute: Double)
    ) -> String? {
        for place in 0..<max(expected.count, actual.count) {
            let wanted = place < expected.count ? expected[place] : "(end)"
            let got = place < actual.count ? actual[place] : "(end)"
            if !agree(wanted, got, limits) { return "line \(place + 1)\n  R:  \(wanted)\n  we: \(got)" }
        }
        return nil
    }

    /// Words exactly, numbers within a relative difference.
    private func agree(_ wanted: String, _ got: String, _ limits: (relative: Double, absolute: Double)) -> Bool {
        if Array(wanted.utf8) == Array(got.utf8) { return true }
        let left = NumbersInText(wanted)
        let right = NumbersInText(got)
        guard left.words == right.words else { return false }
        return zip(left.numbers, right.numbers).allSatisfy { x, y in
            x == y || abs(x - y) <= limits.relative * max(abs(x), abs(y)) + limits.absolute
        }
    }
}

/// A line taken apart into the numbers in it and what is between them.
struct NumbersInText {
    private(set) var words: [[UInt8]] = [[]]
    private(set) var numbers: [Double] = []

    init(_ text: String) {
        let bytes = Array(text.utf8)
        func isDigit(_ place: Int) -> Bool { bytes.indices.contains(place) && (48...57).contains(bytes[place]) }
        var place = 0
        while place < bytes.count {
            let isSigned = (bytes[place] == 45 || bytes[place] == 43) && isDigit(place + 1)
            guard isDigit(place) || isSigned else {
                words[words.count - 1].append(bytes[place])
                place += 1
                continue
            }
            let start = place
            place += 1
            while isDigit(place) { place += 1 }
            if place < bytes.count, bytes[place] == 46, isDigit(place + 1) {
                place += 1
                while isDigit(place) { place += 1 }
            }
            if place < bytes.count, bytes[place] == 101 {
                let sign = place + 1 < bytes.count && (bytes[place + 1] == 45 || bytes[place + 1] == 43) ? 1 : 0
                if isDigit(place + 1 + sign) {
                    place += 1 + sign
                    while isDigit(place) { place += 1 }
                }
            }
            numbers.append(Double(String(decoding: bytes[start..<place], as: UTF8.self)) ?? .nan)
            words.append([])
        }
    }
}
