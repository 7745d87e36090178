# First a warning that says why, then the error; both with R's call.
says <- function(code) {
  withCallingHandlers(
    tryCatch(code, error = function(e) cat("error:", conditionMessage(e), deparse(conditionCall(e)), "\n")),
    warning = function(w) {
      cat("warning:", conditionMessage(w), deparse(conditionCall(w)), "\n")
      invokeRestart("muffleWarning")
    })
}
says(source("nofile"))
says(readLines("nofile"))
says(parse("nofile"))
says(read.csv("nofile"))
says(read.table("no/such/file.txt"))
says({ f <- factor(c("a", "b")); f[2] <- "zz"; f })
says({ f <- factor(c("a", "b")); f[["x"]] <- "zz"; f })
a <- factor(c("a", "b", "c"))
b <- factor(c("b", "d"))
union(a, b)
intersect(a, b)
setdiff(a, b)
setequal(a, b)
intersect("a", a)
zapsmall(c(1.398061, 0.15791234), 5)
zapsmall(c(12.345678, 1e-9))
