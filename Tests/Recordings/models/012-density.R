x <- c(1, 2, 3, 4, 10)
d <- density(x)
d
d$bw
d$y[c(1, 100, 256, 512)]
d$x[1:3]
names(d)
class(d)
density(x, bw = 0.5, n = 16)
density(x, adjust = 2, n = 5)$y
density(x, from = 0, to = 4, n = 5)$y
density(x, weights = c(0.1, 0.2, 0.3, 0.2, 0.2), n = 5)$y
density(x, bw = "nrd")$bw
for (kernel in c("epanechnikov", "rectangular", "triangular", "biweight", "cosine", "optcosine"))
  print(round(density(x, kernel = kernel, n = 8)$y, 12))
density(c(1, 2, NA), na.rm = TRUE)$bw
bw.nrd0(1:10)
bw.nrd(1:10)
message <- function(code) tryCatch(code, error = function(e) print(e))
message(density(c(1, 2, NA)))
message(density("a"))
message(density(1))
message(density(x, bw = 0))
