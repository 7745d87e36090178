e <- structure(class = c("custom_error", "error", "condition"), list(message = "custom failure", call = quote(g(1))))
tryCatch(stop(e), custom_error = function(c) cat("first caught\n"), finally = cat("finally ran\n"))
withCallingHandlers(stop(e), error = function(c) cat("seen:", conditionMessage(c), "\n"))
