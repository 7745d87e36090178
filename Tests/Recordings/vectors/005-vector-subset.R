e <- function(x) tryCatch(x, error = function(c) cat("Error:", conditionMessage(c), "\n"), warning = function(c) cat("Warning:", conditionMessage(c), "\n"))
x <- c(a = 1, b = 2, c = 3)
x[2]; x["b"]; x[c("a", "zz")]; x[-1]; x[-(1:2)]; x[c(TRUE, FALSE, TRUE)]; x[TRUE]; x[NA]; x[5]; x[0]; x[c(1, NA)]; x[x > 1]; x[NULL]; x[]; x[2.9]; x[c(-1, -1)]; x[-5]; x[c(0, 2)]; x[character(0)]
x[[2]]; x[["b"]]; e(x[[5]]); e(x[["q"]]); e(x[[c(1, 2)]]); e(x[[NULL]]); e(x[[-1]]); c(5, 6)[[-1]]; e(x[[0]]); e(x[[NA]]); x[[TRUE]]; e(x[[]])
e(x[c(-1, 1)]); e(x[list(1)]); e(x$a); e(sum[1]); e(sum$a); e(quote(a)[1]); e((function() 1)[[1]]); e(x[1, 2]); e(globalenv()[1]); e(x[c(-1, NA)])
y <- 1:5; y[c(TRUE, NA)]; y[c(FALSE, TRUE)]; y[y > 10]; y[7]; y[c(2, 2, 2)]; letters[1:3]; letters[c(27, 1)]; LETTERS[5]; (1:3)[factor(c("b", "a"))]; y[-length(y)]; y[c(TRUE, TRUE, FALSE, FALSE, TRUE, TRUE)]
names(x[c(1, 5)]); names(c(a = 1)[c("a", "q")]); is.na(names(x["zz"])); NULL[1]; NULL[[1]]; NULL$a; c(1, 2)[3]; c("a")[2]; c(TRUE)[2]; as.raw(1:2)[3]; (1:2 + 1i)[3]
f <- factor(c("u", "v", "u")); f[2]; f[-1]; f[2, drop = TRUE]; f["u"]
z <- structure(1:3, class = "bar", extra = "e"); attributes(z[1:2]); attributes(structure(1:3, extra = "e")[1:2])
head(1:10); head(1:10, 3); head(1:10, -7); tail(1:10, 3); tail(1:10, -8); head(letters, 0); head(c(a = 1, b = 2), 1); tail(list(1, 2, 3), 1); head("abc"); tail(c(a = 1, b = 2), 1); head(1:3, 10); head(NULL)
rev(1:3); rev(c(a = 1, b = 2)); rev(list(1, "a")); rev(NULL); append(1:3, 9, after = 1); append(1:3, 4:5); append(1:3, 0, 0); append(list(1), list(2)); append(1:3, 9, after = 10)
