import TestSupport
import Testing

/// `fit()` of a fitted model.
@Suite struct ContinuationTests {
    private static let setUp = """
        net <- nn_module("net", initialize = function() { self$fc <- nn_linear(3, 6); self$bn <- nn_batch_norm1d(6); self$drop <- nn_dropout(0.4); self$out <- nn_linear(6, 2) },
          forward = function(x) self$out(self$drop(self$bn(self$fc(x)))))
        m <- net %>% setup(loss = nn_cross_entropy_loss(), optimizer = optim_adam, metrics = luz_metric_accuracy()) %>% set_opt_hparams(lr = 0.01)
        torch_manual_seed(9); x <- torch_randn(40, 3); data <- tensor_dataset(x, torch_randint(1, 3, 40, dtype = torch_long()))
        o <- list(batch_size = 8)
        start <- function() { set.seed(1); torch_manual_seed(2) }
        cbs <- function() list(luz_callback_lr_scheduler(lr_one_cycle, max_lr = 0.1, epochs = 5, steps_per_epoch = 4, call_on = "on_train_batch_end"), luz_callback_early_stopping(patience = 9), luz_callback_csv_logger("log.csv"))
        digest <- function(f) { p <- f$model$state_dict(); m <- get_metrics(f); paste(c(sapply(p, function(t) sprintf("%.17g", sum(as.numeric(t) * seq_along(as.numeric(t))))), sprintf("%.17g", m$value), m$epoch), collapse = " ") }
        """

