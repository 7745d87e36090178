f <- function(type = c("linear", "quadratic", "cubic"), n = 1) { type <- match.arg(type); type }
f(); f("cubic"); f("quad"); tryCatch(f("c2"), error = function(e) cat(conditionMessage(e), "\n"))
tryCatch(f(1), error = function(e) cat(conditionMessage(e), "\n")); f(NULL); tryCatch(f(c("linear", "cubic")), error = function(e) cat(conditionMessage(e), "\n"))
g <- function(x = c("a", "b", "c")) match.arg(x, several.ok = TRUE); g(); g(c("c", "a")); tryCatch(g("z"), error = function(e) cat(conditionMessage(e), "\n"))
match.arg("me", c("mean", "median")) |> tryCatch(error = function(e) cat(conditionMessage(e), "\n")); match.arg("med", c("mean", "median")); match.arg("x", c("x", "xy"))
h <- function(only = "one") match.arg(only); h(); tryCatch(h("two"), error = function(e) cat(conditionMessage(e), "\n"))
tryCatch(f(character(0)), error = function(e) cat(conditionMessage(e), "\n")); tryCatch(g(character(0)), error = function(e) cat(conditionMessage(e), "\n"))
k <- function(m = c("p", "q")) { m <- match.arg(m); switch(m, p = 1, q = 2) }; k("q"); sapply(c("p", "q"), k)
