import Glibc
import TestSupport
import Testing

/// Folders of plug-ins that cannot be read, are named wrongly, or change while somebody looks; what is written above
/// definitions and does nothing.
@Suite struct PluginFolderTests {
    /// A bench with files in its folder of plug-ins.
    private func bench(_ files: [String: String]) -> PluginBench {
        let bench = PluginBench()
        mkdir(bench.folder + "/installed", 0o755)
        for (path, text) in files {
            if let slash = path.lastIndex(of: "/") { mkdir(bench.folder + "/installed/" + path[..<slash], 0o755) }
            write(text, to: bench.folder + "/installed/" + path)
        }
        return bench
    }

    private static let geglu = "#' Gated linear unit\nnn_geglu <- nn_module(forward = function(x) x)\n"

    @Test func `a plug-in that is nearly called so is suggested`() {
        let bench = bench(["geglu.R": Self.geglu])
        let run = bench.run(code: "library(gegllu)")
        #expect(
            run.errors == """
                Error in library(gegllu) : there is no package called ‘gegllu’
                  1 | library(gegllu)
                    | ^^^^^^^^^^^^^^^
                  hint: did you mean `geglu`?

                """)
        let caught = bench.run(
            code: "tryCatch(library(gegllu), packageNotFoundError = function(e) cat(class(e)[1])); require(gegllu)")
        #expect(caught.output == "packageNotFoundError", "\(caught.errors)")
        #expect(caught.errors.contains("there is no package called ‘gegllu’"))
    }

    @Test func `that plug-ins are off is said`() {
        let bench = bench(["geglu.R": Self.geglu])
        let run = bench.run(code: "library(geglu)", options: ["--no-plugins"])
        #expect(
            run.errors.hasSuffix("  hint: it is an installed plug-in, and --no-plugins leaves all of them out\n"),
            "\(run.errors)")
    }

    @Test func `what a session needs is left out by --no-plugins, and so it is said`() {
        let bench = bench(["geglu.R": Self.geglu])
        let file = bench.folder + "/saved.wb"
        let made = bench.run(code: "library(torch); library(geglu); x <- nn_geglu(4, 3); save_session('\(file)')")
        #expect(made.status == 0, "\(made.errors)")
        let run = bench.run(code: "restore_session('\(file)'); x", options: ["--no-plugins"])
        #expect((run.output + run.errors).contains(" is left out by --no-plugins"), "\(run.output)\(run.errors)")
        #expect(!(run.output + run.errors).contains("not installed"), "\(run.output)\(run.errors)")
    }

    @Test func `a list without absolute folders says which variable it is`() {
        let run = bench([:]).run(["plugin", "list"], ["WORKBENCH_PLUGINS": "rel"])
        #expect(run.output == "no folder of plug-ins: WORKBENCH_PLUGINS has no absolute path\n")
        #expect(
            run.errors
                == "workbench plugin: rel in WORKBENCH_PLUGINS is not looked into: it takes absolute paths\n")
    }

    @Test func `a relative folder is not looked into, and it is said`() {
        let bench = bench(["geglu.R": Self.geglu])
        let relative = ["WORKBENCH_PLUGINS": "installed"]
        let run = bench.run(code: "library(geglu)", relative)
        #expect(
            run.errors.hasSuffix(
                "  hint: WORKBENCH_PLUGINS takes absolute paths; not looked into: installed\n"), "\(run.errors)")
        let list = bench.run(["plugin", "list"], relative)
        #expect(
            list.errors
                == "workbench plugin: installed in WORKBENCH_PLUGINS is not looked into: it takes absolute paths\n")
    }

    @Test func `a search finds what is installed`() {
        let bench = bench(["geglu.R": Self.geglu])
        #expect(
            bench.run(code: "??geglu").output == "geglu::nn_geglu  Gated linear unit (installed: library(geglu))\n")
        #expect(bench.run(code: "??\"gated\"").output.contains("geglu::nn_geglu"))
    }

    @Test func `a damaged descriptor is listed`() {
        let bench = bench(["odd/plugin.json": "{", "geglu.R": Self.geglu])
        let run = bench.run(
            code:
                "p <- plugins(); p[p$plugin == 'odd', c('version', 'loaded', 'names')]; cat(p$from[p$plugin == 'odd'])")
        #expect(
            bench.masked(run.output).contains(
                "cannot be used: FOLDER/installed/odd/plugin.json is no plug-in descriptor"),
            "\(run.output)\(run.errors)")
    }

    @Test func `a folder that may not be read is no missing plug-in`() {
        let bench = bench(["closed/closed.R": "one <- function() 1\n"])
        let closed = bench.folder + "/installed/closed"
        for path in [bench.folder, bench.folder + "/installed"] { chmod(path, 0o755) }
        chmod(closed, 0)
        defer { chmod(closed, 0o755) }
        let isRoot = geteuid() == 0
        func run(_ words: [String]) -> Subprocess {
            Subprocess(
                isRoot ? "setpriv" : "env",
                arguments: (isRoot ? ["--reuid=65534", "--regid=65534", "--clear-groups"] : [])
                    + [Subprocess.workbench] + words, environment: bench.environment)
        }
        let library = run(["-e", "library(closed)"])
        // Not everywhere may the tests' program be run by somebody else.
        guard library.status != 127, library.status != 126 else { return }
        let message = "cannot read the folder of a plug-in FOLDER/installed/closed: Permission denied"
        #expect(
            bench.masked(library.errors).contains("Error in library(closed) : \n  \(message)\n"), "\(library.errors)")
        #expect(
            bench.masked(run(["plugin", "list"]).output)
                == "closed      FOLDER/installed/closed  cannot be used: \(message)\n")
        #expect(
            bench.masked(run(["plugin", "install", closed]).errors).hasPrefix("workbench plugin: \(message)\n"))
    }

    @Test func `a demand without a colon and an argument that is not there are mentioned`() throws {
        let source = """
            #' A square
            #' @param x whole number from 1
            #' @param y number from 0: a thing
            #' @param z string
            square <- function(x, ..., z = "") x * x

            #' Another
            #' @param scale number from 0: a thing
            rooted <- function(x, scala = 1) x

            """
        let bench = bench(["square.R": source])
        let run = bench.run(code: "library(square); square(2)")
        #expect(run.output == "[1] 4\n")
        #expect(
            bench.masked(run.errors) == """
                plug-in square 0.0.0: FOLDER/installed/square.R:2: `x` is not checked: "whole number from 1" needs a colon behind it
                plug-in square 0.0.0: FOLDER/installed/square.R:8: there is no argument `scale`: did you mean `scala`?

                """)
        let test = bench.run(["plugin", "test", bench.folder + "/installed/square.R"])
        #expect(
            bench.masked(test.output).contains(
                "warning: FOLDER/installed/square.R:2: `x` is not checked: \"whole number from 1\" needs a colon behind it\n"
            ), "\(test.output)\(test.errors)")
    }

    @Test func `a whole number is finite, and a range is not empty`() {
        let bench = bench([
            "whole.R": "#' @param n whole number from 1: count\nwhole <- function(n) n\n",
            "empty.R": "#' @param n number from 1 to 0: none\nnone <- function(n) n\n",
        ])
        let run = bench.run(code: "library(whole); whole(Inf)")
        #expect(run.errors.hasPrefix("Error in whole(Inf) : `n` must be a whole number from 1, not Inf\n"))
        let empty = bench.run(code: "library(empty)")
        #expect(
            empty.errors.contains("what is demanded of `n` cannot be read: number from 1 to 0\n"), "\(empty.errors)")
    }

    @Test func `installed by several at once, it is there all the time`() throws {
        let bench = PluginBench()
        func script(_ words: String) -> Subprocess {
            Subprocess(
                "/bin/sh", arguments: ["-c", "cd '\(bench.folder)'; W='\(Subprocess.workbench)'; \(words)"],
                environment: bench.environment)
        }
        #expect(script("\"$W\" plugin new mine --kind transform && \"$W\" plugin install mine").status == 0)
        let run = script(
            """
            for i in 1 2 3 4; do (for j in 1 2 3 4 5; do "$W" plugin install mine >/dev/null || echo "install failed"; done) & done
            for i in 1 2 3; do (for j in 1 2 3 4 5 6; do "$W" -e 'library(mine)' || echo "library failed"; done) & done
            wait
            """)
        #expect(run.output == "", "\(run.errors)")
        #expect(run.errors == "")
        #expect(bench.run(["plugin", "list"]).output.hasPrefix("mine  0.1.0  R  "))
        #expect(script("ls -A installed").output == "mine\n")
    }
}
