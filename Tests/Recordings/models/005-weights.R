d <- data.frame(x = c(1, 2, 3, 4, 5, 6, 7), y = c(1.1, 2.3, 2.8, 4.2, 5.3, 5.8, 7.2), w = c(1, 2, 1, 3, 1, 2, 1))
f <- lm(y ~ x, d, weights = w)
f
summary(f)
names(f)
residuals(f)
weights(f)
lm(y ~ x, d, subset = x > 2)
summary(lm(y ~ x, d, subset = x < 5))
d$y[3] <- NA
m <- lm(y ~ x, d)
m
summary(m)
m$na.action
residuals(m)
fitted(m)
n <- data.frame(a = 1:4, b = c(2, 4.1, 5.9, 8.2), row.names = c("p", "q", "r", "s"))
fitted(lm(b ~ a, n))
summary(lm(b ~ a, n))
x <- c(1, 2, 3, 5); y <- c(2, 3, 5, 9)
lm(y ~ x)
summary(lm(y ~ x))$coefficients
lm(y ~ x + offset(2 * x))
