cat("before\n")
sprintf("%d", 1.5)
