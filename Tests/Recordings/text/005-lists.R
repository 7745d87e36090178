# lists and attributes
list(1, a = "x", list(b = 2, c = NULL))
list(a = list(b = list(c = 1, 2)), list(list()))
structure(list(a = 1), class = "zzz"); structure(1:3, class = "yyy"); structure(list(1, 2), names = c("a", ""), extra = TRUE)
x <- 1:3; attr(x, "foo") <- "bar"; x
list(x = structure(list(a = 1), class = "foo"), y = structure(1, z = list(b = 2)), list(list(q = 1, structure(list(b = 1:2), class = "zz"))))
setNames(list(), character(0)); list(`a b` = 1, `if` = 2); list(NULL); list(f = quote(x + y), s = quote(z))
structure(list(a = 1, b = 2), names = c("a", NA)); list(TRUE, 1L, 2.5, "s", 1i, as.raw(1))
list(m = 1:2, n = list(o = c(p = 1)))
print.thing <- function(x, ...) cat("<thing>\n")
list(structure(1, class = "thing"), b = structure(list(), class = "thing"))
structure(c(a = 1), note = "n"); structure("s", class = c("k1", "k2"))
