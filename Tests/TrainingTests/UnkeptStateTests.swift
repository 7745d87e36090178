import TestSupport
import Testing

/// What `luz_callback_auto_resume()` cannot keep is named, before it is missed.
@Suite struct UnkeptStateTests {
    private static let setUp = """
        torch_manual_seed(1); x <- torch_randn(60, 4); y <- x[, 1, drop = FALSE]
        net <- nn_module("net", initialize = function() { self$fc <- nn_linear(4, 1); self$fn <- function(z) z; self$seen <- 0
            if (kind == "parameter") self$w <- nn_parameter(torch_ones(1)) },
          forward = function(x) {
            self$seen <- self$seen + 1
            if (kind == "function" && self$seen == 3) self$fn <- function(z) z * 1.5
            if (kind == "layer" && self$seen == 3) self$extra <- nn_linear(1, 1)
            if (kind == "buffer") self$sum <- torch_cat(list(self$sum, torch_ones(1)))
            z <- self$fn(self$fc(x)); if (is.null(self$extra)) z else self$extra(z) })
        ds <- dataset("ds", initialize = function() if (kind == "data set") self$e <- new.env(),
          .getitem = function(i) { if (kind == "data set") self$e$n <- i; list(x[i, ], y[i, ]) }, .length = function() 60)
        smp <- sampler("smp", initialize = function() if (kind == "sampler") self$e <- new.env(),
          .iter = function() { k <- 0; if (kind == "sampler") self$e$n <- c(self$e$n, 1); function() if (k < 60) { k <<- k + 1; k } else coro::exhausted() }, .length = function() 60)
        sch <- lr_scheduler("sch", initialize = function(optimizer) { if (kind == "scheduler") self$e <- new.env(); super$initialize(optimizer) },
          get_lr = function() { if (kind == "scheduler") self$e$n <- self$last_epoch; self$base_lrs })
        swap <- luz_callback("swap", initialize = function() self$f <- mean,
          on_epoch_begin = function() {
            if (kind == "optimizer" && ctx$epoch == 2) ctx$optimizers$opt <- optim_adam(ctx$model$parameters, lr = 0.1)
            if (kind == "parameter" && ctx$epoch == 2) ctx$model$w <- NULL
            if (kind == "entry") ctx$hparams$e <- new.env()
            if (kind == "callback" && ctx$epoch == 2) self$f <- function(v) v + 1
            if (kind == "hparams") { n <- ctx$hparams$n; ctx$hparams$n <- if (is.null(n)) 1 else n + 1 } },
          on_train_batch_begin = function() if (kind == "hparams") ctx$optimizers$opt$param_groups[[1]]$lr <- 0.1 / ctx$hparams$n)
        cut <- luz_callback("cut", on_train_batch_end = function() if (at && ctx$epoch == 3 && ctx$iter == at) stop("cut"))
        run <- function(kind, at = 0, ...) { kind <<- kind; at <<- at; torch_manual_seed(5); set.seed(5)
          net %>% setup(nn_mse_loss(), optim_sgd) %>% set_opt_hparams(lr = 0.1) %>%
            fit(dataloader(ds(), batch_size = 12, sampler = smp()), epochs = 4, verbose = FALSE,
              callbacks = list(luz_callback_lr_scheduler(sch), swap(), cut(), luz_callback_auto_resume("s.pt", every = 1), ...)) }
        """

    private static let rest = ": it holds numbers, texts, lists of them and tensors, and what state_dict() gives\n"
    private static let anew =
        ", which the fit has changed: one that goes on begins with net and optimizers as they are made\n"

    static let unkept: [(kind: String, line: String)] = [
        ("none", ""),
        ("data set", "'s.pt' does not hold e of the data set of the training data" + rest),
        ("sampler", "'s.pt' does not hold e of the sampler of the training data" + rest),
        ("scheduler", "'s.pt' does not hold e of the scheduler <sch>" + rest),
        ("function", "'s.pt' does not hold fn of the module <net>" + rest),
        ("callback", "'s.pt' does not hold f of the callback <swap>" + rest),
        ("entry", "'s.pt' does not hold e of ctx$hparams" + rest),
        ("layer", "'s.pt' cannot bring back the layer extra (added)" + anew),
        ("parameter", "'s.pt' cannot bring back w (removed)" + anew),
        ("optimizer", "'s.pt' cannot bring back the optimizer opt (replaced)" + anew),
    ]

