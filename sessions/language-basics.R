# Values, functions, control flow: what one types first.

x <- c(a = 1.5, b = 2, c = NA)
x
#>   a   b   c 
#> 1.5 2.0  NA 
x["b"] * 2
#> b 
#> 4 
mean(x, na.rm = TRUE)
#> [1] 1.75
1:20 %/% 3
#>  [1] 0 0 1 1 1 2 2 2 3 3 3 4 4 4 5 5 5 6 6 6

# Arguments are evaluated when they are needed.
f <- function(a, b = a * 2) {
  a <- a + 1
  b
}
f(10)
#> [1] 22

count <- 0
for (i in seq_len(5)) {
  if (i == 2) next
  if (i == 5) break
  count <- count + i
}
count
#> [1] 8

make_counter <- function() {
  n <- 0
  function() {
    n <<- n + 1
    n
  }
}
tick <- make_counter()
tick(); tick()
#> [1] 1
#> [1] 2

sapply(list(1:3, 4:9), length)
#> [1] 3 6
do.call(paste, list("a", "b", sep = "-"))
#> [1] "a-b"
c(3, 1, 2) |> sort() |> rev()
#> [1] 3 2 1
(\(n) n^2)(12)
#> [1] 144
