import TestSupport
import Testing

/// `coro::generator()`: code that hands out values and goes on where it was.
@Suite struct GeneratorTests {
    private func out(_ code: String) -> String {
        let run = runProgram("library(coro)\n" + code)
        return run.out + run.error
    }

    @Test func `values come one at a time, then there are no more`() {
        #expect(
            out(
                """
                g <- generator(function(n) { cat("<begin>"); for (i in seq_len(n)) yield(i * 2); cat("<end>") })
                it <- g(3)
                cat("made "); cat(it(), ""); cat(it(), ""); cat(it(), ""); x <- it(); cat("", is_exhausted(x), is_exhausted(it()), "\\n")
                s <- 0; loop(for (v in g(4)) s <- s + v); cat("", s, unlist(collect(g(5), 2)), "\\n")
                cat(unlist(collect(gen(for (i in 1:3) yield(i^2)))), is.function(it), is.function(g), "\\n")
                """) == """
                    made <begin>2 4 6 <end> TRUE TRUE\u{20}
                    <begin><end><begin> 20 2 4\u{20}
                    1 4 9 TRUE TRUE\u{20}

                    """)
    }

    /// Each that is let go wakes and unwinds by itself: all of them at once must not wake one another.
    @Test func `many are let go at once`() {
        #expect(
            out(
                """
                g <- generator(function() for (i in 1:100) yield(i))
                l <- lapply(1:1200, function(i) { it <- g(); it(); it })
                begun <- Sys.time(); rm(l); invisible(gc())
                while (length(list.files("/proc/self/task")) > 100 && Sys.time() - begun < 20) Sys.sleep(0.01)
                cat(length(list.files("/proc/self/task")) <= 100)
                """) == "TRUE")
    }

    @Test func `two at once, one inside another, without end, and left in the middle`() {
        #expect(
            out(
                """
                count <- generator(function(from) repeat { yield(from); from <- from + 1 })
                a <- count(1); b <- count(10)
                cat(a(), b(), a(), b(), "")
                pairs <- generator(function(it) loop(for (v in it) if (v > 3) break else yield(paste0("<", v, ">"))))
                cat(unlist(collect(pairs(count(1)))), "")
                f <- function() { g <- generator(function() { on.exit(cat("left ")); yield(1); yield(2) })(); g() }
                cat(f(), ""); invisible(gc()); invisible(sapply(1:500, function(i) count(i)())); Sys.sleep(0.2); cat("done")
                """
            ).hasPrefix("1 10 2 11 <1> <2> <3> 1 "))
    }

    @Test func `errors, warnings and conditions pass`() {
        #expect(
            out(
                """
                bad <- generator(function() { yield(1); warning("careful"); yield(2); stop("broken") })
                it <- bad(); it()
                cat(tryCatch(withCallingHandlers(it(), warning = function(w) { cat("caught", conditionMessage(w), ""); invokeRestart("muffleWarning") }), error = conditionMessage), "")
                cat(tryCatch(it(), error = conditionMessage), is_exhausted(it()), "\\n")
                cat(tryCatch(yield(1), error = conditionMessage), "\\n")
                self <- NULL; me <- generator(function() yield(self()))(); self <- me
                cat(tryCatch(me(), error = conditionMessage), "\\n")
                generator(42)
                """) == """
                    [1] 1
                    caught careful 2 broken TRUE\u{20}
                    `yield()` can't be called directly or within function arguments\u{20}
                    a generator cannot be asked for a value while it makes one\u{20}
                    Error in generator(42) : `fn` must be a function written in R, not 42
                      9 | generator(42)
                        | ^^^^^^^^^^^^^
                      hint: coro::generator(function(n) for (i in seq_len(n)) yield(i))

                    """)
    }
}