    @Test(arguments: UnkeptStateTests.unkept)
    func `it is named, once`(_ kind: String, _ line: String) {
        let result = TrainingSession(options: Self.setUp).run("invisible(run('\(kind)'))")
        #expect(result.error == line)
    }

    @Test func `weights of a layer that the net does not have are named when the fit goes on`() {
        let result = TrainingSession(options: Self.setUp).run(
            "try(run('layer', 2), silent = TRUE); kind <- 'none'; f <- run('none'); cat(f$model$seen > 10)")
        #expect(
            result.error.contains("not restored: extra.weight, extra.bias, which this net does not have\n"),
            "\(result.error)")
    }

    @Test func `it is named again by the fit that goes on, whose numbers may be others`() {
        let result = TrainingSession(options: Self.setUp).run(
            "try(run('function', 2), silent = TRUE); invisible(run('function'))")
        #expect(
            result.error.contains(
                "resuming at epoch 3, batch 2 ('s.pt')\n's.pt' did not hold fn of the module <net>: the numbers may be others than without the cut\n"
            ), "\(result.error)")
    }

    /// A fit whose callback adds a layer, with a group of the optimizer, in an epoch.
    private static let growing = """
        growing <- function(epoch, cut) { kind <<- "none"; at <<- cut; torch_manual_seed(5)
          grow <- luz_callback("grow", on_epoch_begin = function() if (ctx$epoch == epoch) { ctx$model$extra <- nn_linear(1, 1)
            ctx$optimizers$opt$add_param_group(list(params = ctx$model$extra$parameters, lr = 0.02)) })
          net %>% setup(nn_mse_loss(), optim_sgd) %>% set_opt_hparams(lr = 0.1) %>%
            fit(dataloader(ds(), batch_size = 12), epochs = 4, verbose = FALSE, callbacks = list(grow(), cut(), luz_callback_auto_resume("s.pt", every = 1))) }

        """

    @Test func `a layer that was added in an earlier epoch, and its group, say so`() {
        let result = TrainingSession(options: Self.setUp + "\n" + Self.growing).run(
            "try(growing(2, 2), silent = TRUE); growing(2, 0)")
        #expect(
            result.error.contains(
                "'s.pt' holds extra.weight, extra.bias, which this net does not have: optimizer \"opt\" has 1 parameter groups, and had 2 when it was saved"
            ), "\(result.error)")
        #expect(
            result.error.contains("must be in the net from the beginning; file.remove(\"s.pt\") begins anew"),
            "\(result.error)")
    }

    @Test func `a layer that is added again in the same epoch is no loss`() {
        let result = TrainingSession(options: Self.setUp + "\n" + Self.growing).run(
            """
            digest <- function(f) sprintf("%.17g", c(as.numeric(f$model$fc$weight), as.numeric(f$model$extra$weight)))
            whole <- digest(growing(3, 0)); try(growing(3, 3), silent = TRUE); cat(identical(digest(growing(3, 0)), whole))
            """)
        #expect(result.out == "TRUE", "\(result.error)")
        #expect(result.error.contains("resuming at epoch 3, batch 3"), "\(result.error)")
        #expect(!result.error.contains("not restored"), "\(result.error)")
    }

    @Test func `what stays as it was made is not named`() {
        let result = TrainingSession(options: Self.setUp).run(
            """
            as_made <- luz_callback("as_made",
              initialize = function() { self$p <- y ~ x + 1; self$o <- list(f = mean, k = 2); self$e <- new.env(); self$e$n <- 1:3
                self$t <- terms(b ~ a, data = data.frame(a = 1:3, b = 1:3)); self$teacher <- nn_linear(2, 2); self$g <- function(v) v + 1
                self$many <- list(mean, as.list(1:20000)); self$adam <- optim_adam(self$teacher$parameters); self$set <- tensor_dataset(torch_ones(3)) },
              active = list(seen = function() 1),
              on_epoch_begin = function() { self$g <- function(v) v + 1; k <- self$e$n; self$teacher(torch_ones(1, 2)) })
            invisible(run("none", 0, as_made()))
            changing <- luz_callback("changing",
              initialize = function() { self$it <- dataloader_make_iter(dataloader(tensor_dataset(x), batch_size = 2)); self$o <- list(f = mean, k = 2); self$teacher <- nn_linear(2, 2); self$p <- y ~ x },
              on_epoch_begin = function() { self$o$k <- 3; dataloader_next(self$it); with_no_grad(self$teacher$weight$add_(1)); self$p <- y ~ x + z })
            invisible(run("none", 0, changing()))
            """)
        #expect(result.error == "'s.pt' does not hold it, o, p, teacher of the callback <changing>" + Self.rest)
    }

    @Test func `variables that a function sets outside of itself and that no file can hold`() {
        let result = TrainingSession(options: Self.setUp).run(
            """
            latest <- NULL
            keeps <- luz_callback("keeps", on_epoch_end = function() latest <<- function() ctx$epoch)
            invisible(run("none", 0, keeps()))
            """)
        #expect(
            result.error == "'s.pt' does not hold the variable latest, which the callback <keeps> sets" + Self.rest)
    }

    @Test func `tensors of the net itself are named with what to do`() {
        let result = TrainingSession(options: Self.setUp).run(
            """
            best <- NULL
            keeps <- luz_callback("keeps", on_epoch_end = function() best <<- ctx$model$state_dict())
            invisible(run("none", 0, keeps()))
            """)
        #expect(
            result.error
                == "'s.pt' does not hold the variable best, which the callback <keeps> sets (it refers to the fit itself: keep a $clone() of tensors)"
                + Self.rest)
    }

    @Test func `a variable that cannot be set again is named`() {
        let result = TrainingSession(options: Self.setUp).run(
            """
            n <- 0; counts <- luz_callback("counts", on_train_batch_end = function() n <<- n + 1)
            try(run("none", 2, counts()), silent = TRUE)
            counts <- luz_callback("counts", on_train_batch_end = function() NULL)
            invisible(run("none", 0, counts()))
            """)
        #expect(
            result.error.contains(
                "not restored: the variable n, which functions had set and which cannot be set here\n"),
            "\(result.error)")
    }

    @Test func `a path that is no file is refused`() {
        let result = TrainingSession().run(
            """
            net <- nn_module("net", initialize = function() self$fc <- nn_linear(1, 1), forward = function(x) self$fc(x))
            fit(net %>% setup(nn_mse_loss(), optim_sgd) %>% set_opt_hparams(lr = 0.1), list(torch_ones(2, 1), torch_ones(2, 1)), epochs = 1, verbose = FALSE,
              dataloader_options = list(batch_size = 2), callbacks = list(luz_callback_auto_resume("/dev/null")))
            """)
        #expect(
            result.error.contains("`path` must name a file for the state of the fit, and '/dev/null' is none"),
            "\(result.error)")
    }

    @Test func `another loss is called so`() {
        let result = TrainingSession(options: Self.setUp).run(
            """
            other <- luz_callback("other", on_epoch_begin = function() if (ctx$epoch == 2) ctx$loss_fn <- nn_l1_loss())
            invisible(run("none", 0, other()))
            """)
        #expect(result.error == "'s.pt' cannot bring back the loss (replaced)" + Self.anew)
    }

    @Test func `entries of ctx$hparams go on`() {
        let result = TrainingSession(options: Self.setUp).run(
            """
            digest <- function(f) sprintf("%.17g", as.numeric(f$model$fc$weight))
            whole <- digest(run("hparams")); try(run("hparams", 2), silent = TRUE); cat(identical(digest(run("hparams")), whole))
            """)
        #expect(result.out == "TRUE", "\(result.error)")
    }

    @Test func `two callbacks of one class are one line, and the loss that mixup wraps is none`() {
        let result = TrainingSession(options: Self.setUp).run(
            """
            kind <- "none"
            tick <- luz_callback("tick", initialize = function() self$env <- new.env(), on_epoch_end = function() self$env$n <- ctx$epoch)
            invisible(run("none", 0, tick(), tick()))
            mixed <- net %>% setup(nn_cross_entropy_loss(reduction = "none"), optim_sgd) %>% set_opt_hparams(lr = 0.1)
            labels <- tensor_dataset(x, torch_ones(60, dtype = torch_long()))
            invisible(fit(mixed, labels, epochs = 1, verbose = FALSE, callbacks = list(luz_callback_mixup(auto_loss = TRUE), luz_callback_auto_resume("s.pt"))))
            """)
        #expect(result.error == "'s.pt' does not hold env of the callback <tick>" + Self.rest)
    }

    @Test func `a file without a name is an error where it is given`() {
        let error = TrainingSession().run("luz_callback_auto_resume(\"\")").error
        #expect(error.contains("`path` must name a file, not \"\""), "\(error)")
    }
}
