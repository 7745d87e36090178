# functions and code
options(keep.source = FALSE)
function(x, y = 2) { x + y }
f <- function(x) x^2
f
list(f = f); print(f)
quote(a + b); quote(x); quote(if (a) b else c); as.name("a b"); expression(a + b, c); y ~ x + z
quote(f(x, y = 2)); quote({a; b}); quote(function(x) x + 1); quote(x[1]); quote(x$a); quote(-x); quote(!a)
invisible(3); (invisible(4)); print(invisible(5)); v <- 7; (v <- 8); if (FALSE) 1
globalenv(); emptyenv(); class(print)
