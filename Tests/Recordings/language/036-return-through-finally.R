f <- function() { tryCatch(return("from try"), finally = cat("fin\n")); "after" }
f()
g <- function() tryCatch({ return(8) }, finally = y <- 2)
g()
h <- function() tryCatch(invisible(3), finally = print("end"))
h()
k <- function() tryCatch(return(invisible(4)), finally = 5)
k()
source(textConnection("zz <- 5; zz + 1"))
zz
environmentName(environment(sd))
environment(sd)
fz <- function(x) UseMethod("fz")
fz.default <- function(x) 1
fz.Zed <- fz.abc <- fz.default
methods("fz")
