import TestSupport
import Testing

/// What a fit keeps of objects written in R, and of gradients, when it is cut and goes on, and when it is continued.
@Suite struct KeptStateTests {
    private static let setUp = """
        torch_manual_seed(1); set.seed(1); x <- torch_randn(64, 3)
        lin <- nn_module("lin", initialize = function() self$fc <- nn_linear(3, 1), forward = function(x) self$fc(x))
        counting <- optimizer("counting", initialize = function(params, lr = 0.1) { super$initialize(params, list(lr = lr)); self$n <- 0 },
          step = function(closure = NULL) { self$n <- self$n + 1; private$step_helper(closure, function(group, param, g, p) param$sub_(group$lr * param$grad / sqrt(self$n))) })
        buffered <- optimizer("buffered", initialize = function(params, lr = 0.1) { super$initialize(params, list(lr = lr)); self$bufs <- list() },
          step = function(closure = NULL) private$step_helper(closure, function(group, param, g, p) { k <- paste(g, p); b <- self$bufs[[k]]; b <- if (is.null(b)) param$grad$clone() else b * 0.9 + param$grad; self$bufs[[k]] <- b; param$sub_(group$lr * b) }))
        stated <- optimizer("stated", initialize = function(params, lr = 0.1) super$initialize(params, list(lr = lr)),
          step = function(closure = NULL) private$step_helper(closure, function(group, param, g, p) { s <- self$state$get(param); if (is.null(s)) s <- list(m = torch_zeros_like(param), n = 0); s$m <- s$m * 0.9 + param$grad; s$n <- s$n + 1; self$state$set(param, s); param$sub_(group$lr * s$m / s$n) }))
        keyed <- optimizer("keyed", initialize = function(params, lr = 0.1) super$initialize(params, list(lr = lr)),
          step = function(closure = NULL) private$step_helper(closure, function(group, param, g, p) { k <- paste(g, p); s <- self$state[[k]]; if (is.null(s)) s <- torch_zeros_like(param); s <- s * 0.9 + param$grad; self$state[[k]] <- s; param$sub_(group$lr * s) }))
        fading <- lr_scheduler("fading", initialize = function(optimizer, z = 0.9) { self$z <- z; super$initialize(optimizer) }, get_lr = function() { self$z <- self$z * 0.97; lapply(self$base_lrs, function(b) b * self$z) })
        warming <- lr_scheduler("warming", initialize = function(optimizer) { self$e <- new.env(); self$e$k <- 1; super$initialize(optimizer) },
          get_lr = function() { self$e$k <- self$e$k * 0.9; lapply(self$base_lrs, function(b) b * self$e$k) },
          state_dict = function() c(super$state_dict(), list(k = self$e$k)), load_state_dict = function(sd) { self$e$k <- sd$k; super$load_state_dict(sd) })
        two <- nn_module("two", initialize = function() self$fc <- nn_linear(3, 1), forward = function(x) self$fc(x),
          set_optimizers = function(lr = 0.01) list(a = optim_adam(self$fc$parameters["weight"], lr = lr), b = optim_sgd(self$fc$parameters["bias"], lr = lr)))
        collecting <- nn_module("collecting", initialize = function() { self$fc <- nn_linear(3, 1); self$i <- 0 }, forward = function(x) self$fc(x),
          step = function() { ctx$pred <- ctx$model(ctx$input); l <- nnf_mse_loss(ctx$pred, ctx$target); if (ctx$training) { l$backward(); self$i <- self$i + 1; if (self$i %% 3 == 0) { ctx$optimizers$opt$step(); ctx$optimizers$opt$zero_grad() } }; ctx$loss <- l$detach() })
        growing <- dataset("growing", initialize = function() { self$x <- torch_randn(40, 3); self$seen <- 0 },
          .getitem = function(i) { self$seen <- self$seen + 1; list(self$x[i, ] + self$seen / 100, self$x[i, 1:1]) }, .length = function() 40)
        striding <- sampler("striding", initialize = function(ds) self$e <- 0, .length = function() 64,
          .iter = function() { self$e <- self$e + 1; k <- self$e; i <- 0; function() { i <<- i + 1; if (i > 64) coro::exhausted() else as.integer((i * k * 7) %% 64 + 1) } })
        cut_at <- 0
        cut <- luz_callback("cut", on_train_batch_end = function() if (cut_at && ctx$epoch == 3 && ctx$iter == cut_at) stop("cut"))
        go <- function(kind, at = 0, epochs = 5, resumes = TRUE) {
          cut_at <<- at
          net <- switch(kind, two = two, collecting = collecting, lin) %>%
            setup(loss = nn_mse_loss(), optimizer = switch(kind, counting = counting, buffered = buffered, stated = stated, keyed = keyed, two = NULL, optim_sgd)) %>% set_opt_hparams(lr = 0.05)
          data <- switch(kind, growing = dataloader(growing(), batch_size = 8), striding = { d <- tensor_dataset(x, x[, 1:1]); dataloader(d, batch_size = 8, sampler = striding(d)) }, dataloader(tensor_dataset(x, x[, 1:1]), batch_size = 16))
          fit(net, data, epochs = epochs, verbose = FALSE,
            callbacks = c(if (kind %in% c("fading", "warming")) list(luz_callback_lr_scheduler(get(kind))), list(cut()), if (resumes) list(luz_callback_auto_resume("state.pt", every = 1))))
        }
        digest <- function(f) paste(sprintf("%.17g", c(as.numeric(f$model$fc$weight), as.numeric(f$model$fc$bias), get_metrics(f)$value)), collapse = " ")
        seeded <- function(...) { torch_manual_seed(7); set.seed(7); go(...) }
        """

