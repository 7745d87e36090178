check <- function(n) { if (n > 2) stop("n is too large: ", n); n }
run <- function(k) { on.exit(cat("cleaned up\n")); check(k) }
run(1)
run(5)
cat("never reached\n")
