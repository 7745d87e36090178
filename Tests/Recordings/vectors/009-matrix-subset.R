e <- function(x) tryCatch(x, error = function(c) cat("Error:", conditionMessage(c), "\n"), warning = function(c) cat("Warning:", conditionMessage(c), "\n"))
m <- matrix(1:6, 2, dimnames = list(c("r1", "r2"), c("A", "B", "C")))
m[1, ]; m[, 2]; m[1, 2]; m["r1", "B"]; m[, "C"]; m[1, , drop = FALSE]; m[, 2, drop = FALSE]; m[-1, ]; m[, -1]; m[m > 2]; m[5]; m[c(1, 2), c(TRUE, FALSE, TRUE)]; m[, c("A", "C")]; m["r2", ]; m[2:1, ]; m[0, ]; m[, 0]; m[c(1, 1), 1]; m[[2, 3]]; m[["r1", "A"]]; m[]
m[cbind(c(1, 2), c(3, 1))]; m[cbind("r1", "C")]; m[NA, 1]; m[c(1, NA), 2]; m[[4]]; m[1, c(TRUE, FALSE)]
e(m[3, 1]); e(m["zz", 1]); e(m[1, 2, 3]); e(m[list(1), 1]); e(m[, c(TRUE, FALSE, TRUE, TRUE)]); e(m[[3, 1]]); e(matrix(1:4, 2)["a", 1]); e(m[cbind(3, 1)]); e(m[["r9", "A"]])
a <- array(1:24, c(2, 3, 4)); a[1, 2, 3]; a[, , 1]; a[1, , ]; a[, 2, 3]; a[1, 2, ]; dim(a[, 1, , drop = FALSE]); a[5]; a[[2, 3, 4]]; a[2, 3, 4:1]; a[cbind(1, 2, 3)]; dim(a[, , -1])
m[1, 1] <- 100L; m; m[2, ] <- 0L; m; m[, "C"] <- c(7, 8); m; m[m == 0] <- NA; m; m[["r1", "B"]] <- -1; m; m[cbind(1, 1)] <- 5; m; m[, 1] <- "s"; m
m <- matrix(0, 2, 2); m[1, ] <- 1:2; m; m[] <- 9; m; m[2, 2] <- 1L; m; e({m[3, 1] <- 1}); e({m[1, ] <- 1:3}); e({m["a", 1] <- 1}); e({m[1, 2, 3] <- 1}); e({m[, 1] <- numeric(0)}); m[lower.tri(m)] <- -1; m; m[1, 1] <- NA; m; diag(m) <- 5; m; m[c(TRUE, FALSE), ] <- 3; m
a[1, 1, 1] <- 0L; a[1:2, 1, 1]; a[, , 2] <- 0L; a[, , 2]; x <- 1:3; e({x[1, 2] <- 3}); e(x[1, 2]); dim(x) <- 3; x; x[2]; x[2:3]; x <- array(1:3, 3, list(c("a", "b", "c"))); x["b"]; x[2:3]; x
lm <- matrix(list(1, "a", TRUE, NULL), 2); lm[[1, 2]]; lm[1, ]; lm[2, 1]; dim(lm); lm[[2, 2]] <- "z"; lm[2, ]
head(matrix(1:20, 10), 3); tail(matrix(1:20, 10), 2); head(m, 1); tail(m, n = c(1, 1)); tail(matrix(1:4, 2, dimnames = list(c("a", "b"), NULL)), 1)
