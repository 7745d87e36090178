library(zeallot)
c(a, b) %<-% list(1, "two"); a; b; c(x, y, z) %<-% c(1, 2, 3); x + y + z; c(p, c(q, r)) %<-% list(1, list(2, 3)); c(p, q, r)
c(first, ...rest) %<-% list(1, 2, 3); first; rest; c(..., last) %<-% list(1, 2, 3); last; c(h, ...mid, t) %<-% 1:5; mid; c(., second) %<-% list(1, 2) ; second
list(7, 8) %->% c(u, v); u * v; f <- function() list(m = 1, n = 2); c(m, n) %<-% f(); m; n; s <- 5 ; c(s) %<-% list(6); s
tryCatch(c(a, b) %<-% list(1), error = function(e) cat("too few\n")); tryCatch(c(a, b) %<-% list(1, 2, 3), error = function(e) cat("too many\n")); g <- function() { c(k, l) %<-% list(3, 4); k * l }; g(); exists("k")
c(i, j) %<-% data.frame(a = 1:2, b = 3:4); i; j; one %<-% 5; one
