import Glibc
import PluginAPI
import Session
import TestSupport
import Testing

@testable import Shell

/// Plug-ins in R: a file or a folder in the plug-in folder.
@Suite struct ScriptedPluginTests {
    private static let source = """
        #' @version 0.3.1

        #' Doubles what it gets
        #'
        #' Slowly, but surely.
        #' @param x number from 0 to 10: what is doubled
        #' @param how one of fast, slow: no difference
        #' @return a number
        double_it <- function(x, how = "fast") .twice(x)

        .twice <- function(x) {
          if (x == 7) stop("seven is too much")
          if (x == 8) return(nnf_relu(x, y = 1))
          x * 2
        }

        print.doubled <- function(x, ...) cat("<doubled>\\n")

        #' A layer that scales
        #' @param by number above 0: factor
        nn_scaling <- nn_module("nn_scaling",
          initialize = function(by) self$by <- by,
          forward = function(x) x * self$by)

        """

    private func bench(_ source: String = ScriptedPluginTests.source, asFolder: Bool = false) -> PluginBench {
        let bench = PluginBench()
        mkdir(bench.folder + "/installed", 0o700)
        if asFolder {
            mkdir(bench.folder + "/installed/doubling", 0o700)
            write(source, to: bench.folder + "/installed/doubling/doubling.R")
        } else {
            write(source, to: bench.folder + "/installed/doubling.R")
        }
        return bench
    }

    @Test(arguments: [false, true])
    func `a file or a folder is loaded, sees torch, and keeps its own to itself`(_ asFolder: Bool) {
        let bench = bench(asFolder: asFolder)
        let run = bench.run(
            code: """
                x <- 99; c <- function(...) stop("mine"); nn_module <- NULL
                library(doubling)
                double_it(4)
                doubling::double_it(2)
                exists(".twice")
                structure(1, class = "doubled")
                nn_scaling(3)(torch::torch_tensor(2))$item()
                search()[2]
                """)
        #expect(run.errors == "")
        #expect(run.output == "[1] 8\n[1] 4\n[1] FALSE\n<doubled>\n[1] 6\n[1] \"package:doubling\"\n")
    }

    @Test func `it is not found in the working directory`() {
        let bench = bench()
        let run = Subprocess(
            "sh",
            arguments: ["-c", "cd \(bench.folder)/installed && \(Subprocess.workbench) -e 'library(doubling)'"],
            environment: ["WORKBENCH_PLUGINS": "/nowhere", "XDG_STATE_HOME": bench.folder, "NO_COLOR": "1"])
        #expect(run.errors.hasPrefix("Error in library(doubling) : there is no package called ‘doubling’\n"))
    }

    static let arguments: [(String, String)] = [
        ("double_it(11)", "`x` must be a number from 0 to 10, not 11"),
        ("double_it(\"a\")", "`x` must be a number from 0 to 10, not \"a\""),
        ("double_it(1, how = \"fas\")", "`how` must be one of \"fast\", \"slow\", not \"fas\""),
        ("double_it(1, hov = \"fast\")", "unused argument (hov = \"fast\")"),
        ("double_it()", "argument \"x\" is missing, with no default"),
        ("nn_scaling(-1)", "`by` must be a number above 0, not -1"),
        ("nn_scaling(bye = 1)", "unused argument (bye = 1)"),
    ]

    @Test(arguments: ScriptedPluginTests.arguments)
    func `arguments are checked as the documentation says`(_ call: String, _ message: String) {
        let bench = bench()
        let run = bench.run(
            code: "library(doubling); tryCatch(\(call), error = function(e) cat(conditionMessage(e), '\\n', sep = ''))")
        #expect(run.output == message + "\n", "\(run.errors)")
    }

