# data frames
data.frame(a = 1:3, b = c("x", "yy", NA), c = c(1.5, NA, 3)); data.frame(); data.frame(a = integer(0), b = character(0))
data.frame(x = c(TRUE, FALSE), row.names = c("r1", "r2")); d <- data.frame(n = c(1.123456789, 100), s = c("a\"b", "back\\s")); d
print(d, digits = 3); print(d, row.names = FALSE); print(d, quote = TRUE); print(d, right = FALSE)
data.frame(f = factor(c("u", "v")), i = c(10L, 200L)); format(d); data.frame(a = 1:2, b = I(list(1, 2:3)))
w <- as.data.frame(matrix(1:40 * 1234.5, 2)); w
data.frame(x = 1)[0, , drop = FALSE]; data.frame(x = 1:2)[, 0]; data.frame(long.column.name = 1:2, x = c("a", "b"))
data.frame(d = as.Date("2024-03-05") + 0:1, z = c(1e-10, 1)); data.frame(x = c(1e10, 1), y = c(0.1, 0.123))
options(max.print = 6); data.frame(a = 1:5, b = 2); 1:10; list(1, 2, 3, 4, 5, 6, 7, 8); c("a", "b", "c", "d", "e", "f", "g")
