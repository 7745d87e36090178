p <- parse(text = "x <- 1; y <- x + 2")
length(p); p[[2]]; class(p); sapply(p, class); for (e in p) eval(e); y
eval(parse(text = c("a <- 2", "a * 10")))
str2lang("f(x, 1)"); class(str2lang("x")); str2expression(c("a + b", "c"))
tryCatch(parse(text = "x +* 2"), error = function(e) cat("syntax error\n"))
tryCatch(str2lang("a; b"), error = function(e) cat(conditionMessage(e), "\n"))
length(parse(text = "")); length(parse(text = "# only a comment"))
parse(text = "a; b; c", n = 2) |> length()
f <- tempfile(fileext = ".R"); writeLines(c("z <- 5", "z * 2"), f); eval(parse(f)); source(f); z
r <- source(f); r$value; r$visible
source(f, echo = FALSE, print.eval = TRUE); e <- new.env(); sys.source(f, e); e$z
local({ source(f, local = TRUE); z + 1 }); unlink(f)
