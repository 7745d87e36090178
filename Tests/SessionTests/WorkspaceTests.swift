import TestSupport
import Testing

/// A session that is saved, restored in another one and continued prints what it would have printed without that.
@Suite struct WorkspaceTests {
    /// Runs `before` and `after` in one session; then `before` in one and, over a file, `after` in another.
    private func expectContinues(_ before: String, _ after: String, _ location: SourceLocation = #_sourceLocation)
        throws
    {
        let mark = "=== the rest ==="
        let whole = runProgram(before + "\ncat('\(mark)\\n')\n" + after)
        #expect(whole.status == 0, "\(whole.error)", sourceLocation: location)
        let start = try #require(whole.out.firstRange(of: mark + "\n")).upperBound
        let wanted = String(whole.out[start...])
        inTemporaryFolder { folder in
            let saved = runProgram(before + "\nsave_session('\(folder)/s.wb', quiet = TRUE)")
            #expect(saved.status == 0, "\(saved.error)", sourceLocation: location)
            let restored = runProgram("restore_session('\(folder)/s.wb', quiet = TRUE)\n" + after)
            #expect(restored.status == 0, "\(restored.error)", sourceLocation: location)
            #expect(restored.out == wanted, sourceLocation: location)
        }
    }

    @Test func plainValues() throws {
        try expectContinues(
            """
            set.seed(3); x <- c(1.5, NA, NaN, -Inf, -0.0, 1e-320, 2^53); i <- c(1L, NA, -5L); b <- c(TRUE, NA, FALSE)
            s <- c("a", NA, "üñ", "", "a\\nb\\"c\\\\"); z <- complex(real = c(1, NA), imaginary = c(2, 0)); r <- as.raw(0:255)
            long <- rnorm(1000); long[3] <- NA; longi <- c(NA, 1:500); longs <- c(NA, as.character(1:500), "é")
            longb <- rep(c(TRUE, NA, FALSE), 50); longz <- complex(real = 1:100, imaginary = NA)
            l <- list(1, b = list(c = NULL, d = "e"), NULL); m <- matrix(1:6, 2, dimnames = list(c("u", "v"), NULL))
            f <- factor(c("u", "v", NA, "u"), levels = c("v", "u")); d <- as.Date("2026-01-31")
            df <- data.frame(a = 1:3, b = c("x", "y", "z"), row.names = c("p", "q", "r"))
            attr(l, "note") <- "kept"; e <- expression(a + b, c); q <- quote(if (x > 1) y[[2]]$z else function(a, ...) a)
            fo <- y ~ x + I(x^2); n <- NULL
            """,
            """
            print(x); 1 / x[5]; x[6]; i; b; s; z; r; str(l); attributes(l); m; f; d; df; e; q; fo; n
            sum(long, na.rm = TRUE); is.na(long[3]); longi[1:3]; length(longi); tail(longs, 2); longs[1]; table(longb, useNA = "always")
            longz[100]; environmentName(environment(fo)); ls()
            """)
    }

    @Test func constants() throws {
        try expectContinues(
            "k <- 5; lockBinding('k', globalenv()); v <- 1",
            """
            bindingIsLocked("k", globalenv()); bindingIsLocked("v", globalenv()); v <- 2; v
            tryCatch(k <- 6, error = conditionMessage); k
            """)
        // What is restored takes the place of a constant.
        inTemporaryFolder { folder in
            let run = runProgram(
                "k <- 5; save_session('\(folder)/s.wb', quiet = TRUE); k <- 6; lockBinding('k', globalenv()); restore_session('\(folder)/s.wb', quiet = TRUE); k <- k + 1; cat(k)"
            )
            #expect(run.out == "6", "\(run.error)")
        }
    }

    @Test func defaultType() throws {
        try expectContinues(
            "library(torch); torch_set_default_dtype(torch_double()); m <- nn_linear(2, 1); x <- torch_ones(3, 2)",
            "m$weight$dtype; torch_zeros(1)$dtype; m(x)$dtype; nn_linear(1, 1)$weight$dtype; torch_get_default_dtype()")
    }

    @Test func functionsAndEnvironments() throws {
        try expectContinues(
            """
            counter <- function() { n <- 0; list(up = function() n <<- n + 1, now = function() n) }
            c1 <- counter(); c1$up(); c2 <- c1
            e <- new.env(); e$self <- e; e$other <- new.env(parent = e); e$other$back <- e; lockBinding("self", e)
            g <- function(a, b = a * 2, ...) {  # doubles
              if (missing(a)) "none" else a + b
            }
            lazy <- (function(x) function() x)(cat("forced\\n"))
            makeActiveBinding("now", function() c1$now() * 10, environment())
            p <- function(f) function(x) f(f(x)); twice <- p(sqrt); ec <- ecdf(c(1, 2, 2, 5)); comp <- Negate(is.null)
            v <- Vectorize(function(a, b) a + b); pal <- colorRampPalette(c("red", "blue"))
            Acc <- R6::R6Class("Acc", public = list(n = 0, add = function(k) { self$n <- self$n + k; invisible(self) }),
              private = list(secret = 7), active = list(double = function() self$n * 2 + private$secret))
            Sub <- R6::R6Class("Sub", inherit = Acc, public = list(add = function(k) { super$add(k * 100) }))
            a <- Acc$new(); a$add(3); s <- Sub$new(); s$add(1)
            print.money <- function(x, ...) cat("$", unclass(x), "\\n"); cash <- structure(5, class = "money")
            `second<-` <- function(x, value) { x[2] <- value; x }
            """,
            """
            c2$up(); c1$now(); identical(e, e$self); identical(e$other$back, e); tryCatch(e$self <- 1, error = function(c) conditionMessage(c))
            g; g(1); g(); lazy(); lazy(); now; twice(16); ec(2); comp(NULL); v(1:3, 2); pal(3)
            a$add(1)$n; a$double; s$n; s$add(2)$n; Acc$new()$n; b <- s$clone(); b$add(1); b$n; s$n; cash
            x <- 1:3; second(x) <- 9L; x
            """)
    }

    @Test func tensors() throws {
        try expectContinues(
            """
            library(torch); torch_manual_seed(4)
            x <- torch_randn(4, 3); row <- x[2, ]; t <- x$t(); w <- torch_randn(3, 2, requires_grad = TRUE)
            loss <- (x$mm(w))$pow(2)$sum(); loss$backward(); h <- nnf_conv2d(torch_randn(2, 4, 6, 6), torch_randn(8, 4, 3, 3))
            i <- torch_tensor(c(3L, 1L)); b <- torch_tensor(c(TRUE, FALSE)); d <- torch_tensor(1.5, dtype = torch_float64())
            u <- torch_tensor(1:3, dtype = torch_uint8()); e <- torch_tensor(7)$expand(c(2, 3)); none <- w$detach()$grad
            ty <- torch_float64(); dev <- torch_device("cpu"); sq <- autograd_function(
              forward = function(ctx, i) { ctx$save_for_backward(i = i); i^2 },
              backward = function(ctx, g) list(i = g * 2 * ctx$saved_variables$i))
            m <- x$sum
            """,
            """
            x; row$mul_(10); x; t; w; w$grad; w$requires_grad; loss$item(); h$stride(); h$sum(); i; b; d; u; e; none; ty; dev
            torch_randn(2); m(); y <- torch_tensor(3, requires_grad = TRUE); sq(y)$backward(); y$grad
            """)
    }

    @Test func modulesOptimizersSchedulers() throws {
        try expectContinues(
            """
            library(torch); torch_manual_seed(5)
            net <- nn_module("net",
              initialize = function(k) { self$body <- nn_sequential(nn_linear(4, k), nn_batch_norm1d(k), nn_relu(), nn_dropout(0.4))
                self$head <- nn_linear(k, 2); self$scale <- nn_parameter(torch_ones(1)); self$k <- k
                self$steps <- nn_buffer(torch_zeros(1)) },
              forward = function(x) { self$steps$add_(1); self$head(self$body(x)) * self$scale },
              active = list(width = function() self$k * 10), private = list(hidden = 3), peek = function() private$hidden)
            sub <- nn_module("sub", inherit = net, initialize = function() super$initialize(3), forward = function(x) super$forward(x) + 1)
            lin <- nn_module("lin", inherit = nn_linear, forward = function(x) super$forward(x)$relu())
            m <- net(6); s <- sub(); l <- lin(4, 2); m$head <- nn_linear(6, 2, bias = FALSE)
            lst <- nn_module_list(list(nn_conv2d(1, 2, 3), nn_max_pool2d(2))); dict <- nn_module_dict(list(a = nn_embedding(5, 2)))
            loss <- nn_cross_entropy_loss(weight = torch_tensor(c(1, 2)))
            x <- torch_randn(8, 4); y <- torch_tensor(c(1, 2, 1, 2, 1, 2, 1, 2), dtype = torch_long())
            opts <- list(adam = optim_adam(m$parameters, lr = 0.05, weight_decay = 0.01), sgd = optim_sgd(s$parameters, lr = 0.1, momentum = 0.9),
              rms = optim_rmsprop(l$parameters, lr = 0.01))
            mine <- optimizer("mine", initialize = function(params, lr) super$initialize(params, list(lr = lr)),
              step = function() private$step_helper(NULL, function(g, p, gi, pi) p$sub_(p$grad, alpha = g$lr)))
            own <- mine(dict$parameters, lr = 0.5)
            half <- lr_scheduler("half", initialize = function(optimizer) super$initialize(optimizer), get_lr = function() lapply(self$base_lrs, function(r) r / 2^self$last_epoch))
            sch <- list(cycle = lr_one_cycle(opts$adam, max_lr = 0.1, total_steps = 20), step = lr_step(opts$sgd, 2),
              lam = lr_lambda(opts$rms, function(e) 0.9^e), own = half(own))
            train <- function(model, opt) { opt$zero_grad(); v <- loss(model(x), y); v$backward(); opt$step(); v$item() }
            train(m, opts$adam); train(s, opts$sgd); train(l, opts$rms); for (one in sch) one$step()
            m$eval()
            """,
            """
            m; m$width; m$peek(); m$steps; m(x); m$train(); train(m, opts$adam); train(m, opts$adam); train(s, opts$sgd); train(l, opts$rms)
            for (one in sch) { one$step(); cat(one$last_epoch, one$get_lr()[[1]], "\\n") }
            sapply(opts, function(o) o$param_groups[[1]]$lr); s(x)[1, ]; l(x)[1, ]; lst; dict$a(torch_tensor(2L, dtype = torch_long()))
            v <- dict$a(torch_tensor(1L, dtype = torch_long()))$sum(); v$backward(); own$step(); dict$a$weight[1, ]
            net(2)$width; lin(1, 1); names(m$state_dict()); class(s); inherits(s, "net"); dict$clone(deep = TRUE)$parameters[[1]]$sum()
            """)
    }

    @Test func schedulersOfGroupsAddedLater() throws {
        try expectContinues(
            """
            library(torch); library(luz)
            made <- function(f, ...) {
              a <- torch_zeros(1, requires_grad = TRUE); b <- torch_zeros(1, requires_grad = TRUE)
              opt <- optim_sgd(list(a), lr = 0.1, momentum = 0.9); opt$add_param_group(list(params = list(b), lr = 0.01))
              s <- f(opt, ...); if (!inherits(s, "lr_reduce_on_plateau")) s$step(); list(opt, s)
            }
            all <- list(made(lr_lambda, list(function(e) 0.5^e, function(e) 0.9^e)), made(lr_lambda, function(e) 0.7^e),
              made(lr_multiplicative, list(function(e) 0.5, function(e) 0.9)), made(lr_one_cycle, max_lr = list(0.1, 0.2), total_steps = 9),
              made(lr_reduce_on_plateau, min_lr = c(0.01, 0.02), patience = 0))
            # The scheduler was there before the group.
            a <- torch_zeros(1, requires_grad = TRUE); early <- optim_sgd(list(a), lr = 0.1); first <- lr_lambda(early, list(function(e) 0.5^e))
            early$add_param_group(list(params = list(torch_zeros(1, requires_grad = TRUE))))
            g <- torch_zeros(1, requires_grad = TRUE); flat <- optim_sgd(list(g), lr = 0.1); plateau <- lr_reduce_on_plateau(flat, min_lr = 0.04, patience = 0)
            flat$add_param_group(list(params = list(torch_zeros(1, requires_grad = TRUE)), lr = 0.2))
            # It begins later, which asks for a rate that was set by hand.
            late <- optim_sgd(list(torch_zeros(1, requires_grad = TRUE)), lr = 0.1); late$param_groups[[1]]$initial_lr <- 0.4
            last <- lr_step(late, 2, last_epoch = 3)
            """,
            """
            for (one in all) { if (inherits(one[[2]], "lr_reduce_on_plateau")) for (i in 1:3) one[[2]]$step(1) else one[[2]]$step()
              cat(class(one[[2]])[1], sapply(one[[1]]$param_groups, function(g) g$lr), "\n") }
            length(early$param_groups); tryCatch(first$step(), error = conditionMessage)
            plateau$step(1); plateau$step(1); sapply(flat$param_groups, function(g) g$lr)
            last$step(); late$param_groups[[1]]$lr
            """)
        try expectContinues(
            """
            library(torch); library(luz); torch_manual_seed(1)
            net <- nn_module("net", initialize = function() { self$f <- nn_linear(2, 1); self$g <- nn_linear(1, 1) }, forward = function(x) self$g(self$f(x)),
              set_optimizers = function(lr = 0.1) { o <- optim_sgd(self$f$parameters, lr = lr); o$add_param_group(list(params = self$g$parameters)); o })
            x <- torch_randn(20, 2); y <- x[, 1, drop = FALSE]
            fitted <- net %>% setup(nn_mse_loss()) %>% fit(list(x, y), epochs = 2, verbose = FALSE, dataloader_options = list(batch_size = 4),
              callbacks = list(luz_callback_lr_scheduler(lr_lambda, lr_lambda = list(function(e) 1, function(e) 0.5^e))))
            """, "more <- fit(fitted, epochs = 2, verbose = FALSE); get_metrics(more); predict(more, x)[1]")
    }

    @Test func registeredMethods() throws {
        try expectContinues(
            "k <- 2; registerS3method('format', 'zork', function(x, ...) paste('ZZ', k)); z <- structure(1, class = 'zork'); format(z)",
            "format(z)")
    }

    @Test func longTexts() throws {
        try expectContinues(
            "x <- strrep('a', 7e7); y <- c(u = strrep('é', 1e5), v = NA)",
            "nchar(x); nchar(y, 'bytes'); substr(x, 7e7, 7e7)")
    }

    @Test func fits() throws {
        try expectContinues(
            """
            library(torch); library(luz); torch_manual_seed(6); set.seed(6)
            x <- torch_randn(40, 4); y <- (x[, 1] > 0)$to(torch_long()) + 1L
            ds <- tensor_dataset(x, y)
            mine <- dataset("mine", initialize = function(n) { self$n <- n; self$tr <- function(v) v * 2 }, .getitem = function(i) list(x = self$tr(torch_full(4, i)), y = 1L), .length = function() self$n)
            own <- mine(6); dl <- dataloader(ds, batch_size = 8, shuffle = TRUE); dl2 <- dataloader(own, batch_size = 4)
            sub <- dataset_subset(ds, 1:10)
            net <- nn_module("net", initialize = function(h) self$f <- nn_sequential(nn_linear(4, h), nn_relu(), nn_dropout(0.2), nn_linear(h, 2)), forward = function(x) self$f(x))
            said <- luz_callback("said", initialize = function() self$count <- 0, on_epoch_end = function() { self$count <- self$count + 1; cat("epochs seen", self$count, "\\n") })
            cb <- said(); stop1 <- luz_callback_early_stopping(monitor = "train_loss", patience = 3)
            share <- luz_metric("share", abbrev = "Share", initialize = function() self$n <- 0, update = function(preds, target) self$n <- self$n + 1, compute = function() self$n)
            ready <- net %>% setup(loss = nn_cross_entropy_loss(), optimizer = optim_adam, metrics = list(luz_metric_accuracy(), share())) %>% set_hparams(h = 6) %>% set_opt_hparams(lr = 0.02)
            fitted <- ready %>% fit(dl, epochs = 2, valid_data = sub, verbose = FALSE, callbacks = list(cb, stop1, luz_callback_lr_scheduler(lr_step, step_size = 1)))
            """,
            """
            class(fitted); get_metrics(fitted); predict(fitted, x)[1, ]; evaluate(fitted, dl) %>% get_metrics()
            again <- ready %>% fit(dl, epochs = 2, valid_data = sub, verbose = FALSE, callbacks = list(cb, stop1)); get_metrics(again)
            more <- fit(fitted, epochs = 2, verbose = FALSE); get_metrics(more); predict(more, x)[2, ]
            coro::loop(for (b in dl) print(b[[1]][1, 1]$item())); coro::loop(for (b in dl2) print(b$x[1, 1]$item())); length(sub); own$n
            runif(2); torch_rand(2)
            """)
    }

    @Test func images() throws {
        try inTemporaryFolder { folder in
            let code = """
                library(torch); library(torchvision); library(luz); torch_manual_seed(7); set.seed(7)
                ds <- shapes_dataset("\(folder)/shapes", classes = 3, per_class = 8, transform = function(x) x %>% transform_to_tensor() %>% transform_random_affine(degrees = c(-30, 30), translate = c(0.2, 0.2)))
                dl <- dataloader(ds, batch_size = 6, shuffle = TRUE)
                body <- function() { list(
                  dropout = nn_sequential(nn_conv2d(3, 4, 3, padding = 1), nn_relu(), nn_max_pool2d(2), nn_dropout2d(0.2), nn_flatten(), nn_linear(4 * 32 * 32, 3)),
                  norm = nn_sequential(nn_conv2d(3, 4, 3, padding = 1), nn_batch_norm2d(4), nn_relu(), nn_max_pool2d(2), nn_flatten(), nn_linear(4 * 32 * 32, 3)),
                  resnet = { r <- model_resnet18(); for (p in r$parameters) p$requires_grad_(FALSE); r$fc <- nn_linear(512, 3); r }) }
                nets <- body(); opts <- lapply(nets, function(n) optim_adam(Filter(function(p) p$requires_grad, n$parameters), lr = 1e-3))
                sch <- lapply(opts, function(o) lr_one_cycle(o, max_lr = 0.01, total_steps = 30))
                epoch <- function() for (k in names(nets)) { losses <- c(); coro::loop(for (b in dl) { opts[[k]]$zero_grad()
                  v <- nnf_cross_entropy(nets[[k]](b[[1]]), b[[2]]); v$backward(); opts[[k]]$step(); sch[[k]]$step(); losses <- c(losses, v$item()) }); cat(k, format(losses, digits = 10), "\\n") }
                epoch()
                """
            try expectContinues(
                code,
                "epoch(); for (n in nets) { n$eval(); print(sum(sapply(n$parameters, function(p) p$double()$sum()$item())), digits = 15) }; dl$dataset[3]$y"
            )
        }
    }
}
