d <- data.frame(
  g = factor(c("a", "b", "c", "a", "b", "c", "a", "b", "c", "a")),
  h = c("u", "v", "u", "v", "u", "v", "u", "v", "v", "u"),
  x = c(1, 3, 2, 5.3, 4, 6, 8, 7, 9, 10.1), y = c(1.2, 3.4, 2.9, 5.1, 4.4, 7.0, 8.3, 7.1, 9.9, 9.8))
summary(lm(y ~ g, data = d))
summary(lm(y ~ x + g, data = d))
lm(y ~ x * g, data = d)
lm(y ~ g - 1, data = d)
summary(lm(y ~ g - 1, data = d))
lm(y ~ 0 + x + h, data = d)
lm(y ~ g + h + g:h, d)
lm(y ~ x:g, d)
lm(y ~ I(x^2) + log(x), d)
lm(log(y) ~ poly_x, transform(d, poly_x = x^2))
lm(y ~ (x > 4), d)
lm(y ~ ., d)
lm(y ~ . - h, d)
lm(y ~ x + I(2 * x), d)
summary(lm(y ~ x + I(2 * x), d))
lm(y ~ 1, d)
summary(lm(y ~ 1, d))
fit <- lm(y ~ g, d)
fit$xlevels
fit$contrasts
fit$model[1:2, ]
model.matrix(y ~ g + x, d)
model.matrix(~ g * h, d)
model.matrix(~ h + g:x - 1, d)[1:3, ]
