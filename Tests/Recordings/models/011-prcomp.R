x <- cbind(a = c(2.1, 3.4, 1.2, 5.6, 4.4, 3.9), b = c(1.1, 0.4, 2.2, 3.9, 2.8, 1.3), c = c(9, 7.5, 6.1, 8.8, 3.2, 5.4))
p <- prcomp(x)
p
print(p, digits = 3)
summary(p)
p$x
names(p)
p$center
predict(p, x[1:2, ])
predict(p, data.frame(c = 1, b = 2, a = 3))
prcomp(x, scale. = TRUE)
summary(prcomp(x, scale. = TRUE))
prcomp(x, rank. = 2)
summary(prcomp(x, rank. = 2))
prcomp(x, tol = 0.5)
prcomp(~ a + b, as.data.frame(x))$sdev
prcomp(x, retx = FALSE)$x
tryCatch(prcomp(cbind(1:3, 1), scale. = TRUE), error = function(e) print(conditionMessage(e)))
tryCatch(predict(p, data.frame(a = 1)), error = function(e) print(conditionMessage(e)))