    @Test func `two epochs and three are five`() {
        let session = TrainingSession(options: Self.setUp)
        #expect(
            session.out(
                """
                start(); a <- fit(m, data, epochs = 5, valid_data = 0.2, callbacks = cbs(), verbose = FALSE, dataloader_options = o); log <- readLines("log.csv")
                start(); b <- fit(m, data, epochs = 2, valid_data = 0.2, callbacks = cbs(), verbose = FALSE, dataloader_options = o)
                before <- digest(b); c <- fit(b, epochs = 3, verbose = FALSE)
                cat(digest(c) == digest(a), identical(readLines("log.csv"), log), digest(b) == before, names(c), names(c$ctx))
                """) == "TRUE TRUE TRUE model records ctx hparams opt_hparams")
    }

    @Test func `ten continuations do not drift, whether data are given again or not`() {
        let session = TrainingSession(options: Self.setUp)
        #expect(
            session.out(
                """
                start(); a <- fit(m, data, epochs = 11, valid_data = 0.2, verbose = FALSE, dataloader_options = o)
                start(); b <- fit(m, data, epochs = 1, valid_data = 0.2, verbose = FALSE, dataloader_options = o)
                for (i in 1:10) b <- if (i %% 2 == 0) fit(b, epochs = 1, verbose = FALSE) else fit(b, data, epochs = 1, valid_data = 0.2, verbose = FALSE, dataloader_options = o)
                cat(digest(b) == digest(a), length(b$records$metrics$valid))
                """) == "TRUE 11")
    }

    @Test func `epochs go on counting, the fit given can be gone on from again`() {
        let session = TrainingSession(options: Self.setUp)
        let result = session.run(
            """
            options(workbench.plan = FALSE)
            b <- fit(m, data, epochs = 2, verbose = FALSE, callbacks = cbs()[3])
            r <- function() { torch_manual_seed(5); fit(b, epochs = 2, verbose = FALSE) }
            cat(digest(r()) == digest(r()), "")
            c <- fit(b, epochs = 1, verbose = TRUE)
            print(c(nrow(get_metrics(b)), nrow(get_metrics(c))))
            """)
        #expect(result.out == "TRUE [1] 4 6\n", "\(result.error)")
        #expect(result.error.hasPrefix("Epoch 3/3\nTrain metrics: Loss: "), "\(result.error)")
    }

    /// Early stopping ends a fit while the end of an epoch is being told: that epoch is whole.
    @Test func `a fit that stopped early goes on with the next epoch`() {
        let session = TrainingSession(options: Self.setUp)
        #expect(
            session.out(
                """
                start(); a <- fit(m, data, epochs = 9, valid_data = 0.2, verbose = FALSE, dataloader_options = o, callbacks = list(luz_callback_early_stopping(monitor = "train_loss", patience = 2, min_delta = 100)))
                n <- length(a$records$metrics$train); b <- fit(a, epochs = 1, verbose = FALSE, callbacks = list())
                cat(n < 9, length(b$records$metrics$train) - n, length(b$records$metrics$valid) - n, identical(b$records$metrics$train[seq_len(n)], a$records$metrics$train))
                """) == "TRUE 1 1 TRUE")
    }

    @Test func `settings of the optimizer can be changed, those of the model not`() {
        let session = TrainingSession(options: Self.setUp)
        let result = session.run(
            """
            b <- fit(m, data, epochs = 1, verbose = FALSE)
            see <- luz_callback("see", on_train_batch_end = function() if (ctx$iter == 1) cat(ctx$optimizers$opt$param_groups[[1]]$lr, ctx$optimizers$opt$state_dict()$state[[1]]$step, ""))
            f <- fit(b, callbacks = list(see()), epochs = 1, verbose = FALSE)
            f <- fit(b %>% set_opt_hparams(lr = 0.001), callbacks = list(see()), epochs = 1, verbose = FALSE)
            cat(class(b %>% set_opt_hparams(lr = 0.001)), b$ctx$opt_hparams$lr, "")
            b %>% set_hparams(a = 1)
            """)
        #expect(result.out == "0.01 2 0.001 2 luz_module_fitted 0.01 ", "\(result.error)")
        #expect(
            result.error.contains(
                "set_hparams() says how a model is made, and that of a fitted one is made already"), "\(result.error)")
    }

    @Test func `after Ctrl-C the broken epoch is begun again`() {
        let session = TrainingSession(options: Self.setUp)
        #expect(
            session.out(
                """
                stop_it <- luz_callback("stop_it", on_valid_batch_end = function() if (ctx$epoch == 2) rlang::interrupt())
                b <- fit(m, data, epochs = 3, valid_data = data, callbacks = list(stop_it()), verbose = FALSE)
                c <- fit(b, epochs = 1, callbacks = list(), verbose = FALSE)
                g <- get_metrics(c); cat(g$epoch, is.null(c$records$partial), is.null(b$records$partial))
                """) == "1 1 2 2 1 1 2 2 TRUE FALSE")
    }

    @Test func `what cannot go on says so`() {
        let session = TrainingSession(options: Self.setUp)
        let error = session.run(
            "b <- fit(m, data, epochs = 1, verbose = FALSE); fit(b, valid_data = 0.2, epochs = 1)"
        ).error
        #expect(error.contains("`valid_data` is a share of data, and `data` is left out"), "\(error)")
        #expect(
            session.run("options(workbench.as_published = TRUE); fit(b, data, epochs = 1)").error.contains(
                "`object` must be the result of setup()"))
    }

    @Test func `weights go to a file and come back`() {
        let session = TrainingSession(options: Self.setUp)
        let result = session.run(
            """
            a <- fit(m, data, epochs = 1, verbose = FALSE); b <- fit(m, data, epochs = 1, verbose = FALSE)
            luz_save_model_weights(a, "w.pt"); luz_load_model_weights(b, "w.pt")
            cat(torch_equal(a$model$fc$weight, b$model$fc$weight), names(torch_load("w.pt"))[1], "")
            torch_save(torch_ones(2), "t.pt"); luz_load_model_weights(b, "t.pt")
            """)
        #expect(result.out == "TRUE fc.weight ", "\(result.error)")
        #expect(result.error.contains("'t.pt' holds no weights of a model"), "\(result.error)")
        #expect(session.run("luz_save_model_weights(1, \"w.pt\")").error.contains("Error"))
    }
}
