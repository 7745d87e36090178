e <- new.env(); e$x <- 1; lockBinding("x", e); tryCatch(e$x <- 2, error = function(err) cat(conditionMessage(err), "\n")); bindingIsLocked("x", e); unlockBinding("x", e); e$x <- 3; e$x
lockEnvironment(e); tryCatch(e$new <- 1, error = function(err) cat(conditionMessage(err), "\n")); e$x <- 4; e$x; environmentIsLocked(e); tryCatch(rm("x", envir = e), error = function(err) cat(conditionMessage(err), "\n"))
f <- new.env(); f$a <- 1; lockEnvironment(f, bindings = TRUE); tryCatch(assign("a", 5, envir = f), error = function(err) cat(conditionMessage(err), "\n"))
makeActiveBinding("now", local({ n <- 0; function(v) { if (missing(v)) { n <<- n + 1; n } else cat("set to", v, "\n") } }), environment()); now; now; now <- 9; bindingIsActive("now", environment()); rm(now)
delayedAssign("lazy", { cat("evaluated\n"); 42 }); cat("before\n"); lazy; lazy
g <- function(a = { cat("default\n"); 1 }) { cat("start\n"); a + a }; g(); g(2)
tryCatch(lockBinding("nope", e), error = function(err) cat(conditionMessage(err), "\n")); search()[1]; tail(search(), 1); attach(list(att = 77), name = "mine"); att; "mine" %in% search(); detach("mine"); exists("att")
