# Errors, warnings, messages.

tryCatch(stop("no data"), error = function(e) conditionMessage(e))
#> [1] "no data"
withCallingHandlers(
  {
    message("half way")
    "done"
  },
  message = function(m) {
    cat("heard:", conditionMessage(m))
    invokeRestart("muffleMessage")
  }
)
#> heard: half way
#> [1] "done"

# An error at the top level is shown on standard error and the session lives.
f <- function(n) stop("n must be positive, not ", n)
f(-1)
#! Error in f(-1) : n must be positive, not -1
#! ...
undefined_name
#! Error: object 'undefined_name' not found
#! ...
1 + 1
#> [1] 2

as.integer("seven")
#> [1] NA
#! Warning message:
#! NAs introduced by coercion 
result <- try(log(-1), silent = TRUE)
#! Warning message:
#! In log(-1) : NaNs produced
result
#> [1] NaN
g <- function() {
  on.exit(cat("closed\n"))
  invisible(7)
}
x <- g()
#> closed
x
#> [1] 7
