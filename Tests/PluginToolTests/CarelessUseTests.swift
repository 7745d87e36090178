import Glibc
import TestSupport
import Testing

/// What people do by mistake with plug-ins, and what is said of it.
@Suite struct CarelessUseTests {
    private func bench(_ files: [String: String] = [:]) -> PluginBench {
        let bench = PluginBench()
        mkdir(bench.folder + "/installed", 0o700)
        for (name, text) in files { write(text, to: bench.folder + "/installed/" + name) }
        return bench
    }

    static let misspelt: [([String], [String: String], String)] = [
        (["--block", "doublin"], [:], "workbench: there is no plug-in doublin to leave out; did you mean doubling?\n"),
        (["--block=doubling,zzzzzz"], [:], "workbench: there is no plug-in zzzzzz to leave out\n"),
        (
            [], ["WORKBENCH_BLOCK": "layerz"],
            "workbench: there is no plug-in layerz to leave out; did you mean layers?\n"
        ),
        (["--block", "doubling,layers"], [:], ""),
    ]

    @Test(arguments: CarelessUseTests.misspelt)
    func `a name to leave out that nobody has is said`(_ options: [String], _ more: [String: String], _ errors: String)
    {
        let bench = bench(["doubling.R": "double_it <- function(x) 2 * x\n"])
        #expect(bench.run(code: "invisible(1)", more, options: options).errors == errors)
    }

