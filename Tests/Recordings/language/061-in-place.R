# Handlers that look at a variable while it is assigned to see it as it was.
p <- function(e) {
  tryCatch(print(eval(e, globalenv())),
    error = function(e) cat("error:", conditionMessage(e), "\n"), warning = function(w) cat("warning:", conditionMessage(w), "\n"))
}
p(quote({x <- 1:3; withCallingHandlers(x[1:2] <- 1:3, warning=function(w){print(x); invokeRestart("muffleWarning")}); x}))
p(quote({x <- list(a=1:3); withCallingHandlers(x$a[1:2] <- 4:6, warning=function(w){print(x); invokeRestart("muffleWarning")}); x}))
p(quote({e <- new.env(); e$v <- 1:3; withCallingHandlers(e$v[1:2] <- 4:6, warning=function(w){print(e$v); invokeRestart("muffleWarning")}); e$v}))
p(quote({e <- list(f=new.env()); e$f$v <- 1:3; withCallingHandlers(e$f$v[1:2] <- 4:6, warning=function(w){print(e$f$v); invokeRestart("muffleWarning")}); e$f$v}))
p(quote({x <- 1:3; tryCatch(x[1:2] <- 1:3, warning=function(w) 0); x}))
p(quote({x <- 1:3; tryCatch(x[[7:9]] <- 1:3, error=function(w) print(x)); x}))
