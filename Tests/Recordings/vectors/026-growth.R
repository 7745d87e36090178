x <- c(); for (i in 1:5) x[i] <- i^2; x
l <- list(); for (i in 1:3) l[[i]] <- i; length(l); l[[length(l) + 1]] <- "end"; l[[4]]
v <- integer(0); for (i in 1:4) v <- c(v, i); v
d <- list(); for (k in c("a", "b", "a")) d[[k]] <- (if (is.null(d[[k]])) 0 else d[[k]]) + 1; d
s <- character(); s["x"] <- "1"; s["y"] <- "2"; s
n <- numeric(3); n[[2]] <- 5; n; n[7] <- 1; n
m <- matrix(0, 2, 2); for (i in 1:2) for (j in 1:2) m[i, j] <- 10 * i + j; m
q <- list(a = 1); q[["b"]]$c[["d"]] <- 2; q
f <- function() { a <- 1:3; g <- function() a[2] <<- 99L; g(); a }; f()
z <- 1:10; z[z %% 2 == 0] <- 0L; z; z[length(z) + 1] <- 11L; z; z[20] <- 1L; length(z); sum(is.na(z))
acc <- list(); acc$loss <- c(acc$loss, 0.5); acc$loss <- c(acc$loss, 0.25); acc
h <- NULL; h <- rbind(h, c(1, 2)); h <- rbind(h, c(3, 4)); h
y <- x; y[1] <- -1; x[1]; y[1]; w <- list(x, y); w[[1]][1] <- 1000; x[1]; w[[1]][1]
b <- 1:3; for (i in seq_along(b)) b[i] <- b[i] * 2L; b; typeof(b); b[2] <- 2.5; typeof(b); names(b) <- c("p", "q", "r"); b[["q"]] <- 0; b
e <- new.env(); e$v <- 1:3; for (i in 1:3) e$v[i] <- 0L; e$v; e$l <- list(); e$l[["k"]] <- 1; e$l$k <- e$l$k + 1; e$l
o <- list(p = list(q = list(r = 1:3))); o$p$q$r[2] <- 42L; o$p$q$r; o[["p"]][["q"]][["s"]] <- "t"; names(o$p$q)
