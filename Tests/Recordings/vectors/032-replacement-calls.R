# The call that errors and warnings of replacements show.
f <- function(expr) tryCatch(expr, error = function(e) cat(conditionMessage(e), "|", deparse(conditionCall(e)), "\n"))
x <- 1:2
f(names(x) <- c("a", "b", "c"))
f(dim(x) <- 3)
f(x[list(1)] <- 3)
l <- list(a = 1:3)
f(dim(l$a) <- 2)
f(names(1:2) <- 1:3)
tryCatch(x$a <- 2, warning = function(w) print(conditionCall(w)))
print(tryCatch(sum[1], error = class))
print(tryCatch(quote(a)$b, error = class))
print(tryCatch(list(1)[[3]], error = class))
tryCatch(match.fun("no_such_function"), error = conditionMessage)
tryCatch(do.call("no_such_function", list()), error = conditionMessage)
# Replacement of elements: in environments, inside of lists, by expressions that look at what is replaced.
e <- new.env()
e$v <- 1:3
for (i in 1:3) e$v[i] <- e$v[i] * 10L
e$v[length(e$v) + 1L] <- 7L
print(e$v)
names(e$v)[2] <- "b"
print(e$v)
tryCatch(e$v[[9]][[2]] <- 1, error = conditionMessage)
print(e$v)
f(e$v[list(1)] <- 3)
print(e$v)
o <- structure(new.env(), class = "counter")
o$n <- c(1, 2)
o$n[2] <- o$n[1] + 5
print(o$n)
e$l <- list(a = 1:2)
e$l$a[3] <- 9L
str(e$l)
shared <- e$v
e$v[1] <- 0L
print(shared)
"[<-.path" <- function(x, i, value) { cat("replacing", deparse(substitute(i)), "\n"); x <- unclass(x); x[i] <- value; structure(x, class = "path") }
p <- structure(1:3, class = "path")
p[2:3] <- 8L
print(unclass(p))
h <- function(x, j) { x[1, j] <- 0; x }
h(data.frame(a = 1:2, b = 3:4))
cumsum(table(c("x", "y", "x")))
cumprod(table(c("x", "y", "x")))
cummax(c(a = 1, b = 0))
rapply(data.frame(a = 1:2, b = c("x", "y")), function(x) x * 2, classes = "integer", how = "list")
rapply(data.frame(a = 1:2, b = c("x", "y")), function(x) x * 2, classes = "integer", how = "replace")
