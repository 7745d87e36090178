# A long range in a for loop is gone through without standing in memory.
for (i in 1:2e9) if (i == 3L) break
i
class(i)
n <- -1e9
for (k in n:5) if (k > -1e9 + 2) break
k
s <- 0
for (i in 5:-2000000) {
  s <- s + 1
  if (i < -3) break
}
c(s, i)
f <- function(n) {
  for (j in 1L:n) if (j > 2L) return(j)
}
f(2000000000L)
count <- 0
makeActiveBinding("m", function() {
  count <<- count + 1
  3e6
}, environment())
for (i in 1:m) if (i > 2) break
count
`:` <- function(a, b) c(10, 20)
for (i in 1:2e9) cat(i, "")
