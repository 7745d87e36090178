e <- function(x) tryCatch(x, error = function(c) cat("Error:", conditionMessage(c), "\n"), warning = function(c) cat("Warning:", conditionMessage(c), "\n"))
l <- list(a = 1:3, b = "x", cc = list(d = 4, e = list(f = 5)))
l["a"]; l[["a"]]; l$c$d; l$cc$e$f; l[["cc"]][["d"]]; l[[c("cc", "d")]]; l[[c("cc", "e", "f")]]; l[[c(3, 1)]]; l[[1]][2]; l[-1]; l[c("b", "nope")]; l$nope; l[["nope"]]; e(l[[7]]); l[[NA]]; l[["c", exact = FALSE]]; l[["c"]]
e(l[[c("a", "z")]]); e(l[[c("z", "b", "c")]]); e(l[[c(1, 2, 3)]]); e(l[[c(3, 9)]]); e(l[[list(1)]]); l[[c(1, 2)]]; e(list()[[1]]); list()$a
l2 <- list(alpha = 1, alpine = 2, beta = 3); l2$al; l2$alph; l2$b; l2[["b"]]; l2[c(TRUE, FALSE, TRUE)]; l2[NULL]; l2[0]
x <- list(1, "a", TRUE); x[[2]]; x[2:3]; x[5]; names(x); is.null(x$a); length(x[10]); x[["a"]]
env <- new.env(); assign("v", 3, env); env$v; env[["v"]]; env$w; env[["w"]]; e(env[[1]]); e(env[1])
p <- quote(f(x, y = 2)); p[[1]]; p[[2]]; p$y; p[["y"]]; p[-1]; p[2:3]; as.list(p); length(p); names(p)
e2 <- expression(a + b, c); e2[[1]]; e2[1]; length(e2); e2[[1]][[1]]
l[["cc"]]$e[["f"]]; l[c(1, 1)]; unlist(l); lengths(l); length(l); l[sapply(l, is.character)]
nested <- list(list(1, 2), list(3)); nested[[1]][[2]]; nested[[c(1, 2)]]; nested[[2]]