    static let kinds = [
        "counting", "buffered", "stated", "keyed", "fading", "warming", "two", "collecting", "growing", "striding",
    ]

    @Test(arguments: KeptStateTests.kinds)
    func `cut and begun again it ends as if nothing had happened`(_ kind: String) {
        let result = TrainingSession(options: Self.setUp).run(
            """
            whole <- digest(seeded("\(kind)"))
            try(seeded("\(kind)", at = 2), silent = TRUE)
            cat(file.exists("state.pt"), digest(seeded("\(kind)")) == whole)
            """)
        #expect(result.out == "TRUE TRUE", "\(result.error)")
        #expect(result.error.contains("resuming at epoch 3"), "\(result.error)")
    }

    /// A net, data, loss and callbacks of a fit that is cut in epoch 3, each with something that must not be lost.
    static let losable: [(what: String, code: String)] = [
        (
            "a layer frozen while it trains: its gradient is zero from then on, not missing",
            "more <- luz_callback('freeze', on_epoch_begin = function() if (ctx$epoch == 2) ctx$model$fc$weight$requires_grad_(FALSE))"
        ),
        (
            "a branch that is taken by chance",
            "model <- nn_module('net', initialize = function() { self$fc <- nn_linear(3, 1); self$other <- nn_linear(3, 1) }, forward = function(x) if (runif(1) < 0.5) self$fc(x) else self$other(x))"
        ),
        ("a data set behind a subset", "data <- function() growing(); valid <- 0.25"),
        ("a data set in another", "data <- function() dataset_subset(dataset_subset(growing(), 1:30), 1:20)"),
        (
            "buffers of a loss",
            "loss <- nn_module('centred', initialize = function() self$register_buffer('c', torch_zeros(1)), forward = function(p, t) { self$c$mul_(0.9)$add_(p$detach()$mean() + 0.1); nnf_mse_loss(p - self$c, t) })"
        ),
        (
            "fields of a loss",
            "loss <- nn_module('rising', initialize = function() self$k <- 1, forward = function(p, t) { self$k <- self$k * 1.01; self$k * nnf_mse_loss(p, t) })"
        ),
        (
            "a buffer that grows",
            "model <- nn_module('net', initialize = function() { self$fc <- nn_linear(3, 1); self$seen <- nn_buffer(torch_zeros(1)) }, forward = function(x) { self$seen <- torch_cat(list(self$seen, torch_ones(1))); self$fc(x) * (1 + 0.001 * self$seen$sum()) })"
        ),
        (
            "a group of parameters added on the way",
            "model <- nn_module('net', initialize = function() { self$body <- nn_linear(3, 3); self$fc <- nn_linear(3, 1) }, forward = function(x) self$fc(self$body(x)), set_optimizers = function(lr = 0.01) optim_adam(self$fc$parameters, lr = lr)); opt <- NULL; more <- luz_callback('thaw', on_epoch_begin = function() if (ctx$epoch == 2) ctx$optimizers$opt$add_param_group(list(params = ctx$model$body$parameters, lr = 0.001)))"
        ),
        (
            "what a function in a field counts in its own environment",
            "more <- luz_callback('count', initialize = function() { n <- 0; self$f <- function() { n <<- n + 1; n } }, on_train_batch_end = function() ctx$optimizers$opt$param_groups[[1]]$lr <- 0.01 / self$f())"
        ),
        (
            "a variable of the session that a function sets which a hook calls",
            "tick <- function() total <<- total + 1; counting_cb <- luz_callback('total', on_train_batch_end = function() { tick(); ctx$optimizers$opt$param_groups[[1]]$lr <- 0.01 / total }); more <- function() { total <<- 0; counting_cb() }"
        ),
        (
            "a variable that a hook makes",
            "making <- luz_callback('making', on_train_batch_end = function() { made <<- if (exists('made')) made + 1 else 1; ctx$optimizers$opt$param_groups[[1]]$lr <- 0.01 / made }); more <- function() { if (exists('made')) rm(made, envir = globalenv()); making() }"
        ),
        (
            "what is around the class of a callback, one of two",
            "around <- function(by) { n <- 0; luz_callback('around', on_train_batch_end = function() { n[1] <<- n + by; ctx$optimizers$opt$param_groups[[1]]$lr <- ctx$optimizers$opt$param_groups[[1]]$lr * (1 - 0.001 * n) }) }; more <- function() list(around(1)(), around(2)())"
        ),
        (
            "what a data set counts outside of itself",
            "outside <- dataset('outside', initialize = function() self$x <- torch_randn(40, 3), .getitem = function(i) { seen <<- seen + 1; list(self$x[i, ] + seen / 100, self$x[i, 1:1]) }, .length = function() 40); data <- function() { seen <<- 0; outside() }"
        ),
        (
            "fields of a batch sampler",
            "batching <- sampler('batching', initialize = function() self$c <- 0, .iter = function() { self$c <- self$c + 1; p <- split(((1:40) * self$c) %% 40 + 1, rep(1:5, 8)); i <- 0; function() { i <<- i + 1; if (i > 5) coro::exhausted() else p[[i]] } }, .length = function() 5); data <- function() dataloader(tensor_dataset(x[1:40, ], x[1:40, 1:1]), batch_sampler = batching()); options <- NULL"
        ),
        (
            "a function that is an argument nobody has asked for when the fit begins",
            "make_counter <- function() { n <- 0; function() { n <<- n + 1; n } }; mk <- function(counter) luz_callback('lazy', on_train_batch_end = function() ctx$optimizers$opt$param_groups[[1]]$lr <- 0.01 / counter()); more <- function() mk(make_counter())()"
        ),
        (
            "functions of a loader, an autograd function and a function by its name",
            "k <- 0; tick <- function() k <<- k + 1; own <- autograd_function(forward = function(ctx, z) { k <<- k + 1; z }, backward = function(ctx, grad_output) list(z = grad_output)); model <- nn_module('net', initialize = function() self$fc <- nn_linear(3, 1), forward = function(v) own(self$fc(v))); data <- function() dataloader(tensor_dataset(x[1:40, ], x[1:40, 1:1]), batch_size = 8, collate_fn = function(items) { k <<- k + 1; items }); options <- NULL; by_name <- luz_callback('by_name', on_train_batch_end = function() { do.call('tick', list()); ctx$optimizers$opt$param_groups[[1]]$lr <- ctx$optimizers$opt$param_groups[[1]]$lr * (1 + 1e-4 * k) }); more <- function() { k <<- 0; by_name() }"
        ),
        (
            "a model of the user's own that counts in a variable, and a function in an environment",
            "k <- 0; helper <- nn_module('helper', initialize = function() NULL, forward = function(v) { k <<- k + 1; v })(); tools_env <- new.env(); tools_env$bump <- function() k <<- k + 1; using <- luz_callback('using', on_train_batch_end = function() { helper(1); tools_env$bump(); ctx$optimizers$opt$param_groups[[1]]$lr <- 0.01 / k }); more <- function() { k <<- 0; using() }"
        ),
    ]

