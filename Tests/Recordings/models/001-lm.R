# Simple regression: printing, summary, extraction.
d <- data.frame(x = c(1, 2, 3, 4, 5, 6, 7, 8), y = c(2.1, 3.9, 6.2, 7.8, 10.1, 12.2, 13.8, 16.1))
fit <- lm(y ~ x, data = d)
fit
summary(fit)
coef(fit)
fitted(fit)
residuals(fit)
resid(fit)[2]
names(fit)
class(fit)
df.residual(fit)
deviance(fit)
nobs(fit)
sigma(fit)
vcov(fit)
confint(fit)
confint(fit, "x", level = 0.9)
logLik(fit)
AIC(fit)
BIC(fit)
formula(fit)
s <- summary(fit)
names(s)
s$coefficients
s$r.squared
s$adj.r.squared
s$fstatistic
s$sigma
s$df
s$cov.unscaled
fit$call
fit$rank
fit$assign
fit$terms
model.matrix(fit)
hatvalues(fit)
rstandard(fit)
cooks.distance(fit)
