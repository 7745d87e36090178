f <- function(x) { stopifnot(is.numeric(x), x > 0); sqrt(x) }
f(9)
f(-1)