    @Test(arguments: KeptStateTests.losable)
    func `nothing of it is lost`(_ what: String, _ code: String) {
        let session = TrainingSession(options: Self.setUp)
        let result = session.run(
            """
            options <- list(batch_size = 8); model <- lin; data <- function() tensor_dataset(x, x[, 1:1]); valid <- NULL; loss <- nn_mse_loss; opt <- optim_adam; more <- luz_callback("none")
            \(code)
            as_list <- function(v) if (is.list(v)) v else list(v)
            die <- luz_callback("die", on_train_batch_end = function() if (ctx$epoch == 3 && ctx$iter == at) stop("cut"))
            run <- function(cut = 0, epochs = 5) { at <<- cut; torch_manual_seed(3); set.seed(3)
              fit(setup(model, loss = loss(), optimizer = opt) %>% set_opt_hparams(lr = 0.01), data(), epochs = epochs, valid_data = valid, verbose = FALSE,
                dataloader_options = options, callbacks = c(as_list(more()), list(die(), luz_callback_auto_resume("state.pt", every = 1)))) }
            whole <- digest(run())
            for (cut in 1:2) { try(run(cut), silent = TRUE); cat(file.exists("state.pt"), digest(run()) == whole, "") }
            half <- run(epochs = 3); cat(digest(fit(half, epochs = 2, verbose = FALSE)) == whole)
            """)
        #expect(result.out == "TRUE TRUE TRUE TRUE TRUE", "\(what): \(result.error)")
    }

