e <- function(x) tryCatch(x, error = function(c) cat("Error:", conditionMessage(c), "\n"), warning = function(c) cat("Warning:", conditionMessage(c), "\n"))
x <- 1:3; x[2] <- 9L; x; x[5] <- 1L; x; x[2] <- 1.5; x; x["n"] <- 7; x; x[["m"]] <- 8; x; x[10] <- 0; x
x <- 1:3; x[-1] <- 0L; x; x[x == 0] <- NA; x; x[is.na(x)] <- -1L; x; x[c(TRUE, FALSE, TRUE)] <- 5:6; x; x[] <- 0; x; x[2] <- "a"; x
x <- c(a = 1, b = 2); x["b"] <- 20; x[c("c", "d")] <- 3:4; x; x[["a"]] <- 0; x; names(x)[2] <- "B"; x; x[c("e", "e")] <- 1:2; x
x <- 1:6; x[c(1, NA)] <- 0L; x; e({x[c(1, NA)] <- 1:2}); e({x[1:2] <- integer(0)}); e({x[1:2] <- 1:3}); e({x[[1]] <- 1:2}); e({x[[1]] <- NULL}); e({x[[c(1, 2)]] <- 3}); x[integer(0)] <- 1:3; x; e({x[[9]] <- integer(0)})
x <- NULL; x[3] <- 1; x; x <- NULL; x["a"] <- "q"; x; x <- NULL; x[["a"]] <- 1; x; x <- NULL; x$a <- 1; x; x <- c(); x[[1]] <- 1:2; x; x <- NULL; x[2] <- list(3); x
x <- 1:3; x[[2]] <- 9L; x; x[2] <- list("a"); x; x <- 1:2; x[["z"]] <- "s"; x; x <- 1:2; x[[1]] <- list(5); x; x <- c(TRUE, FALSE); x[1] <- 2L; x; x <- c("a", "b"); x[2] <- 3; x
x <- 1:6; dim(x) <- c(2, 3); x[8] <- 1L; x; x <- 1:3; x[-2] <- 10:11; x; x <- 1:3; x[c(TRUE, NA)] <- 9L; x; x <- 1:3; x[2.7] <- 0L; x
y <- x <- 1:3; y[1] <- 100L; x; y; f <- function(v) { v[1] <- 0L; v }; f(x); x; x[5:4] <- c(50L, 40L); x
x <- 1:5; x[x > 2][2] <- 0L; x; "names<-"(1:2, c("a", "b")); x <- "[<-"(1:3, 2, value = 10L); x; `[[<-`(list(1, 2), 2, "b"); x <- 1:3; x[2] = 7L; x
e({sum[1] <- 1}); f <- function(x) x; e({f[1] <- 2}); e({f$a <- 1}); q <- quote(a); e({q[1] <- 2}); e({letters[[30]] <- "x"; length(letters)}); x <- 1:3; e({x[["a"]][["b"]] <- 1}); e({x$a <- 2})
x <- 1:3; x[["b"]] <- 4L; x; x <- c(a = 1L); x[4] <- 2L; x; is.na(x) <- 1; x; x <- as.raw(1:3); x[2] <- as.raw(9); x; x <- 1:2; x[4] <- 1i; x
