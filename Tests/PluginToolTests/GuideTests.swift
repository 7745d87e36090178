import Glibc
import TestSupport
import Testing

/// docs/plugins.md: its commands print what stands behind them, its code is that of files which are run.
@Suite(.serialized) struct GuideTests {
    private struct Block {
        let line: Int
        /// The comment in front: `file: ramp/ramp.R`, `run`.
        let mark: String
        let text: String
    }

    private static func blocks() throws -> [Block] {
        let text = try #require(textOfFile(packageRoot + "/docs/plugins.md"))
        var blocks: [Block] = []
        var mark = ""
        var inside: (line: Int, text: String)?
        for (place, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if line.hasPrefix("```") {
                if let block = inside {
                    blocks.append(Block(line: block.line, mark: mark, text: block.text))
                    (inside, mark) = (nil, "")
                } else {
                    inside = (place + 1, "")
                }
            } else if let block = inside {
                inside = (block.line, block.text + line + "\n")
            } else if line.hasPrefix("<!-- "), line.hasSuffix(" -->") {
                mark = String(line.dropFirst(5).dropLast(4))
            }
        }
        return blocks
    }

    /// Seconds, and folders of the bench, differ from run to run.
    private func masked(_ text: String, _ bench: PluginBench) -> String {
        let words = bench.masked(text).replacing("FOLDER/installed", with: "~/.local/share/workbench/plugins")
            .replacing("FOLDER/work/", with: "/home/you/").split(separator: " ", omittingEmptySubsequences: false)
        return words.enumerated().map { place, word in
            let next = words.indices.contains(place + 1) ? words[place + 1] : ""
            return next == "s" || next.hasPrefix("s\n") ? "N" : String(word)
        }.joined(separator: " ")
    }

    @Test func `every block of the guide is checked`() throws {
        let marks = ["run", "refusals"]
        for block in try Self.blocks() where !block.mark.hasPrefix("file: ") && !marks.contains(block.mark) {
            Issue.record("docs/plugins.md:\(block.line): a block without a mark")
        }
    }

    @Test func `the refusals are those of the tests`() throws {
        let block = try #require(try Self.blocks().first { $0.mark == "refusals" })
        let rows = (RefusalTests.broken + RefusalTests.files).map { "\($0.0)\n    \($0.1)\n" }
        #expect(block.text == rows.joined())
    }

    @Test func `commands print what stands behind them, code is that of the files`() throws {
        let bench = PluginBench()
        let work = bench.folder + "/work"
        mkdir(work, 0o700)
        let programs = Subprocess.workbench.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 }
        let path = getenv("PATH").map { String(cString: $0) } ?? ""
        for block in try Self.blocks() {
            if block.mark.hasPrefix("file: ") {
                let name = String(block.mark.dropFirst(6))
                let file =
                    name.hasPrefix("docs/") || name.hasPrefix("Tests/") ? packageRoot + "/" + name : work + "/" + name
                let text = try #require(textOfFile(file), "docs/plugins.md:\(block.line): there is no \(name)")
                #expect(text.contains(block.text), "docs/plugins.md:\(block.line) is not in \(name)")
                continue
            }
            guard block.mark == "run" else { continue }
            var commands: [(command: String, output: String)] = []
            for line in block.text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
                if line.hasPrefix("$ ") {
                    commands.append((String(line.dropFirst(2)), ""))
                } else if let last = commands.indices.last {
                    commands[last].output += line + "\n"
                }
            }
            for (command, output) in commands {
                let run = Subprocess(
                    "sh", arguments: ["-c", "cd '\(work)' && \(command) 2>&1"],
                    environment: bench.environment.merging(["PATH": programs + ":" + path]) { $1 })
                #expect(
                    masked(run.output, bench) == masked(output, bench), "docs/plugins.md:\(block.line): \(command)")
            }
        }
    }
}

extension String {
    fileprivate func contains(_ part: String) -> Bool {
        part.isEmpty || replacing(part, with: "") != self
    }
}
