"second<-" <- function(x, value) { x[2] <- value; x }
x <- 1:3; second(x) <- 10L; x
l <- list(a = 1:3); second(l$a) <- 99L; l
names(l)[1] <- "z"; l
"part<-" <- function(x, i, value) { x[[i]] <- value; x }
part(l, "k") <- "new"; l
m <- matrix(1:4, 2); dimnames(m) <- list(NULL, c("a", "b")); m[, "a"][2] <- 50L; m; dim(m)[1]
attr(x, "u")$v <- 5; attributes(x)
s <- structure(list(v = 1), class = "acc"); "$<-.acc" <- function(x, name, value) { y <- unclass(x); y[[name]] <- value * 10; structure(y, class = "acc") }
s$v <- 3; s$w <- 4; unclass(s)
"[<-.lim" <- function(x, i, value) { y <- unclass(x); y[i] <- pmin(value, 5); structure(y, class = "lim") }
v <- structure(1:3, class = "lim"); v[2] <- 100; unclass(v)
"[.myvec" <- function(x, i) structure(unclass(x)[i], class = "myvec"); "length.myvec" <- function(x) 99L; mv <- structure(1:5, class = "myvec"); length(mv); unclass(mv[2:3])
"==.pt" <- function(e1, e2) "eq called"; structure(1, class = "pt") == 2; Ops.money <- function(e1, e2) { cat(.Generic, ""); get(.Generic)(unclass(e1), unclass(e2)) }; structure(5, class = "money") * 2; 3 - structure(1, class = "money")
Math.money <- function(x, ...) { cat(.Generic, ""); get(.Generic)(unclass(x), ...) }; sqrt(structure(16, class = "money")); round(structure(2.567, class = "money"), 1); Summary.money <- function(..., na.rm = FALSE) { cat(.Generic, ""); 42 }; max(structure(1, class = "money"), 3); range(structure(1, class = "money"))
"[[.rec" <- function(x, i) paste("elem", i); r <- structure(list(), class = "rec"); r[["foo"]]; "$.rec" <- function(x, name) paste("field", name); r$bar; c.money <- function(...) "combined"; c(structure(1, class = "money"), 2); rev.money <- function(x) "reversed"; rev(structure(1, class = "money")); as.character.money <- function(x, ...) "money!"; as.character(structure(1, class = "money")); dim.sheet <- function(x) c(7L, 8L); dim(structure(1, class = "sheet")); nrow(structure(1, class = "sheet")); t.money <- function(x) "turned"; t(structure(1, class = "money")); unlist.foo <- function(x, ...) "unl"; seq.money <- function(...) "seqd"; seq(structure(1, class = "money")); rep.money <- function(x, ...) "repd"; rep(structure(1, class = "money"), 2); is.na.money <- function(x) "isna"; is.na(structure(1, class = "money")); all.equal.money <- function(target, current, ...) "ae"; all.equal(structure(1, class = "money"), 1); names.money <- function(x) "nm"; names(structure(1, class = "money")); levels(structure(1, levels = "l"))
