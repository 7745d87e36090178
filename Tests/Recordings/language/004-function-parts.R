f <- function(x, y = 2, ...) { x + y }
formals(f); names(formals(f)); formals(f)$y; body(f); class(body(f)); arity <- length(formals(f)); arity
args(sum) |> class(); args(f)
formalArgs(f)
body(f) <- quote(x * y); f(3); formals(f) <- alist(x = , y = 10); f(3); formals(f)$y <- 5; f(2)
g <- as.function(alist(a = , b = 2, a + b)); g(1); g
is.function(f); is.primitive(sum); is.primitive(f); is.function("f")
environmentName(environment(f)); environment(sum); is.null(body(sum)); is.null(formals(sum))
alist(a = , b = 1 + 2); class(alist(a = 1 + 2)$a)
(function(x) x)(2); identity(5); f2 <- function() NULL; is.null(formals(f2)); is.null(body(f2))
all.names(quote(a + b * sin(c))); all.vars(quote(a + b * sin(c) + a)); all.vars(y ~ x + log(z)); all.names(quote(x), functions = FALSE); all.vars(expression(u, v^2))