    @Test func `what is not kept of callbacks is named, and a metric that cannot be saved ends no fit`() {
        let result = TrainingSession(options: Self.setUp).run(
            """
            own <- luz_callback("own", on_fit_begin = function() self$s <- lr_step(ctx$optimizers$opt, 1), on_train_batch_end = function() self$s$step())
            odd <- luz_metric("odd", abbrev = "Odd", initialize = function() self$e <- new.env(), update = function(preds, target) NULL, compute = function() 1)
            f <- fit(setup(lin, loss = nn_mse_loss(), optimizer = optim_sgd, metrics = list(odd())) %>% set_opt_hparams(lr = 0.01), tensor_dataset(x, x[, 1:1]), epochs = 2, verbose = FALSE, callbacks = list(own(), luz_callback_auto_resume("state.pt", every = 1)))
            cat(length(f$records$metrics$train))
            """)
        #expect(result.out == "2", "\(result.error)")
        #expect(
            result.error
                == "The state of the fit is saved at the ends of epochs only: the metric Odd cannot be saved in the middle of an epoch.\n"
                + "'state.pt' does not hold s of the callback <own>: it holds numbers, texts, lists of them and tensors, and what state_dict() gives\n",
            "\(result.error)")
    }

    /// A fit that is cut in its second epoch and goes on, with a callback of one state.
    private static func kept(_ state: String, _ load: String) -> String {
        """
        cut <- TRUE
        own <- luz_callback("own", on_epoch_end = function() if (cut && ctx$epoch == 2) stop("cut"),
          state_dict = function() list(best = \(state)), load_state_dict = function(s) \(load))
        go <- function() fit(setup(lin, loss = nn_mse_loss(), optimizer = optim_sgd) %>% set_opt_hparams(lr = 0.01), tensor_dataset(x, x[, 1:1]),
          epochs = 3, verbose = FALSE, callbacks = list(own(), luz_callback_auto_resume("state.pt")))
        try(go(), silent = TRUE); cut <- FALSE; f <- go()
        """
    }

    @Test func `dates, factors and data frames in the state of a callback stay what they are`() {
        let state =
            "list(as.Date('2026-01-02'), factor('b', c('a', 'b')), data.frame(e = 1:2, f = c('x', 'y')), 1i, as.raw(7), torch_ones(2))"
        let result = TrainingSession(options: Self.setUp).run(
            "whole <- \(state)\n"
                + Self.kept(state, "cat(identical(s$best[1:5], whole[1:5]), class(s$best[[6]])[1])"))
        #expect(result.out == "TRUE torch_tensor", "\(result.error)")
        #expect(
            result.error == "resuming at epoch 2 ('state.pt')\n" || !result.error.contains("does not hold"),
            "\(result.error)")
    }

    @Test func `code in the state of a callback is named`() {
        let result = TrainingSession(options: Self.setUp).run(
            Self.kept("list(f = function(v) v + 1, n = 2)", "cat(s$best$n, is.null(s$best$f))"))
        #expect(result.out == "2 TRUE", "\(result.error)")
        #expect(
            result.error.hasPrefix(
                "'state.pt' does not hold best$f in state_dict() of the callback <own>: it holds numbers, texts, lists of them and tensors\n"
            ), "\(result.error)")
    }

    @Test func `an error of a callback that takes its state back names it`() {
        let result = TrainingSession(options: Self.setUp).run(Self.kept("1", "stop('cannot load')"))
        #expect(
            result.error.contains(
                "Error while calling callback with class <own/LuzCallback/R6> in load_state_dict().")
                && result.error.contains("Caused by error in `load_state_dict(state_dict)`:\n! cannot load")
                && !result.error.contains("may be of another fit"), "\(result.error)")
    }

    @Test func `rates below zero end a fit with a clear line`() {
        let result = TrainingSession(options: Self.setUp).run(
            """
            odd <- lr_scheduler("odd", initialize = function(optimizer) super$initialize(optimizer), get_lr = function() if (self$last_epoch == 1) -0.5 else 0.1)
            fit(setup(lin, loss = nn_mse_loss(), optimizer = optim_sgd) %>% set_opt_hparams(lr = 0.01), tensor_dataset(x, x[, 1:1]),
              epochs = 3, verbose = FALSE, callbacks = list(luz_callback_lr_scheduler(odd)))
            """)
        #expect(result.error.contains("odd gives the rate -0.5: finite numbers ≥ 0 are needed"), "\(result.error)")
    }

    @Test func `settings of layers that a callback changes`() {
        let result = TrainingSession(options: Self.setUp).run(
            """
            net <- nn_module("net", initialize = function() { self$norm <- nn_batch_norm1d(3); self$drop <- nn_dropout(0.5); self$fc <- nn_linear(3, 1) }, forward = function(x) self$fc(self$drop(self$norm(x))))
            once <- luz_callback("once", on_train_batch_end = function() if (ctx$epoch == 2 && ctx$iter == 1) { ctx$model$drop$p <- 0.125; ctx$model$norm$momentum <- 0.75 })
            stopping <- luz_callback("stopping", on_train_batch_end = function() if (stops && ctx$epoch == 2 && ctx$iter == 3) stop("cut"))
            run <- function(s) { stops <<- s; torch_manual_seed(3); set.seed(3)
              fit(net %>% setup(loss = nn_mse_loss(), optimizer = optim_adam), dataloader(tensor_dataset(x, x[, 1:1]), batch_size = 16), epochs = 3, verbose = FALSE,
                callbacks = list(once(), stopping(), luz_callback_auto_resume("state.pt", every = 1))) }
            show <- function(f) c(digest(f), f$model$drop$p, f$model$norm$momentum, sprintf("%.17g", as.numeric(f$model$norm$running_mean)))
            whole <- show(run(FALSE))
            try(run(TRUE), silent = TRUE)
            again <- show(run(FALSE))
            cat(identical(whole, again), again[2:3])
            """)
        #expect(result.out == "TRUE 0.125 0.75", "\(result.error)")
        #expect(result.error.contains("resuming at epoch 2, batch 3"), "\(result.error)")
    }

    @Test(arguments: KeptStateTests.kinds.filter { !["growing", "striding"].contains($0) })
    func `two epochs and three are five`(_ kind: String) {
        let session = TrainingSession(options: Self.setUp)
        #expect(
            session.out(
                """
                whole <- digest(seeded("\(kind)", resumes = FALSE))
                first <- seeded("\(kind)", epochs = 2, resumes = FALSE); more <- function() fit(first, epochs = 3, verbose = FALSE)
                cat(digest(more()) == whole, digest(more()) == whole)
                """) == "TRUE TRUE")
    }

    @Test func `an optimizer and a scheduler written in R extend what state_dict gives`() {
        let result = TrainingSession(options: Self.setUp).run(
            """
            w <- torch_zeros(1, requires_grad = TRUE)
            wide <- optimizer("wide", initialize = function(params, lr = 0.1) { super$initialize(params, list(lr = lr)); self$n <- 0 }, step = function() self$n <- self$n + 1,
              state_dict = function() c(super$state_dict(), list(n = self$n)), load_state_dict = function(sd) { self$n <- sd$n; super$load_state_dict(sd) })
            o <- wide(list(w)); o$step(); o$step(); p <- wide(list(w), lr = 0.5); p$load_state_dict(o$state_dict())
            cat(names(o$state_dict()), p$n, p$param_groups[[1]]$lr, "")
            s <- warming(optim_sgd(list(w), lr = 1)); s$step(); t <- warming(optim_sgd(list(w), lr = 1)); t$load_state_dict(s$state_dict()); s$step(); t$step()
            cat(identical(s$get_last_lr(), t$get_last_lr()))
            """)
        #expect(result.out == "param_groups state n 2 0.1 TRUE", "\(result.error)")
    }

    @Test func `fields of a scheduler written in R are in its state_dict`() {
        #expect(
            TrainingSession(options: Self.setUp).out(
                """
                w <- torch_zeros(1, requires_grad = TRUE); s <- fading(optim_sgd(list(w), lr = 1)); s$step()
                t <- fading(optim_sgd(list(w), lr = 1), z = 0.1); t$load_state_dict(s$state_dict()); cat("z" %in% names(s$state_dict()), t$z == s$z)
                """) == "TRUE TRUE")
    }

    /// Between the line that says where the fit goes on and everything put back, callbacks have a turn.
    @Test func `what ends a fit before it goes on does not leave it untrained`() {
        let result = TrainingSession(options: Self.setUp).run(
            """
            try(seeded("lin", at = 2), silent = TRUE)
            refuse <- luz_callback("refuse", on_train_begin = function() stop("not now"))
            net <- lin %>% setup(loss = nn_mse_loss(), optimizer = optim_sgd) %>% set_opt_hparams(lr = 0.05)
            try(fit(net, dataloader(tensor_dataset(x, x[, 1:1]), batch_size = 16), epochs = 5, verbose = FALSE, callbacks = list(refuse(), luz_callback_auto_resume("state.pt", every = 1))), silent = TRUE)
            saved <- torch_load("state.pt")
            cat(identical(as.numeric(last_fit()$model$fc$weight), as.numeric(saved$model$fc.weight)), nrow(get_metrics(last_fit())))
            """)
        #expect(result.out == "TRUE 2", "\(result.error)")
    }

    @Test func `one changed bit of a state file is noticed`() {
        let result = TrainingSession(options: Self.setUp).run(
            """
            try(seeded("lin", at = 2), silent = TRUE)
            bytes <- readBin("state.pt", "raw", 1e6); n <- length(bytes); bytes[n - 5] <- xor(bytes[n - 5], as.raw(4)); writeBin(bytes, "state.pt")
            tryCatch(seeded("lin"), error = function(e) cat(conditionMessage(e$parent)))
            """)
        #expect(result.out == "'state.pt' is damaged: its bytes are not those that were written", "\(result.error)")
    }
}
