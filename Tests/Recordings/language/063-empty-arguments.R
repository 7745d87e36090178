# Empty arguments, and parameters that were not given, on their way to other functions.
p <- function(e) {
  tryCatch(print(eval(e, globalenv())),
    error = function(e) cat("error:", conditionMessage(e), "\n"), warning = function(w) cat("warning:", conditionMessage(w), "\n"))
}
m <- matrix(1:4, 2); d <- data.frame(a = 1:2, b = 3:4)
p(quote({f <- function(x, ...) x[...]; f(m, 1, )})); p(quote(f(m, , 1))); p(quote(f(d, 1, ))); p(quote(f(m, 1, 2)))
p(quote({f <- function(x, ...) {x[...] <- 0L; x}; f(m, 1, )})); p(quote(f(m, , 2)))
p(quote(do.call("[", alist(m, 1, ))))
p(quote({f <- function(...) c(...); f(1, , 2)}))
p(quote({f <- function(x, ...) nargs(); f(1, )})); p(quote({f <- function(x, y) nargs(); f(1, )}))
p(quote({f <- function(x, ...) ...length(); f(1, )})); p(quote({f <- function(...) missing(..1); f(, 1)}))
p(quote({f <- function(...) missing(..2); f(, 1)})); p(quote({f <- function(x) x; f(1, )}))
p(quote(length(alist(a, ))))
p(quote({f <- function(alpha, ...) list(...); f(al = 1, alp = 2)})); p(quote({f <- function(alpha) 1; f(al = 1, alp = 2)}))
p(quote({h <- function(x, y) round(x, y); h(1.5)})); p(quote({h <- function(x, y) signif(x, digits = y); h(2.123)}))
p(quote({h <- function(x, y) log(x, y); h(4)})); p(quote({h <- function(x, y) rep(x, times = y); h(1.5)}))
p(quote({h <- function(x, y) seq(x, 5, by = y); h(4)})); p(quote({h <- function(x, y) factor(x, levels = y); h(2)}))
p(quote({h <- function(x, y) subset(x, y); h(d)})); p(quote({h <- function(x, y) subset(x, select = y); h(d)}))
p(quote({h <- function(x, y) as.Date(x, y); h("2020-01-01")})); p(quote({h <- function(x, y) sample(x, y); length(h(3))}))
p(quote({h <- function(x, y) x + y; h(4)})); p(quote({h <- function(x, y) max(x, y); h(4)})); p(quote({h <- function(x, y) list(x, y); h(4)}))
p(quote({h <- function(x, y) matrix(x, ncol = y); h(4)})); p(quote({h <- function(x, y) paste(x, y); h(4)}))
p(quote({h <- function(x, y) c(x, y); h(4)})); p(quote({h <- function(x, y) sum(x, na.rm = y); h(4)}))
