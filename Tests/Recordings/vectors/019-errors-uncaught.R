x <- 1:3
cat("before\n")
x[[5]]
cat("never\n")
