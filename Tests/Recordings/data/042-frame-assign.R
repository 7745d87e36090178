df <- data.frame(a = 1:3, b = c("x", "y", "z"))
df$c <- df$a * 2
df[["d"]] <- 9
df["e"] <- letters[1:3]
print(df)
df$a <- NULL
print(df)
df[2, "c"] <- 100
df[df$c > 50, "b"] <- "big"
print(df)
df[4, ] <- list("n", 1, 2, "q")
print(df)
df$c[1] <- -1
names(df)[2] <- "cc"
print(df)
df[["b"]][2] <- "zz"
print(df$b)
df[, "new"] <- 1:4
print(df)
df[c("cc", "d")] <- 0
print(df)
df[df$new > 2, ] <- NA
print(df)
df[is.na(df)] <- 0
print(df)
e <- data.frame(x = 1:2)
e[["y"]] <- c("p", "q")
e[3, "x"] <- 10L
print(e)
print(tryCatch(e$z <- 1:2, error = conditionMessage))
print(tryCatch(e[1:2, "x"] <- 1:3, error = conditionMessage))
e[nrow(e) + 1, ] <- c(5, "w")
print(e)
str(e)
f <- data.frame(k = factor(c("a", "b")))
f$k[1] <- "b"
print(f)
f[] <- lapply(f, as.character)
str(f)
rownames(f) <- c("one", "two")
f["three", "k"] <- "c"
print(f)
colnames(f) <- "kk"
print(f)
f <- within(f, { n <- nchar(kk); m <- n + 1 })
print(f)
f <- transform(f, n = n * 2, z = 1)
print(f)
f$z <- NULL
f[c("n", "m")] <- list(NULL)
print(f)
g <- data.frame(a = 1:2)
print(tryCatch({ g[5] <- 1; g }, error = conditionMessage))
g[g$a == 2, "a"] <- 0L
print(g)
g$a[g$a == 0] <- 7L
print(g$a)
row.names(g) <- NULL
print(tryCatch(row.names(g) <- c("a", "a"), error = conditionMessage, warning = conditionMessage))
df2 <- data.frame()
df2[1, "a"] <- 1
print(tryCatch(df2$b <- 1:3, error = conditionMessage))
levels(f$kk)
f$kk <- factor(f$kk)
f[1, ] <- list("c")
print(f)
