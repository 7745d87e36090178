fr <- function(x) 100 * (x[2] - x[1]^2)^2 + (1 - x[1])^2
grr <- function(x) c(-400 * x[1] * (x[2] - x[1]^2) - 2 * (1 - x[1]), 200 * (x[2] - x[1]^2))
optim(c(-1.2, 1), fr)$counts
o <- optim(c(-1.2, 1), fr, grr, method = "L-BFGS-B")
round(o$par, 5)
o$counts
o$message
optim(c(-1.2, 1), fr, grr, method = "L-BFGS-B", lower = c(-2, -2), upper = c(0.5, 2))
flb <- function(x) {
  p <- length(x)
  sum(c(1, rep(4, p - 1)) * (x - c(1, x[-p])^2)^2)
}
optim(rep(3, 25), flb, NULL, method = "L-BFGS-B", lower = rep(2, 25), upper = rep(4, 25))
optim(c(a = 3, b = 3), function(x) sum((x - c(1, 2))^2), method = "L-BFGS-B", lower = 0)[c("convergence", "message")]
optim(c(1, 1), function(x) sum(x), method = "L-BFGS-B", lower = -1, upper = 1)
optim(c(5, 5), function(x) sum((x - c(1, 2))^4), method = "L-BFGS-B", control = list(maxit = 2))$message
o <- optim(1, function(x) (x - 2)^2, method = "Brent", lower = 0, upper = 5)
round(o$par, 6)
o$counts
message <- function(code) tryCatch(code, error = function(e) print(conditionMessage(e)), warning = function(w) print(conditionMessage(w)))
message(optim(c(1, 1), function(x) NaN, method = "L-BFGS-B"))
message(optim(c(1, 1), function(x) sum((x - c(1, 2))^2), lower = 0))
message(optim(1, function(x) (x - 2)^2))
message(optim(c(1, 2), sum, method = "Brent", lower = 0, upper = 1))
