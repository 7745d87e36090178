# quoting and looking at code
e <- quote(f(x, y = 2, g(z)))
e[[1]]; e[[3]]; names(e); length(e); class(e); as.list(e)[["y"]]
e[[1]] <- as.name("h"); e
e$y <- quote(a + b); e
quote(x)[[1]] |> tryCatch(error = function(e) cat(conditionMessage(e), "\n"))
class(quote(x)); class(quote(1)); class(quote(x + 1)); class(quote((x))); class(quote({x})); class(quote(if (a) b))
class(quote(for (i in 1) 2)); class(quote(x <- 1)); class(quote(x = 1)) |> tryCatch(error = function(e) cat("err\n"))
identical(quote(a + b), quote(a+b)); is.call(e); is.name(e[[1]]); is.language(quote(x)); is.language(1); is.expression(expression(a))
bquote(x + .(1 + 2)); bquote(f(..(list(quote(a), 2))), splice = TRUE)
call("round", 10.5); eval(call("round", 10.5)); as.call(list(as.name("sum"), 1, 2)); eval(as.call(list(sum, 1, 2)))
as.name("a b"); as.symbol("q"); as.character(quote(a$b)); as.character(quote(f(x, 1)))
