d <- data.frame(
  g = factor(c("a", "b", "c", "a", "b", "c", "a", "b", "c", "a")),
  x = c(1, 3, 2, 5, 4, 6, 8, 7, 9, 10), y = c(1.2, 3.4, 2.9, 5.1, 4.4, 7.0, 8.3, 7.1, 9.9, 9.8))
a <- lm(y ~ x, d)
b <- lm(y ~ x + g, d)
anova(a)
anova(b)
anova(a, b)
names(anova(a))
anova(a)$`F value`
u <- update(a, . ~ . + g)
u
update(b, ~ . - g)
update(y ~ x, . ~ . + z)
update(y ~ x * z, ~ . - x:z)
