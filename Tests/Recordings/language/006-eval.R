x <- 1; e <- new.env(); e$x <- 2
eval(quote(x)); eval(quote(x), e); eval(quote(x), list(x = 3)); evalq(x, list(x = 4)); with(list(x = 5), x + 1)
f <- function() { x <- 10; c(eval(quote(x)), eval(quote(x), globalenv()), eval(quote(x), parent.frame())) }; f()
g <- function(expr) { x <- 20; eval(substitute(expr), list(k = 1), parent.frame()) }; g(x + k)
eval(expression(a <- 1, a + 1)); eval(5); eval("s"); eval(quote(quote(z)))
h <- function() { eval(quote(return(7))); 8 }; h()
k <- function() { local(return(9)); 10 }; k()
local({ y <- 2; y^2 }); exists("y"); local(b <- 3, envir = e); e$b
eval.parent(quote(x)); m <- function() eval.parent(quote(x)); n <- function() { x <- 30; m() }; n()
tryCatch(eval(quote(nope)), error = function(e) cat(conditionMessage(e), "\n"))
tryCatch(eval(quote(x), "a"), error = function(e) cat(conditionMessage(e), "\n"))
df <- data.frame(u = 1:3, v = 4:6); with(df, sum(u * v)); eval(quote(u + v), df)
eval(invisible(3)); invisible(7); (invisible(8)); withVisible(invisible(3))$visible
v <- eval(quote(if (FALSE) 1)); is.null(v); do.call(eval, list(quote(x), list(x = 99)))
