import TestSupport
import Testing

/// Short programs of the language part and what they print; what R cannot tell (hints, coro, clear refusals) included.
@Suite struct LanguageCases {
    struct Case: CustomStringConvertible, Sendable {
        let code: String
        let output: String
        init(_ code: String, _ output: String) {
            self.code = code
            self.output = output
        }
        var description: String { code }
    }

    static let cases: [Case] = [
        // coro: iterators are functions, vectors and objects with a method for as_iterator
        Case(
            "gen <- function(n) { i <- 0; function() if (i < n) { i <<- i + 1; i } else coro::exhausted() }\n"
                + "coro::loop(for (x in gen(5)) { if (x == 2) next; if (x == 4) break; cat(x, \"\") }); cat(x)",
            "1 3 4"),
        Case("cat(length(coro::collect(function() 1, n = 3)))", "3"),
        Case(
            "g <- function() { coro::loop(for (v in list(1, 2)) if (v == 2) return(\"out\")); \"end\" }; cat(g())",
            "out"),
        Case(
            "registerS3method(\"as_iterator\", \"countdown\", function(x) { n <- x$n; function() { n <<- n - 1; "
                + "if (n < 0) coro::exhausted() else n } }); cat(unlist(coro::collect(structure(list(n = 3), class = \"countdown\"))))",
            "2 1 0"),
        Case(
            "tryCatch(coro::async(function() 1), error = function(e) cat(conditionMessage(e)))",
            "coro::async() is not supported"),
        // refusals are one clear line
        Case(
            "tryCatch(setClass(\"A\"), error = function(e) cat(conditionMessage(e)))",
            "S4 classes and reference classes are not supported: setClass()"),
        // what calls and activations look like
        Case(
            "f <- function() stop(\"x\"); r <- tryCatch(f(), error = conditionCall); cat(class(r), length(r))", "call 1"
        ),
        Case("r <- tryCatch(stop(\"x\"), error = conditionCall); cat(as.character(r[[1]]))", "doTryCatch"),
        Case(
            "r <- tryCatch(lapply(1, function(i) stop(\"x\")), error = conditionCall); cat(as.character(r[[1]]))", "FUN"
        ),
        // unwinding through every kind of protection
        Case(
            "f <- function() { on.exit(cat(\"exit \")); tryCatch(return(\"value \"), finally = cat(\"finally \")) }; cat(f())",
            "finally exit value "),
        Case("for (i in 1:3) tryCatch({ if (i == 2) next; cat(i, \"\") }, finally = cat(\"f \"))", "1 f f 3 f "),
        Case(
            "r <- withRestarts({ withCallingHandlers(stop(\"e\"), error = function(e) invokeRestart(\"use\", 7)); 1 }, "
                + "use = function(v) v + 1); cat(r)", "8"),
        Case(
            "f <- function() f(); cat(tryCatch(f(), error = function(e) substr(conditionMessage(e), 1, 28)))",
            "evaluation nested too deeply"),
        // pipes
        Case(
            "library(magrittr); cat(c(1, 4) %>% sqrt %>% sum, 4 %>% base::sqrt, list(m = sqrt) %>% { .$m(16) })",
            "3 2 4"),
        Case(
            "library(magrittr); s <- . %>% sum %>% add(1); cat(s(1:3), length(functions(s)), class(s))",
            "7 2 fseq function"),
        Case("library(magrittr); x <- 1:3; x %<>% rev; cat(x)", "3 2 1"),
        // reference classes
        Case(
            "C <- R6::R6Class(\"C\", public = list(n = 0, add = function(k) { self$n <- self$n + k; invisible(self) }))\n"
                + "D <- R6::R6Class(\"D\", inherit = C, public = list(add = function(k) super$add(k * 10)))\n"
                + "d <- D$new(); e <- d$clone(); d$add(1)$add(2); e$add(5); cat(d$n, e$n, class(d))",
            "30 50 D C R6"),
        Case(
            "cat(tryCatch(rlang::signal(\"x\", class = \"es\"), es = class)); rlang::signal(\"x\", class = \"q\")\n"
                + "cat(\"\", tryCatch(rlang::interrupt(), interrupt = function(e) \"stopped\"))",
            "es condition stopped"),
        // promises and environments
        Case("f <- function(x) { function() x }; g <- f({ cat(\"once \"); 5 }); cat(g() + g())", "once 10"),
        Case("e <- new.env(); local({ a <- 1; b <- 2 }, envir = e); cat(ls(e), exists(\"a\"))", "a b FALSE"),
        Case(
            "cat(tryCatch(library(torchh), error = conditionMessage))",
            "there is no package called \u{2018}torchh\u{2019}"),
    ]

    @Test(arguments: cases) func prints(_ example: Case) {
        let run = runProgram(example.code)
        #expect(run.out == example.output, "\(run.error)")
        #expect(run.status == 0)
    }

    @Test func unknownPackagesComeWithAHint() {
        let run = runProgram("library(magritr)")
        #expect(run.status == 1)
        #expect(run.error.contains("hint: did you mean `magrittr`?"))
    }

    @Test func closuresInCyclesAreCollected() {
        let script = """
            P <- R6::R6Class("P", public = list(x = 0, get = function() self$x))
            for (i in 1:300) { p <- P$new(); f <- function() p; p$get() }
            cat(gc()[["freed"]] > 250, p$get())
            """
        #expect(runProgram(script).out == "TRUE 0")
    }
}
