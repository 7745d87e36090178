withCallingHandlers({ warning("w1"); cat("continues\n"); "value" }, warning = function(w) { cat("saw:", conditionMessage(w), "\n"); invokeRestart("muffleWarning") })
withCallingHandlers({ message("note"); "done" }, message = function(m) { cat("msg:", conditionMessage(m)); invokeRestart("muffleMessage") })
tryCatch(withCallingHandlers(stop("err"), error = function(e) cat("calling first\n")), error = function(e) cat("exiting second\n"))
withCallingHandlers(tryCatch({ warning("x"); 1 }, warning = function(w) 2), warning = function(w) cat("never\n"))
f <- function() { warning("in f"); "f result" }; ws <- character(); r <- withCallingHandlers(f(), warning = function(w) { ws <<- c(ws, conditionMessage(w)); tryInvokeRestart("muffleWarning") }); r; ws
suppressWarnings({ warning("hidden"); "quiet" }); suppressMessages({ message("hidden"); 7 }); suppressWarnings(as.numeric("abc")); x <- suppressWarnings({ warning("a"); 3 }); x
withRestarts({ cat("before\n"); invokeRestart("myR", 5); cat("not here\n") }, myR = function(v) v * 2); withRestarts("no restart used", foo = function() 1)
with_skip <- function(expr) withRestarts(expr, skip = function() "skipped"); withCallingHandlers(with_skip(stop("bad")), error = function(e) invokeRestart("skip"))
res <- lapply(1:3, function(i) with_skip(if (i == 2) invokeRestart("skip") else i)); unlist(res); tryCatch(invokeRestart("nope"), error = function(e) cat(conditionMessage(e), "\n")); computeRestarts()[[1]] |> class() |> tryCatch(error = function(e) "none")
withRestarts(sapply(computeRestarts(), function(r) r[[1]])[1:2], aa = function() 1, bb = function() 2); withCallingHandlers({ signalCondition(structure(class = c("note", "condition"), list(message = "n", call = NULL))); "end" }, note = function(n) cat("note seen\n"))
tryCatch(withCallingHandlers(stop("A"), error = function(e) stop("B")), error = function(e) conditionMessage(e)); outer <- function() withCallingHandlers(inner(), custom = function(c) cat("custom\n")); inner <- function() { signalCondition(structure(class = c("custom", "condition"), list())); "in" }; outer()
suppressWarnings({ warning("x"); "class kept" }, classes = "warning"); tryCatch(suppressWarnings({ warning("y"); 1 }, classes = "other"), warning = function(w) "escaped")