    @Test func `the name of a plug-in in the box is refused everywhere`() {
        let bench = bench(["layers.R": "own <- function() 1\n"])
        #expect(
            bench.run(code: "library(layers)").errors.contains(
                "plug-in layers 0.0.0: the name layers is taken: it is that of a plug-in in the box\n"))
        write("own <- function() 1\n", to: bench.folder + "/optimizers.R")
        let install = bench.run(["plugin", "install", bench.folder + "/optimizers.R"])
        #expect(
            install.errors == """
                workbench plugin: plug-in optimizers 0.0.0: the name optimizers is taken: it is that of a plug-in in the box
                  hint: give the folder, the name in plugin.json and the namespace another name

                """)
        #expect(install.status == 1)
        #expect(
            bench.run(["plugin", "new", "layers"]).errors
                == "workbench plugin: the name layers is taken: it is that of a plug-in in the box\n  hint: plugins() lists them\n"
        )
    }

    static let sly = [
        "if (TRUE) nn_linear <- function(...) 'mine'\n", "assign('nn_linear', function(...) 'mine')\n",
        "local({ f <- function() 1 })\nfor (name in 'nn_linear') assign(name, 1)\n",
    ]

    @Test(arguments: CarelessUseTests.sly)
    func `a taken name is refused however it is assigned`(_ source: String) {
        let bench = bench(["sly.R": source])
        let run = bench.run(
            code: """
                tryCatch(library(sly), error = function(e) cat(conditionMessage(e), "\\n"))
                class(torch::nn_linear(1, 1))[1]
                library(sly, override = TRUE)
                identical(torch::nn_linear, sly::nn_linear)
                """)
        #expect(
            run.output == """
                plug-in sly 0.0.0: the name nn_linear (torch::nn_linear of the plug-in layers) is taken 
                [1] "nn_linear"
                [1] TRUE

                """, "\(run.errors)")
    }

    @Test func `an error outside of functions has file and line`() {
        let bench = bench(["doubling.R": "x <- 1\nstop('not today')\n", "lost.R": "\nf <- nowhere_to_be_found\n"])
        let stopped = bench.run(code: "library(doubling)")
        #expect(
            bench.masked(stopped.errors) == """
                Error: plug-in doubling 0.0.0 cannot be loaded.
                Caused by error:
                ! not today
                  at FOLDER/installed/doubling.R:2
                  2 | stop('not today')
                    | ^^^^^^^^^^^^^^^^^

                """)
        let lost = bench.run(code: "library(lost)")
        #expect(bench.masked(lost.errors).contains("  at FOLDER/installed/lost.R:2\n"), "\(lost.errors)")
        #expect(
            bench.masked(bench.run(["plugin", "test", bench.folder + "/installed/doubling.R"]).errors)
                == "workbench plugin: plug-in doubling 0.0.0: FOLDER/installed/doubling.R:2: not today\n")
    }

    @Test func `plugins() of one that is not loaded; blocked by an option; names that stay inside`() {
        let bench = bench(["good.R": "good_one <- function() 1\n.onLoad <- function() 2\n"])
        let run = bench.run(
            code: """
                plugins("good")
                plugins("good_one")$plugin
                options(workbench.block = "good")
                p <- plugins(); endsWith(p$from[p$plugin == "good"], " (blocked)")
                plugins("good")$version
                suppressWarnings(require(good))
                tryCatch(require(good), warning = function(w) cat(conditionMessage(w), "\\n"))
                requireNamespace("good", quietly = TRUE)
                print(requireNamespace("good", quietly = TRUE))
                options(workbench.block = NULL); library(good); plugins("good")$name
                """)
        #expect(
            run.output == """
                      name     kind namespace plugin            version
                1 good_one function      good   good 0.0.0 (not loaded)
                [1] "good"
                [1] TRUE
                [1] "0.0.0 (blocked)"
                plug-in good 0.0.0 is blocked 
                [1] FALSE
                [1] "good_one"

                """, "\(run.errors)")
        #expect(run.errors == "")
    }

    @Test(.timeLimit(.minutes(1))) func `a pipe in the place of a file is not waited for`() {
        let bench = bench()
        for name in ["pipes", "large"] { mkdir(bench.folder + "/installed/" + name, 0o700) }
        mkfifo(bench.folder + "/installed/pipes/plugin.json", 0o600)
        write(
            String(repeating: " ", count: 1 << 20) + "{}",
            to: bench.folder + "/installed/large/plugin.json")
        #expect(bench.run(code: "nowhere_to_be_found(1)").status == 1)
        let list = bench.run(["plugin", "list"])
        #expect(
            bench.masked(list.output) == """
                large      FOLDER/installed/large  cannot be used: cannot read FOLDER/installed/large/plugin.json: it has 1048578 bytes, at most 1048576 are read
                pipes      FOLDER/installed/pipes  cannot be used: cannot read FOLDER/installed/pipes/plugin.json: it is no regular file

                """)
    }

    @Test func `leaving because nobody reads on accuses nobody`() throws {
        let bench = try BrokenPlugin.installed()
        _ = bench.run(code: "library(broken)")
        _ = Subprocess(
            "sh",
            arguments: [
                "-c",
                "'\(Subprocess.workbench)' -e 'library(broken); for (i in 1:100000) cat(\"a line of some length\\n\")' | head -1",
            ], environment: bench.environment)
        #expect(bench.run(code: "cat('well\\n')").errors == "")
    }

    @Test func `what cannot be removed is not said to be removed`() throws {
        let bench = bench(["single.R": "one <- function() 1\n"])
        let folder = bench.folder + "/installed"
        chmod(bench.folder, 0o755)
        chmod(folder, 0o555)
        defer { chmod(folder, 0o755) }
        // Rights do not hold for the system's administrator.
        let isRoot = geteuid() == 0
        let run = Subprocess(
            isRoot ? "setpriv" : "env",
            arguments: (isRoot ? ["--reuid=65534", "--regid=65534", "--clear-groups"] : [])
                + [Subprocess.workbench, "plugin", "remove", "single"], environment: bench.environment)
        // Not everywhere may the tests' program be run by somebody else.
        guard run.status != 127, run.status != 126 else { return }
        #expect(
            bench.masked(run.errors)
                == "workbench plugin: cannot remove 'FOLDER/installed/single.R': Permission denied\n")
        #expect(run.output == "")
        #expect(run.status == 1)
        #expect(access(folder + "/single.R", F_OK) == 0)
    }

    @Test func `plugin test --update records with the plug-in in the folder, not an installed one`() throws {
        let bench = bench()
        let words = { (words: String) in
            Subprocess(
                "/bin/sh", arguments: ["-c", "cd '\(bench.folder)' && '\(Subprocess.workbench)' \(words)"],
                environment: bench.environment)
        }
        _ = words("plugin new mine --kind transform")
        #expect(words("plugin install mine").status == 0)
        let source = bench.folder + "/mine/mine.R"
        write(try #require(textOfFile(source)) + "added_one <- function() 'new'\n", to: source)
        let test = bench.folder + "/mine/tests/mine.R"
        write("library(mine)\nadded_one()\n#> old\n", to: test)
        #expect(words("plugin test mine").status == 1)
        let update = words("plugin test mine --update")
        #expect(update.status == 1, "\(update.output)\(update.errors)")
        #expect(textOfFile(test) == "library(mine)\nadded_one()\n#> [1] \"new\"\n")
        #expect(words("plugin test mine").status == 0)
    }

    @Test func `what plugin test guesses of a plug-in in R refuses nothing`() throws {
        let bench = bench()
        mkdir(bench.folder + "/own", 0o755)
        mkdir(bench.folder + "/own/tests", 0o755)
        write("{\"name\": \"own\", \"version\": \"1.0\", \"script\": \"own.R\"}", to: bench.folder + "/own/plugin.json")
        write(
            """
            nn_ste <- nn_module("nn_ste", forward = function(x) x + (torch_round(x) - x)$detach())
            nn_twice <- nn_module("nn_twice", forward = function(x) 2 * x)
            nn_pair <- nn_module("nn_pair", initialize = function(size) self$w <- nn_parameter(torch_ones(size)),
              forward = function(x) list(x * self$w, self$w))
            optim_plain <- optimizer("optim_plain", initialize = function(params, lr) super$initialize(params, list(lr = lr)),
              step = function() private$step_helper(function(group, param, g, p) param$add_(param$grad, alpha = -group$lr)))
            transform_picky <- function(img, size = 32) if (img$size(2) < size) stop("too small: ", img$size(2)) else img

            """, to: bench.folder + "/own/own.R")
        write("library(own)\n1 + 1\n#> [1] 3\n", to: bench.folder + "/own/tests/own.R")
        let test = Subprocess(
            "/bin/sh",
            arguments: ["-c", "cd '\(bench.folder)' && '\(Subprocess.workbench)' plugin test own"],
            environment: bench.environment)
        // The script decides, and it is wrong.
        #expect(test.status == 1, "\(test.output)\(test.errors)")
        for line in [
            "fails with its defaults: nn_ste(): the gradient of the input is wrong",
            "nn_twice(): ", "fails with guessed arguments: optim_plain(params, lr = 0.01): ",
            "not tried: nn_pair (nn_pair(size = 8): forward returns a value of type 'list', not a tensor)",
        ] {
            #expect(test.output.contains(line), "\(test.output)\(test.errors)")
        }
        write("library(own)\n1 + 1\n#> [1] 2\n", to: bench.folder + "/own/tests/own.R")
        let right = Subprocess(
            "/bin/sh",
            arguments: ["-c", "cd '\(bench.folder)' && '\(Subprocess.workbench)' plugin test own"],
            environment: bench.environment)
        #expect(right.status == 0, "\(right.output)\(right.errors)")
    }

    @Test func `a session script without an end is stopped`() throws {
        let bench = bench()
        mkdir(bench.folder + "/own", 0o755)
        mkdir(bench.folder + "/own/tests", 0o755)
        write("{\"name\": \"own\", \"version\": \"1.0\", \"script\": \"own.R\"}", to: bench.folder + "/own/plugin.json")
        write("own <- function() while (TRUE) {}\n", to: bench.folder + "/own/own.R")
        write("library(own)\nown()\n", to: bench.folder + "/own/tests/own.R")
        let run = bench.run(["plugin", "test", bench.folder + "/own"], ["WORKBENCH_TEST_SECONDS": "2"])
        #expect(run.status == 1)
        #expect(bench.masked(run.output).hasSuffix("FOLDER/own/tests/own.R:2: interrupted\n"), "\(run.output)")
        #expect(
            bench.masked(run.errors)
                == "workbench plugin: FOLDER/own/tests/own.R is stopped after 2 seconds; WORKBENCH_TEST_SECONDS=3600 gives it more time\n"
        )
    }
}
