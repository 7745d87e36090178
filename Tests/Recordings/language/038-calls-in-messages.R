# A call in a message is its first line, which breaks after about sixty characters.
f <- function(...) stop("e")
w <- function(...) warning("w")
x <- seq(0.5, 100, by = 1)
said <- function(code) cat(geterrmessage())
try(f(aaaaaaaaaaaaaaaaaaaa + 1, bbbbbbbbbbbbbbbbbbbbbb + 2, cccccccccccccccccccccc + 3, dddddddddddd + 4), silent = TRUE)
said()
try(do.call("f", list(x)), silent = TRUE)
said()
try(do.call(f, list(x)), silent = TRUE)
said()
try(f({
  aaaaaaaaaaaaaaaaaaaa + 1
  b
}), silent = TRUE)
said()
try(do.call("f", list(1, 2, strrep("b", 70), 3)), silent = TRUE)
said()
cat(as.character(tryCatch(do.call("f", list(x)), error = identity)))
y <- x
tryCatch(write.csv(data.frame(y), "/nowhere/x.csv"), error = function(e) cat(conditionMessage(e), "\n"), warning = function(w) cat("warned\n"))
do.call("f", list(x))
