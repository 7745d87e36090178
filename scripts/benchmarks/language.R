# Seconds of plain R: an empty loop, closure calls, element assignment in a loop, recursion.

seconds <- function(expr) system.time(expr)[["elapsed"]]
best <- function(f) min(vapply(1:3, function(i) f(), 0))

loop <- best(function() seconds(for (i in 1:1000000) {}))
id <- function(x) x
calls <- best(function() seconds(for (i in 1:1000000) id(i)))
assign_elements <- best(function() {
  x <- list()
  seconds(for (i in 1:100000) x[[i]] <- i)
})
assign_members <- best(function() {
  x <- list(a = 0)
  seconds(for (i in 1:100000) x$a <- i)
})
fib <- function(n) if (n < 2) n else fib(n - 1) + fib(n - 2)
recursion <- best(function() seconds(fib(22)))

cat(sprintf("1e6 turns of an empty for     %.3f s\n", loop))
cat(sprintf("closure call                  %.2f us\n", (calls - loop)))
cat(sprintf("1e5 x[[i]] <- v               %.3f s\n", assign_elements))
cat(sprintf("1e5 x$a <- v                  %.3f s\n", assign_members))
cat(sprintf("fib(22)                       %.3f s\n", recursion))
