# tables
table(c("a", "b", "a")); table(c(1, 1, 2), c("x", "y", "x")); table(g = c("u", "v", "u")); table(character(0)); table(c(TRUE, FALSE, TRUE))
x <- table(a = c(1, 2, 2), b = c("p", "q", "q")); x; print(x, zero.print = "."); summary(c(1, 2, 3, 4, 100)); summary(c(1.5, NA, 3)); summary(1:10)
summary(c(123456, 234567)); summary(c(TRUE, FALSE, NA)); summary(factor(c("a", "b", "a"))); summary(c(0.00012, 0.5)); table(c(1.5, 2.5, 1.5))
quantile(c(1, 2, 3, 4, 10)); prop.table(table(c("a", "b", "a")))
