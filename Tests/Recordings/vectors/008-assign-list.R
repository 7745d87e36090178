e <- function(x) tryCatch(x, error = function(c) cat("Error:", conditionMessage(c), "\n"), warning = function(c) cat("Warning:", conditionMessage(c), "\n"))
l <- list(a = 1, b = 2); l$c <- "new"; l; l$a <- NULL; l; l[["b"]] <- list(1, 2); l; l["b"] <- NULL; l; l["d"] <- list(NULL); l; l[["e"]] <- NULL; l; l$f$g$h <- 5; l$f
l <- list(1, 2, 3); l[c(1, 3)] <- NULL; l; l[[4]] <- "x"; l; l[2:3] <- list("p", "q"); l; l[[2]] <- NULL; length(l); l[5] <- 1:1; l; l[1:2] <- 7; l
l <- list(a = list(b = list(c = 1))); l$a$b$c <- 2; l[["a"]][["b"]][["d"]] <- 3; l; l[[c("a", "b", "c")]] <- 10; l$a$b$c; l$a$b <- NULL; l; l$x[3] <- 5; l$x; l[["y"]]["k"] <- 1; l$y
l <- list(); l[["k"]] <- 1; l$m <- 1:3; l$m[2] <- 9L; l; l[["n"]][["o"]] <- "deep"; l$n; l <- list(); l$v[["a"]] <- 1; l; names(l) <- "w"; l; e({names(l)[2] <- "z"}); e({names(l) <- c("a", "b", "c")})
x <- list(1, 2); y <- x; y[[1]] <- "changed"; x[[1]]; y[[1]]; x$new <- 1; names(x); x[["q"]] <- function(a) a; class(x$q); x[[1]] <- quote(a + b); x[[1]]; x[["env"]] <- globalenv(); class(x$env)
e1 <- new.env(); e1$a <- 1; e1[["b"]] <- 2; e1$a; e1$b; e1$lst <- list(); e1$lst$k <- 5; e1$lst; e1$a <- NULL; is.null(e1$a); e(e1[1] <- 2); e(e1[[1]] <- 2); sort(ls(e1))
p <- quote(f(x, y)); p[[1]] <- as.name("g"); p; p[[3]] <- 10; p; p$z <- quote(k); p; p[[2]] <- NULL; p; p[["z"]] <- 3; p; names(p) <- c("", "u", "v"); p
ex <- expression(a, b); ex[[2]] <- quote(c + d); ex; ex[3] <- expression(zz); length(ex); x <- 1:3; x[2] <- list(NULL); x; x <- list(a = 1, b = 2); x[c("a", "b")] <- list(10, 20); x
x <- list(a = 1); x[["a"]]$b <- 2; x; e({x[["a"]][[5]][[2]] <- 1}); l <- list(1, list(2, 3)); l[[2]][[1]] <- "in"; l; l[[c(2, 2)]] <- "rec"; l[[2]][[2]]
modifyList(list(a = 1, b = list(c = 2, d = 3)), list(b = list(c = 9), a = NULL, z = 1))
