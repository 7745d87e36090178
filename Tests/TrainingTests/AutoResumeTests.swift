import Glibc
import PluginAPI
import TestSupport
import Testing

@testable import Callbacks

/// Fits that are cut off and begun again.
@Suite struct AutoResumeTests {
    /// A net with dropout and batch norm, augmented (drawn) data, validation, and everything that has a state.
    /// `run(cut)` fits in two goes: the first ends with an error after so many batches of both phases.
    private static let setUp = """
        net <- nn_module("net", initialize = function() { self$fc <- nn_linear(3, 6); self$bn <- nn_batch_norm1d(6); self$drop <- nn_dropout(0.4); self$out <- nn_linear(6, 2) },
          forward = function(x) self$out(self$drop(self$bn(self$fc(x)))))
        noisy <- dataset("noisy", initialize = function(n) { self$n <- n; self$seen <- 0 },
          .getitem = function(i) { self$seen <- self$seen + 1; list(x = torch_randn(3) * 0.1 + rnorm(1) + i %% 2, y = torch_tensor(as.integer(i %% 2 + 1))$squeeze()) }, .length = function() self$n)
        own <- luz_metric("own", abbrev = "Own", initialize = function() self$n <- 0, update = function(preds, target) self$n <- self$n + target$sum()$item(), compute = function() self$n)
        counter <- luz_callback("counter", initialize = function() self$total <- 0, on_train_batch_end = function() self$total <- self$total + 1,
          state_dict = function() list(total = self$total), load_state_dict = function(d) self$total <- d$total)
        cut <- luz_callback("cut", weight = Inf, initialize = function(at = 0) { self$at <- at; self$n <- 0 },
          state_dict = function() list(), load_state_dict = function(d) NULL,
          hit = function() { self$n <- self$n + 1; if (self$n == self$at) stop("cut") },
          on_train_batch_end = function() self$hit(), on_valid_batch_end = function() self$hit())
        m <- net %>% setup(loss = nn_cross_entropy_loss(), optimizer = optim_adam, metrics = list(luz_metric_accuracy(), own())) %>% set_opt_hparams(lr = 0.01)
        fit_it <- function(at, every, workers = 0, more = list()) {
          ds <<- noisy(24)
          fit(m, dataloader(ds, batch_size = 4, shuffle = TRUE, num_workers = workers), epochs = 3, valid_data = dataloader(noisy(8), batch_size = 4), verbose = FALSE,
            callbacks = c(list(k <<- counter(), luz_callback_early_stopping(patience = 5), luz_callback_keep_best_model(),
              luz_callback_lr_scheduler(lr_one_cycle, max_lr = 0.05, epochs = 3, steps_per_epoch = 6, call_on = "on_train_batch_end"),
              luz_callback_csv_logger("log.csv"), luz_callback_auto_resume("state.pt", every = every)), more, list(cut(at))))
        }
        digest <- function(f) {
          p <- f$model$state_dict(); m <- get_metrics(f)
          paste(c(k$total, sapply(p, function(t) sprintf("%.17g", sum(as.numeric(t) * seq_along(as.numeric(t))))), sprintf("%.17g", m$value), m$epoch, readLines("log.csv"), runif(1), as.numeric(torch_rand(1))), collapse = " ")
        }
        whole <- function(...) { set.seed(1); torch_manual_seed(2); digest(fit_it(0, ...)) }
        goes <- function(at, ...) {
          set.seed(1); torch_manual_seed(2)
          for (a in at) try(fit_it(a, ...), silent = TRUE)
          set.seed(99); torch_manual_seed(99)
          digest(fit_it(0, ...))
        }
        """

    /// Batches after which the fit is cut (6 of training and 2 of validation an epoch); several are cuts one after another.
    @Test(arguments: ["1", "3", "6", "7", "8", "9", "14", "16", "19", "22", "24", "c(5, 4, 1, 3)", "c(7, 8)"])
    func `whatever the batch, the end is that of a fit that was not cut`(_ cuts: String) {
        let session = TrainingSession(options: Self.setUp)
        let result = session.run(
            "a <- whole(every = 1); b <- goes(\(cuts), every = 1); cat(a == b, file.exists(\"state.pt\")); if (a != b) cat(a, b, sep = \"\\n\")"
        )
        #expect(result.out == "TRUE FALSE", "\(result.error)")
        #expect(result.error.contains("resuming at epoch "), "\(result.error)")
    }

    @Test(arguments: [
        ("every = 1, workers = 2", "11"), ("every = 3", "11"), ("every = NULL", "11"), ("every = \"1 h\"", "20"),
        ("every = 2, more = list(luz_callback_mixup(auto_loss = TRUE))", "4"),
    ])
    func `with workers, at longer intervals, with mixup`(_ arguments: String, _ cut: String) {
        let loss = arguments.contains("mixup") ? ", reduction = \"none\"" : ""
        let setUp =
            Self.setUp
            + (loss.isEmpty
                ? ""
                : "\nm <- net %>% setup(loss = nn_cross_entropy_loss(reduction = \"none\"), optimizer = optim_adam) %>% set_opt_hparams(lr = 0.01)")
        let session = TrainingSession(options: setUp)
        let result = session.run(
            "a <- whole(\(arguments)); b <- goes(\(cut), \(arguments)); cat(a == b); if (a != b) cat(a, b, sep = \"\\n\")"
        )
        #expect(result.out == "TRUE", "\(result.error)")
    }

