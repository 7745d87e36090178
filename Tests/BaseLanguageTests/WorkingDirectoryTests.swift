import TestSupport
import Testing

/// `setwd()`: relative paths follow, the process does not.
@Suite struct WorkingDirectoryTests {
    @Test func `relative paths start at the working directory`() {
        let folder = makeTemporaryFolder()
        let run = runProgram(
            """
            before <- setwd("\(folder)")
            dir.create("a"); writeLines("x <- 3", "a/b.R")
            setwd("a"); source("b.R"); cat(x, basename(getwd()), list.files(), file.exists("../a/b.R"), "")
            setwd(".."); cat(identical(getwd(), normalizePath("\(folder)")), setwd(before) == getwd(), "")
            tryCatch(setwd("no such folder"), error = function(e) cat(conditionMessage(e), ""))
            tryCatch(setwd(3), error = function(e) cat(conditionMessage(e)))
            """)
        #expect(
            run.out == "3 a b.R TRUE TRUE FALSE cannot change working directory character argument expected",
            "\(run.error)")
    }

    @Test func `tibbles print as pillar shows them`() {
        let run = runProgram(
            """
            x <- data.frame(metric = c("loss", "acc", "rate"), value = c(0.997842, 0.61, 1234.5), n = 1:3)
            class(x) <- c("tbl_df", "tbl", "data.frame")
            x
            """)
        #expect(
            run.out == """
                # A tibble: 3 × 3
                  metric    value     n
                  <chr>     <dbl> <int>
                1 loss      0.998     1
                2 acc       0.61      2
                3 rate   1234.        3

                """, "\(run.error)")
    }

    @Test func `cnd_message adds the errors that caused one`() {
        let run = runProgram(
            """
            e <- tryCatch(
              tryCatch(stop("inner"), error = function(e) rlang::abort("outer", parent = e)), error = function(e) e)
            wrapped <- structure(class = c("rlang_error", "error", "condition"), list(message = "outside", call = NULL, parent = simpleError("inside")))
            cat(rlang::cnd_message(simpleError("plain")), length(gregexpr("Caused by", rlang::cnd_message(e))[[1]]),
              rlang::cnd_message(wrapped), rlang::cnd_message(wrapped, inherit = FALSE), conditionMessage(wrapped), sep = "|")
            """)
        #expect(run.out == "plain|1|outside\nCaused by error:\n! inside|outside|outside\nCaused by error:\n! inside", "\(run.out) \(run.error)")
    }
}
