# vectors over several lines
1:30
seq(0, 1, 0.1)
c(a = 1, b = 2.5, ccc = -3)
x <- 1:26; names(x) <- c("a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r", "s", "t", "u", "v", "w", "x", "y", "z"); x
c("a", "b\"c", NA); print(c("a", NA), quote = FALSE); NULL; character(0); integer(0); numeric(0); logical(0); complex(0); raw(0); list()
TRUE; c(TRUE, NA); as.raw(0:20); 100:130
c(first = "alpha", second = "beta"); c(a = NA, b = TRUE); c(x = 1L)[0]
print(1:100, max = 10); print(c(a = 1, b = 2, c = 3)); options(width = 40); 1:30; c(alpha = 1.5, beta = 2.25, gamma = 3, delta = 4, epsilon = 5)
print(c(1.5, NA, 3), na.print = "-"); print(letters, width = 30); print(c("x", NA), na.print = "none")
structure(1:3, names = c("a", NA, "c")); -5:5
