# factors
factor(c("a", "b", "a")); factor(c("lo", "hi"), levels = c("lo", "hi"), ordered = TRUE); factor(character(0)); factor(c(1, NA, 3))
factor(letters); levels(factor(c("x", "y"))); print(factor(c("a", "b")), max.levels = 0); factor(c(u = "a", v = "b"))
f <- factor(paste0("level number ", 1:30)); f
options(width = 40); factor(c("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta"), ordered = TRUE)
format(factor(c("a", "bb"))); toString(factor(c("p", "q"))); paste(factor(c("p", "q")), 1:2); cat(factor(c("u", "v")), "\n")
