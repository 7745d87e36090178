# Partial names of `$` may warn; signals by name.
x <- list(abc = 1, de = 2)
x$ab
old <- options(warnPartialMatchDollar = TRUE)
tryCatch(x$ab, warning = function(w) cat(conditionMessage(w), "|", deparse(conditionCall(w)), "\n"))
tryCatch(x$abc, warning = function(w) cat("none expected\n"))
tryCatch(x$zz, warning = function(w) cat("none expected\n"))
d <- data.frame(height = 1:2)
tryCatch(d$hei, warning = function(w) cat(conditionMessage(w), "\n"))
options(old)
x$d
tools::SIGTERM
c(tools::SIGINT, tools::SIGKILL, tools::SIGUSR1)
print(tools::pskill(Sys.getpid(), 0))
print(tools::pskill(c(99999999, -1, 0, NA), 0))
