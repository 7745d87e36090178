import Glibc
import TestSupport
import Testing

/// When a compiled plug-in is tried, how that ends, and what is remembered and said of it.
@Suite(.serialized) struct ProbeTests {
    @Test func `it is probed once for each build of its files`() throws {
        let bench = try BrokenPlugin.installed()
        let first = bench.run(code: "library(torch); library(broken); as.numeric(nn_broken()(torch_tensor(matrix(3))))")
        #expect(first.output == "[1] 3\n", "\(first.errors)")
        // What breaks it now would be found by a probe.
        let second = bench.run(code: "library(broken); cat('loaded\\n')", ["BROKEN": "traps in forward"])
        #expect(second.output == "loaded\n", "\(second.errors)")
        // A copy with the same contents is the same build.
        _ = Subprocess("cp", arguments: ["-r", bench.folder + "/installed", bench.folder + "/copy"])
        let copied = bench.run(
            code: "library(broken); cat('loaded\\n')",
            ["BROKEN": "traps in forward", "WORKBENCH_PLUGINS": bench.folder + "/copy"])
        #expect(copied.output == "loaded\n", "\(copied.errors)")
        let json = bench.folder + "/installed/broken/plugin.json"
        write(try #require(textOfFile(json)) + "\n", to: json)
        let third = bench.run(code: "library(broken); cat('loaded\\n')", ["BROKEN": "traps in forward"])
        #expect(third.output == "")
        #expect(third.errors.contains("plug-in broken 0.1.0: it crashed (a trap) in nn_broken(): forward"))
        let mended = bench.run(code: "library(broken); cat('loaded\\n')")
        #expect(mended.output == "loaded\n", "\(mended.errors)")
        #expect(entries(of: bench.folder + "/state/workbench/plugins").count == 1, "records of earlier builds go")
    }

    @Test(arguments: [["-e", "library(broken); cat('on\\n')"], ["plugin", "install", "FOLDER/installed/broken"]])
    func `Ctrl-C ends a probe and what it runs`(_ words: [String]) throws {
        let bench = try BrokenPlugin.installed { folder in
            // Newer than its source, as it was where it was built.
            _ = Subprocess("touch", arguments: [folder + "/broken.so"])
        }
        let run = Subprocess(
            "timeout",
            arguments: ["-s", "INT", "--preserve-status", "2", Subprocess.workbench]
                + words.map { $0.replacing("FOLDER", with: bench.folder) },
            environment: bench.environment.merging(["BROKEN": "loops", "WORKBENCH_PROBE_SECONDS": "60"]) { $1 })
        #expect(run.status == 130, "\(run.errors)")
        #expect(run.output == "")
        func left() -> [String] {
            entries(of: "/proc").filter { process in
                let words = textOfFile("/proc/\(process)/cmdline") ?? ""
                return words.replacing(bench.folder, with: "") != words
            }
        }
        for _ in 0..<100 where !left().isEmpty { usleep(20_000) }
        #expect(left() == [])
    }

    @Test func `a probe that lets go of its pipes is not waited for longer than it may take`() throws {
        let bench = try BrokenPlugin.installed()
        let run = bench.run(
            code: "tryCatch(library(broken), error = function(e) cat(conditionMessage(e), '\\n'))",
            ["BROKEN": "lets go", "WORKBENCH_PROBE_SECONDS": "2"])
        #expect(
            run.output == "plug-in broken 0.1.0: not done after 2 seconds, in nn_broken(): forward \n",
            "\(run.errors)")
    }

    @Test func `one that cannot be opened is not listed as loaded`() throws {
        let bench = try BrokenPlugin.installed()
        _ = bench.run(code: "library(broken)")
        let run = bench.run(
            code: "tryCatch(library(broken), error = function(e) NULL); p <- plugins(); p$loaded[p$plugin == 'broken']",
            ["BROKEN": "other API"])
        #expect(run.output == "NULL\n[1] FALSE\n", "\(run.errors)")
    }

    @Test func `what a plug-in's files say does not reach the terminal as it is`() throws {
        let bench = try BrokenPlugin.installed { folder in
            let json = folder + "/plugin.json"
            let text = try #require(textOfFile(json))
            write(text.replacing("\"0.1.0\"", with: "\"0\\u001b[31m\""), to: json)
        }
        let list = bench.run(["plugin", "list"])
        #expect(bench.masked(list.output) == "broken  0\\u{1B}[31m  Swift  FOLDER/installed/broken  nn_broken\n")
        mkdir(bench.folder + "/state", 0o700)
        mkdir(bench.folder + "/state/workbench", 0o700)
        mkdir(bench.folder + "/state/workbench/running", 0o700)
        write("odd 1\u{1B}[31m\n", to: bench.folder + "/state/workbench/running/1")
        #expect(
            bench.run(code: "1").errors
                == "workbench: a session ended without saying so while the plug-in odd 1\\u{1B}[31m was loaded; --block odd leaves it out\n"
        )
    }
}