    @Test func `an error in it names the plug-in, file and line`() {
        let bench = bench()
        let stopped = bench.run(code: "library(doubling); double_it(7)")
        #expect(
            bench.masked(stopped.errors) == """
                Error in .twice(x) : seven is too much
                  at FOLDER/installed/doubling.R:12 (plug-in doubling 0.3.1)
                  12 |   if (x == 7) stop("seven is too much")
                     |               ^^^^^^^^^^^^^^^^^^^^^^^^^

                """)
        let called = bench.run(code: "library(doubling); double_it(8)")
        #expect(
            bench.masked(called.errors) == """
                Error in nnf_relu(x, y = 1) : unused argument (y = 1)
                  at FOLDER/installed/doubling.R:13 (plug-in doubling 0.3.1)
                  13 |   if (x == 8) return(nnf_relu(x, y = 1))
                     |                      ^^^^^^^^^^^^^^^^^^
                  hint: arguments: input, inplace

                """)
    }

    @Test func `what one puts in the place of a name, others see too`() {
        let bench = bench("nn_linear <- function(...) 'mine'\n")
        write("make <- function() nn_linear(2, 1)\n", to: bench.folder + "/installed/user.R")
        let run = bench.run(
            code: "library(torch); library(user); a <- make(); library(doubling, override = TRUE); class(a)[1]; make()")
        #expect(run.output == "[1] \"nn_linear\"\n[1] \"mine\"\n", "\(run.errors)")
    }

    @Test func `help and completion know it before it is loaded, and after`() throws {
        let bench = bench()
        let output = CapturedOutput()
        let session = makeSession(capturing: output)
        session.context.pluginFolders = PluginFolders(in: [bench.folder + "/installed"])
        func edit(_ typed: String) -> CompletionEdit {
            session.onDeepStack {
                Completer(context: session.context, deadline: Deadline(milliseconds: 10_000)).edit(typed)
            }
        }
        for isLoaded in [false, true] {
            if isLoaded { _ = session.onDeepStack { session.run("library(doubling)") } }
            #expect(edit("doubling::dou").insert == "ble_it", "loaded: \(isLoaded)")
            #expect(edit("doubling::double_it(ho").insert == "w = ", "loaded: \(isLoaded)")
            #expect(edit("doubling::nn_scaling(").insert == "by = ", "loaded: \(isLoaded)")
            _ = output.take()
            _ = session.onDeepStack { session.run("?doubling::double_it") }
            let place = isLoaded ? "{doubling}" : "{doubling, not attached: library(doubling)}"
            let heading = "double_it" + String(repeating: " ", count: 78 - 9 - place.count + 2) + place
            let text = output.take().out
            #expect(
                text.hasPrefix(
                    """
                    \(heading)

                    Doubles what it gets

                    Usage:
                      double_it(x, how = "fast")

                    Arguments:
                      x    number from 0 to 10: what is doubled
                      how  one of fast, slow: no difference

                    """), "\(text)")
            #expect(text.contains("\nSlowly, but surely.\n"))
        }
        _ = session.onDeepStack { session.run("?double_it") }
        #expect(output.take().out.contains("Value:\n  a number\n"))
    }

    @Test func `a function of an installed plug-in is named when it is called`() {
        let bench = bench()
        let run = bench.run(code: "double_it(2)")
        #expect(run.errors.contains("  hint: library(doubling) has it, a plug-in that is installed\n"), "\(run.errors)")
        let output = CapturedOutput()
        let session = makeSession(capturing: output)
        session.context.pluginFolders = PluginFolders(in: [bench.folder + "/installed"])
        func hints() -> Bool {
            _ = session.onDeepStack { session.run("treble_it(2)") }
            return output.take().error.contains("library(doubling) has it")
        }
        #expect(!hints())
        write("treble_it <- function(x) 3 * x\n", to: bench.folder + "/installed/doubling.R")
        #expect(hints(), "files that have changed are read again")
    }

    @Test func `plugins() says whose a name is; blocking and --no-plugins keep it out`() {
        let bench = bench()
        let run = bench.run(
            code: """
                p <- plugins()
                p[p$plugin == "doubling", c("version", "loaded", "names")]
                library(doubling)
                plugins("double_it")
                plugins("nn_linear")[, c("kind", "namespace", "plugin")]
                tryCatch(plugins("nn_linea"), error = function(e) cat(conditionMessage(e), "\\n"))
                """)
        #expect(run.errors == "")
        let lines = run.output.split(separator: "\n").map { line in
            line.split(separator: " ").dropFirst().joined(separator: " ")
        }
        #expect(
            lines == [
                "loaded names", "0.3.1 FALSE 3", "kind namespace plugin version",
                "double_it function doubling doubling 0.3.1", "namespace plugin", "layer torch layers",
                "is neither a plug-in nor a registered name \"nn_linea\"",
            ])
        for options in [["--block", "doubling"], []] {
            let variables = options.isEmpty ? ["WORKBENCH_BLOCK": "layers,doubling"] : [:]
            let blocked = bench.run(code: "library(doubling)", variables, options: options)
            #expect(blocked.errors.hasPrefix("Error in library(doubling) : plug-in doubling 0.3.1 is blocked\n"))
        }
        #expect(
            bench.run(code: "options(workbench.block = 'doubling'); library(doubling)").errors.hasPrefix(
                "Error in library(doubling) : plug-in doubling 0.3.1 is blocked\n"))
        #expect(
            bench.run(code: "library(doubling)", options: ["--no-plugins"]).errors.hasPrefix(
                "Error in library(doubling) : there is no package called ‘doubling’\n"))
        #expect(
            bench.run(code: "library(torch); nn_linear(1, 1)", options: ["--block", "layers"]).errors.hasPrefix(
                "Error in nn_linear(1, 1) : could not find function \"nn_linear\"\n"))
    }

    @Test func `override puts its names in the place of those in the box`() {
        let bench = bench("nn_linear <- function(...) 'mine'\nwhich_one <- function() nn_linear()\n")
        let run = bench.run(
            code: """
                library(torch)
                library(doubling, override = TRUE)
                c(nn_linear(1), torch::nn_linear(1), doubling::nn_linear(1), which_one())
                plugins("nn_linear")$plugin
                """)
        #expect(run.errors == "")
        #expect(run.output == "[1] \"mine\" \"mine\" \"mine\" \"mine\"\n[1] \"doubling\" \"doubling\"\n")
    }

    @Test func `a saved session loads it again`() {
        let bench = bench()
        let file = bench.folder + "/run.wb"
        let saved = bench.run(
            code: "library(torch); library(doubling); m <- nn_scaling(3); f <- double_it; save_session('\(file)')")
        #expect(saved.status == 0, "\(saved.errors)")
        #expect(!saved.errors.contains("not saved"), "\(saved.errors)")
        let back = bench.run(code: "restore_session('\(file)'); f(2); m(torch_tensor(2))$item()")
        #expect(back.output == "[1] 4\n[1] 6\n", "\(back.errors)")
        unlink(bench.folder + "/installed/doubling.R")
        let without = bench.run(code: "restore_session('\(file)')")
        #expect(
            without.errors.contains(
                "plug-in doubling 0.3.1 is not installed: what it made is kept as it was saved, and cannot be used"),
            "\(without.errors)")
    }
}
