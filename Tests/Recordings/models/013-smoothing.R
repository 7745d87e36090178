x <- c(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)
y <- c(2, 3.9, 6.5, 7.2, 10.4, 30, 13.1, 15.8, 18.4, 19.2, 22.5, 24)
lowess(x, y)
lowess(x, y, f = 0.4, iter = 0)$y
lowess(y)$y
lowess(c(1, 1, 2, 2, 3, 50), c(1, 2, 3, 4, 5, 6), delta = 5)$y
tryCatch(lowess(1:3, 1:2), error = function(e) print(conditionMessage(e)))
tryCatch(lowess(1:3, 1:3, f = -1), error = function(e) print(conditionMessage(e)))
cov2cor(matrix(c(4, 2, 2, 9), 2, dimnames = list(c("a", "b"), c("a", "b"))))
tryCatch(cov2cor(1:3), error = function(e) print(conditionMessage(e)))
ppoints(5)
ppoints(12)
set.seed(1)
rmultinom(3, 10, c(a = 0.2, b = 0.3, c = 0.5))
rmultinom(2, 5, c(1, 0, 1, 2))
tryCatch(rmultinom(1, 5, c(-1, 2)), error = function(e) print(conditionMessage(e)))
tryCatch(rmultinom(1, 5, c(0, 0)), error = function(e) print(conditionMessage(e)))