    @Test func `one line says where it goes on, and batches that are done are not read again`() {
        let session = TrainingSession(options: Self.setUp)
        _ = session.run("try(fit_it(13, every = 1), silent = TRUE)")
        let result = session.run("f <- fit_it(0, every = 1); cat(ds$seen)")
        #expect(result.error == "resuming at epoch 2, batch 6 ('state.pt')\n")
        #expect(result.out == "72")
        _ = session.run("try(fit_it(15, every = 1), silent = TRUE)")
        #expect(
            session.run("f <- fit_it(0, every = 1)").error
                == "resuming at epoch 2, batch 2 of the validation ('state.pt')\n")
        _ = session.run("try(fit_it(6, every = 1), silent = TRUE)")
        #expect(
            session.run("f <- fit_it(0, every = 1)").error
                == "resuming at epoch 1, after its last batch ('state.pt')\n")
        _ = session.run("try(fit_it(17, every = NULL), silent = TRUE)")
        #expect(session.run("f <- fit_it(0, every = NULL)").error == "resuming at epoch 3 ('state.pt')\n")
    }

    /// What a damaged checkpoint can hold; found by `scripts/fuzz readers`.
    @Test func `a name behind the end of a list is that of nothing`() {
        let list = Value.named([("a", .int(1))]).setting(Symbol.named("names"), .strings(["a", "b"]))
        #expect(TrainingContext.element(list, "b") == nil)
        #expect(TrainingContext.element(list, "a") != nil)
    }

    @Test func `another optimizer cannot go on`() {
        let session = TrainingSession(options: Self.setUp)
        _ = session.run("try(fit_it(3, every = 1), silent = TRUE)")
        let result = session.run(
            "m <- net %>% setup(loss = nn_cross_entropy_loss(), optimizer = optim_sgd) %>% set_opt_hparams(lr = 0.01); cat(tryCatch({ fit_it(0, every = 1); \"fine\" }, error = function(e) { while (!is.null(e$parent)) e <- e$parent; conditionMessage(e) }))"
        )
        #expect(
            result.out
                == "the checkpoint was written with another optimizer \"opt\": it has amsgrad, betas, eps, this one dampening, momentum, nesterov",
            "\(result)")
    }

    @Test func `hooks of finished epochs are not called, as published they are`() {
        let code = """
            data <- dataloader(tensor_dataset(torch_ones(8, 2), torch_zeros(8)), batch_size = 4)
            h <- luz_callback("h", fails = FALSE, initialize = function(fails) self$fails <- fails, on_epoch_begin = function() cat(ctx$epoch, ""), on_epoch_end = function() if (self$fails && ctx$epoch == 3) stop("no"))
            go <- function(fails) try(fit_losses(4:1, callbacks = list(h(fails), luz_callback_auto_resume("s.pt")), verbose = FALSE), silent = TRUE)
            invisible(go(TRUE)); cat("| "); invisible(go(FALSE))
            """
        #expect(TrainingSession(options: TrainingSession.scripted).out(code) == "1 2 3 | 3 4 ")
        #expect(
            TrainingSession(options: TrainingSession.scripted + "\noptions(workbench.as_published = TRUE)").out(code)
                == "1 2 3 | 1 2 3 4 ")
    }

    @Test func `a broken state file is an error that says what to do`() {
        let session = TrainingSession(options: TrainingSession.scripted)
        write("not one", to: session.folder + "/s.pt")
        let error = session.run("fit_losses(1, callbacks = list(luz_callback_auto_resume(\"s.pt\")), verbose = FALSE)")
            .error
        #expect(error.contains("'s.pt' is not a readable safetensors file"), "\(error)")
        #expect(error.contains("hint: without the file the fit starts at epoch 1: file.remove(\"s.pt\")"), "\(error)")
    }

    @Test func `an epoch with other data is not gone on with`() {
        let session = TrainingSession(options: Self.setUp)
        _ = session.run(
            "try(fit_it(3, every = 1), silent = TRUE); noisy_24 <- noisy; noisy <- function(n) noisy_24(n * 2)")
        let error = session.run("fit_it(0, every = 1)").error
        #expect(
            error.contains("the epoch to go on with had 6 batches, with the data given it has 12"), "\(error)")
    }

    @Test func `a metric that cannot be saved is named`() {
        let session = TrainingSession(options: Self.setUp)
        let error = session.run(
            """
            own <- luz_metric("own", abbrev = "Own", initialize = function() self$e <- new.env(), update = function(preds, target) NULL, compute = function() 1)
            m <- net %>% setup(loss = nn_cross_entropy_loss(), optimizer = optim_adam, metrics = own())
            fit_it(0, every = 1)
            """
        ).error
        #expect(error.contains("the metric Own cannot be saved in the middle of an epoch"), "\(error)")
        #expect(session.run("f <- fit_it(0, every = NULL)").error == "")
    }

    @Test(arguments: ["0", "-1", "1.5", "\"soon\"", "\"10 weeks\"", "c(1, 2)", "TRUE && NA"])
    func `a wrong interval is an error`(_ every: String) {
        let error = TrainingSession().run("luz_callback_auto_resume(every = \(every))").error
        #expect(error.contains("`every` must be a number of batches or a time, not "), "\(error)")
    }
}
