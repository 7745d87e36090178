# Lists, nested assignment, environments, S3.

model <- list(name = "net", layers = list(conv = 3, fc = 10))
model$layers$fc <- 200
model[["layers"]][["dropout"]] <- 0.2
str(model)
#> List of 2
#>  $ name  : chr "net"
#>  $ layers:List of 3
#>   ..$ conv   : num 3
#>   ..$ fc     : num 200
#>   ..$ dropout: num 0.2
names(model)[1] <- "title"
names(model)
#> [1] "title"  "layers"

m <- matrix(1:6, nrow = 2)
m[2, ] <- 0L
m
#>      [,1] [,2] [,3]
#> [1,]    1    3    5
#> [2,]    0    0    0
t(m) %*% m
#>      [,1] [,2] [,3]
#> [1,]    1    3    5
#> [2,]    3    9   15
#> [3,]    5   15   25

e <- new.env()
assign("rate", 0.01, envir = e)
local(rate * 100, envir = e)
#> [1] 1
exists("momentum", envir = e, inherits = FALSE)
#> [1] FALSE

print.shape <- function(x, ...) cat("<shape of", x$sides, "sides>\n")
area <- function(x, ...) UseMethod("area")
area.default <- function(x, ...) NA
area.square <- function(x, ...) x$side^2
s <- structure(list(sides = 4, side = 3), class = c("square", "shape"))
s
#> <shape of 4 sides>
area(s)
#> [1] 9
area(1)
#> [1] NA
