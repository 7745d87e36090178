e <- new.env(); e$a <- 1; e[["b"]] <- "two"; assign("c", TRUE, envir = e); sort(ls(e)); get("a", e); e$zz; is.null(e$zz); exists("a", e); exists("sum", e); exists("sum", e, inherits = FALSE)
mget(c("a", "b"), envir = e); mget(c("a", "no"), envir = e, ifnotfound = list(NA)); tryCatch(mget("no", envir = e), error = function(x) cat(conditionMessage(x), "\n")); get0("no", e); get0("no", e, ifnotfound = "d")
rm("a", envir = e); ls(e); rm(list = ls(e), envir = e); length(ls(e)); tryCatch(rm(nothere), warning = function(w) cat(conditionMessage(w), "\n")); tryCatch(get("nothere"), error = function(x) cat(conditionMessage(x), "\n"))
f <- function() { x <- 1; g <- function() { x <<- x + 1; x }; g(); x }; f(); environmentName(globalenv()); environmentName(baseenv()); environmentName(emptyenv()); environmentName(e)
p <- new.env(); p$v <- "parent"; k <- new.env(parent = p); get("v", k); exists("v", k, inherits = FALSE); identical(parent.env(k), p); parent.env(k) <- globalenv(); exists("v", k)
l <- list2env(list(u = 1, w = 2)); sort(ls(l)); as.list(l)[order(names(as.list(l)))]; eapply(l, function(x) x * 10)[c("u", "w")]; mode(l); class(l); length(l); names(l) |> sort()
identical(as.environment(1), globalenv()); tryCatch(as.environment("nope"), error = function(x) cat("no item\n")); h <- function(n) { n; environment() }; ls(h(3)); h(3)$n; with(h(4), n + 1); is.environment(e)
local({ .hidden <- 1; shown <- 2; c(length(ls()), length(ls(all.names = TRUE))) }); counter <- function() { i <- 0; function() { i <<- i + 1; i } }; c1 <- counter(); c1(); c1(); environment(c1)$i
nchar(format(e)) > 5; assign("dyn", 5); dyn; x <- 1; ff <- function() { assign("x", 2, inherits = TRUE); x }; ff(); x; get("sum", mode = "function")(1, 2); sum <- 5; sum(1, 2); rm(sum); emptyenv() |> class()
