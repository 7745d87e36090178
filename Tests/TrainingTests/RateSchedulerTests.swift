import Testing

@Suite struct RateSchedulerTests {
    private static let recorder = """
        rec <- luz_callback("rec", on_train_batch_begin = function() cat(ctx$optimizers[[1]]$param_groups[[1]]$lr, ""))
        """

    /// Rates seen by the training batches of two epochs of two.
    @Test(arguments: [
        ("on_epoch_end", "0.1 0.1 0.05 0.05 "), ("on_train_batch_end", "0.1 0.05 0.025 0.0125 "),
        ("on_fit_begin", "0.05 0.05 0.05 0.05 "), ("on_train_begin", "0.05 0.05 0.025 0.025 "),
        ("on_valid_batch_end", "0.1 0.1 0.025 0.025 "), ("on_fit_end", "0.1 0.1 0.1 0.1 "),
        ("on_train_batch_after_step", "0.1 0.05 0.025 0.0125 "),
    ])
    func `steps at any hook`(_ hook: String, _ rates: String) {
        let session = TrainingSession(options: TrainingSession.scripted + "\n" + Self.recorder)
        #expect(
            session.out(
                "invisible(fit_losses(c(2, 1), callbacks = list(rec(), luz_callback_lr_scheduler(lr_step, step_size = 1, gamma = 0.5, call_on = \"\(hook)\")), verbose = FALSE))"
            ) == rates)
    }

    private static let oneCycle =
        "luz_callback_lr_scheduler(lr_one_cycle, max_lr = 0.01, epochs = 2, steps_per_epoch = 2, call_on = \"on_batch_end\")"
    private static let fit = """
        net <- nn_module("n", initialize = function() self$l <- nn_linear(2, 1), forward = function(x) self$l(x)[, 1])
        m <- net %>% setup(loss = nn_mse_loss(), optimizer = optim_adam)
        """

    @Test func `on_batch_end keeps the rate and says so once before epoch 1`() {
        let session = TrainingSession(
            options: [TrainingSession.scripted, Self.recorder, Self.fit].joined(separator: "\n"))
        let result = session.run(
            "invisible(fit(m, data, epochs = 2, callbacks = list(rec(), \(Self.oneCycle)), verbose = TRUE))")
        #expect(result.out == "4e-04 4e-04 4e-04 4e-04 ")
        #expect(
            result.error.hasPrefix(
                """
                call_on = "on_batch_end" is no hook, in luz neither: the learning rate stays at 4e-04 for the whole fit.
                For a step after each batch: call_on = "on_train_batch_end",
                or options(workbench.on_batch_end = "on_train_batch_end").
                Epoch 1/2

                """), "\(result.error)")
    }

    @Test func `an option makes on_batch_end an alias`() {
        let session = TrainingSession(
            options: [TrainingSession.scripted, Self.recorder, Self.fit].joined(separator: "\n"))
        let result = session.run(
            "options(workbench.on_batch_end = \"on_train_batch_end\"); invisible(fit(m, data, epochs = 2, callbacks = list(rec(), \(Self.oneCycle)), verbose = FALSE))"
        )
        #expect(result.error.isEmpty, "\(result.error)")
        #expect(result.out.hasPrefix("4e-04 0.0") && !result.out.contains("4e-04 4e-04"), "\(result.out)")
        #expect(
            session.run(
                "options(workbench.on_batch_end = \"on_train_batch_ned\"); fit(m, data, epochs = 1, callbacks = list(\(Self.oneCycle)))"
            ).error.contains("options(workbench.on_batch_end = ) is `on_train_batch_ned`, a hook that does not exist"))
    }

    @Test func `other hooks that do not exist are errors`() {
        let session = TrainingSession()
        let error = session.run("luz_callback_lr_scheduler(lr_step, step_size = 1, call_on = \"on_epoch_ned\")").error
        #expect(
            error.contains(
                "`call_on` of luz_callback_lr_scheduler() is `on_epoch_ned`, a hook that does not exist: it would never be called"
            ), "\(error)")
        #expect(error.contains("`on_epoch_end`"))
    }

    @Test func `schedulers that look at a metric get the monitored one`() {
        let session = TrainingSession(options: TrainingSession.scripted + "\n" + Self.recorder)
        // Validation stands still, training improves.
        let fit = { (more: String) in
            "invisible(fit_losses(c(3, 2, 1, 0.5), c(1, 1, 1, 1), callbacks = list(rec(), luz_callback_lr_scheduler(lr_reduce_on_plateau, factor = 0.5, patience = 0\(more))), verbose = FALSE))"
        }
        #expect(session.out(fit("")) == "0.1 0.1 0.1 0.1 0.05 0.05 0.025 0.025 ")
        #expect(session.out(fit(", monitor = \"train_loss\"")) == "0.1 0.1 0.1 0.1 0.1 0.1 0.1 0.1 ")
        #expect(
            session.run(fit(", monitor = \"train_los\"")).error.contains(
                "the monitored metric \"train_los\" does not exist"))
    }

    @Test func `an optimizer is chosen by name`() {
        let session = TrainingSession(options: TrainingSession.scripted)
        _ = session.run(
            """
            two <- nn_module("two", initialize = function() self$l <- nn_linear(2, 1), forward = function(x) self$l(x)[, 1],
              set_optimizers = function() list(w = optim_sgd(self$l$weight, lr = 0.1), b = optim_sgd(self$l$bias, lr = 0.01))) %>% setup(loss = nn_mse_loss())
            see <- luz_callback("see", on_fit_end = function() cat(ctx$optimizers$w$param_groups[[1]]$lr, ctx$optimizers$b$param_groups[[1]]$lr))
            go <- function(...) invisible(fit(two, data, epochs = 1, verbose = FALSE, callbacks = list(see(), luz_callback_lr_scheduler(lr_step, step_size = 1, gamma = 0.5, ...))))
            """)
        #expect(session.out("go(opt_name = \"b\")") == "0.1 0.005")
        let missing = session.run("go()").error
        #expect(
            missing.contains("An optimizer name was not supplied and your model has multiple optimizers"), "\(missing)")
        let wrong = session.run("go(opt_name = \"c\")").error
        #expect(wrong.contains("the fit has no optimizer called \"c\""), "\(wrong)")
    }

    @Test func `scheduler and state are readable, and a second fit starts anew`() {
        let session = TrainingSession(options: TrainingSession.scripted + "\n" + Self.recorder)
        #expect(
            session.out(
                """
                cb <- luz_callback_lr_scheduler(lr_step, step_size = 1, gamma = 0.5)
                for (i in 1:2) invisible(fit_losses(c(2, 1), callbacks = list(rec(), cb), verbose = FALSE))
                cat(cb$opt_name, cb$scheduler$last_epoch, cb$state_dict()$last_epoch, class(cb))
                """) == "0.1 0.1 0.05 0.05 0.1 0.1 0.05 0.05 opt 2 2 lr_scheduler_callback LuzCallback R6")
    }
}
