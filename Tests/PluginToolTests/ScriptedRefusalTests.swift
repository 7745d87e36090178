import Glibc
import TestSupport
import Testing

/// Plug-ins in R that cannot be loaded: each with file and line, and nothing of it stays behind.
@Suite struct ScriptedRefusalTests {
    /// A bench with a plug-in `doubling`.
    private static func bench(_ source: String) -> PluginBench {
        let bench = PluginBench()
        mkdir(bench.folder + "/installed", 0o700)
        write(source, to: bench.folder + "/installed/doubling.R")
        return bench
    }

    static let refused: [(String, String)] = [
        (
            "f <- function(x) {\n",
            "plug-in doubling 0.0.0: FOLDER/installed/doubling.R:2: unexpected end of input \n"
        ),
        ("x <- 1\nf <- stop('not today')\n", "plug-in doubling 0.0.0 cannot be loaded. \nnot today \n"),
        (
            "nn_linear <- function(x) x\n",
            "plug-in doubling 0.0.0: the name nn_linear (torch::nn_linear of the plug-in layers) is taken \n"
        ),
        (
            "sum <- function(x) x\nmean <- 1\nmax <- 2\nmin <- 3\n",
            "plug-in doubling 0.0.0: the names sum (base::sum of the plug-in base-arithmetic), mean (base::mean of the plug-in base-statistics), max (base::max of the plug-in base-arithmetic) and 1 more are taken \n"
        ),
        (
            "cb <- luz_callback('cb', on_batch_end = function() 1)\n",
            "plug-in doubling 0.0.0 cannot be loaded. \na method of cb is `on_batch_end`, a hook that does not exist: it would never be called \n"
        ),
    ]

    static let unreadable = [
        "number form 0", "whole number >= 1", "number between 0 and 1", "number from low", "one of",
    ]

    @Test(arguments: ScriptedRefusalTests.unreadable)
    func `a demand that cannot be read is said`(_ words: String) {
        let bench = Self.bench("#' Title\n#' @param x \(words): text\nf <- function(x) x\n")
        #expect(
            bench.masked(bench.run(code: "library(doubling)").errors).hasPrefix(
                "Error in library(doubling) : \n  plug-in doubling 0.0.0: FOLDER/installed/doubling.R:2: what is demanded of `x` cannot be read: \(words)\n"
            ), "\(bench.run(code: "library(doubling)").errors)")
        for prose in ["number of layers", "whole image", "list of tensors", "one or two"] {
            let bench = Self.bench("#' @param x \(prose): text\nf <- function(x) x\n")
            #expect(bench.run(code: "library(doubling); f(1)").output == "[1] 1\n")
        }
    }

    @Test func `nothing can be demanded of the dots`() {
        let bench = Self.bench("#' Title\n#' @param ... number: terms\nf <- function(...) sum(...)\n")
        let errors = bench.masked(bench.run(code: "library(doubling)").errors)
        #expect(
            errors.contains("installed/doubling.R:2: nothing can be demanded of `...`, which stands for any number"),
            "\(errors)")
    }

    @Test(arguments: ["factor(2)", "as.Date('2026-01-02')"])
    func `dates and factors are no whole numbers`(_ value: String) {
        let bench = Self.bench("#' @param n whole number: how many\nf <- function(n) n\n")
        let errors = bench.run(code: "library(doubling); f(\(value))").errors
        #expect(errors.contains("`n` must be a whole number, not "), "\(errors)")
    }

    /// Files of plug-ins, and what loading the first says.
    static let chains: [([String: String], String)] = [
        (["one": "library(one)\nf <- function() 1\n"], "plug-in one 0.0.0 loads itself: one → one"),
        (
            [
                "one": "library(two)\nf <- function() 1\n", "two": "g <- three::h\n",
                "three": "h <- function() 1\nlibrary(one)\n",
            ],
            "plug-in one 0.0.0 loads itself: one → two → three → one"
        ),
    ]

    @Test(arguments: ScriptedRefusalTests.chains)
    func `plug-ins that load each other in a circle are refused`(_ files: [String: String], _ message: String) {
        let bench = Self.bench("f <- 1\n")
        for (name, source) in files { write(source, to: bench.folder + "/installed/\(name).R") }
        let run = bench.run(
            code: """
                e <- tryCatch(library(one), error = function(e) e)
                while (!is.null(e$parent)) e <- e$parent
                cat(conditionMessage(e), "\n", sep = "")
                intersect(c("one", "two", "three"), loadedNamespaces())
                """)
        #expect(run.output == message + "\ncharacter(0)\n", "\(run.errors)")
    }

    @Test(arguments: ScriptedRefusalTests.refused)
    func `what cannot be loaded is refused, and leaves nothing behind`(_ source: String, _ message: String) {
        let bench = Self.bench(source)
        let run = bench.run(
            code: """
                tryCatch(library(doubling), error = function(e) {
                  cat(e$message, "\\n")
                  if (!is.null(e$parent)) cat(conditionMessage(e$parent), "\\n")
                })
                "doubling" %in% loadedNamespaces()
                """)
        #expect(bench.masked(run.output) == message + "[1] FALSE\n", "\(run.errors)")
    }
}
