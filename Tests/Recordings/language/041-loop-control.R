# break and next belong to a loop of the function that they stand in.
f <- function() break
g <- function() next
message_of <- function(e) conditionMessage(e)
print(tryCatch({ for (i in 1:3) { f(); cat(i, "") }; "ended" }, error = message_of))
print(tryCatch({ for (i in 1:3) { g(); cat(i, "") }; "ended" }, error = message_of))
print(tryCatch({ repeat sapply(1:2, function(k) if (k == 2) break); "ended" }, error = message_of))
# An argument is evaluated where it was written.
use <- function(x) x
for (i in 1:3) { use(break); cat(i, "") }
cat("after", i, "\n")
for (i in 1:3) { if (i == 2) use(next); cat(i, "") }
cat("after", i, "\n")
inner <- function(x) { for (j in 1:2) { x; cat("j", j, "") }; "h" }
for (i in 1:3) { print(inner(break)); cat(i, "") }
cat("after", i, "\n")
for (i in 1:3) { tryCatch({ if (i == 2) next; cat(i, "") }, error = function(e) cat("no")) }
cat("after", i, "\n")
for (i in 1:3) { suppressWarnings({ if (i == 2) break; cat(i, "") }) }
cat("after", i, "\n")
h <- function() { on.exit(cat("left\n")); break }
print(tryCatch(for (i in 1:2) h(), error = function(e) "caught"))
k <- function() { while (TRUE) { n <- 0; repeat { n <- n + 1; if (n == 3) break }; return(n) } }
print(k())
