import Glibc
import TestSupport
import Testing

/// What `plugin test` tries of a plug-in in R, where, and how it shows what that says.
@Suite struct TrialSurroundingsTests {
    /// `workbench plugin test NAME` in a folder that holds the plug-in's.
    private func test(_ source: String, name: String = "own") -> (result: Subprocess, folder: String) {
        let bench = PluginBench()
        mkdir(bench.folder + "/installed", 0o700)
        mkdir(bench.folder + "/" + name, 0o755)
        write(source, to: bench.folder + "/\(name)/\(name).R")
        write(
            "{\"name\": \"\(name)\", \"version\": \"1.0\", \"script\": \"\(name).R\"}",
            to: bench.folder + "/\(name)/plugin.json")
        let result = Subprocess(
            "/bin/sh",
            arguments: ["-c", "cd '\(bench.folder)' && '\(Subprocess.workbench)' plugin test \(name); ls"],
            environment: bench.environment)
        return (result, bench.folder)
    }

    @Test func `names that stay inside are not tried, and those in the place of others once`() {
        let run = test(
            """
            .nn_hidden <- nn_module("hidden", forward = function(x) stop("never"))
            nn_linear <- nn_module("nn_linear", forward = function(x) 2 * x)

            """
        ).result
        #expect(!run.output.contains("hidden"), "\(run.output)\(run.errors)")
        #expect(run.output.ranges(of: "nn_linear(): input").count == 1, "\(run.output)\(run.errors)")
    }

    @Test func `what a plug-in writes while it is tried is not left in the folder one is in`() {
        let run = test(
            """
            luz_callback_log <- luz_callback("log", initialize = function(path = "log.txt") self$path <- path,
              on_epoch_end = function() cat("epoch\\n", file = self$path, append = TRUE))

            """
        ).result
        #expect(run.output.contains("luz_callback_log(): a fit of two epochs"), "\(run.output)\(run.errors)")
        #expect(run.output.hasSuffix("installed\\nown\\n".replacing("\\n", with: "\n")), "\(run.output)\(run.errors)")
    }

    @Test func `a name that library() would never find is refused by test as by install`() {
        let run = test("nn_own <- nn_module('nn_own', forward = function(x) x)\n", name: "stats").result
        #expect(
            run.errors == """
                workbench plugin: plug-in stats 1.0: the name stats is taken: library(stats) is in the box
                  hint: give the folder, the name in plugin.json and the namespace another name

                """)
    }

    @Test func `control characters of a plug-in are written out, and its errors have a place`() {
        let run = test(
            """
            # A layer that
            # does not compute.
            nn_red <- nn_module("nn_red", forward = function(x) stop("\\033[31mred"))
            optim_odd <- optimizer("optim_odd", initialize = function(params, rate) super$initialize(params, list(rate = rate)),
              step = function(closure = NULL) stop("no step"))

            """
        ).result
        #expect(!run.output.contains("\u{1B}"), "\(run.output)")
        #expect(run.output.contains("\\u{1B}[31mred, at own.R:3"), "\(run.output)\(run.errors)")
        #expect(
            run.output.contains(
                "fails with guessed arguments: optim_odd(params, rate = 8): no step, at own.R:5\n"),
            "\(run.output)\(run.errors)")
    }

    @Test func `an error of a check shows the file of the plug-in`() {
        let bench = PluginBench()
        mkdir(bench.folder + "/installed", 0o700)
        write(
            "\nnn_own <- nn_module('nn_own', forward = function(x) stop('not for me'))\n",
            to: bench.folder + "/installed/own.R")
        let run = bench.run(code: "library(torch); library(own); check_layer(nn_own(), torch_ones(2, 3))")
        #expect(run.errors.contains("nn_own(): not for me\n"), "\(run.errors)")
        #expect(run.errors.contains("/installed/own.R:2 (plug-in own 0.0.0)\n"), "\(run.errors)")
    }
}
