import Glibc
import TestSupport
import Testing

@testable import Diagnostics

/// What `luz_callback_auto_resume()` keeps, for how long, and what it says about it.
@Suite(.serialized) struct StateFileTests {
    private static let setUp = """
        torch_manual_seed(1); x <- torch_randn(64, 3); d <- tensor_dataset(x, x[, 1])
        net <- nn_module("net", initialize = function() self$fc <- nn_linear(3, 1), forward = function(x) self$fc(x)[, 1])
        s <- function(lr = 0.01) net %>% setup(nn_mse_loss(), optim_adam) %>% set_opt_hparams(lr = lr)
        at <- luz_callback("at", initialize = function(epoch = 0, iter = 0, act = NULL) { self$epoch <- epoch; self$iter <- iter; self$act <- act },
          on_train_batch_end = function() if (ctx$epoch == self$epoch && ctx$iter == self$iter) self$act())
        cuts <- function() stop("cut")
        o <- list(batch_size = 16, shuffle = TRUE)
        run <- function(..., epochs = 4, every = NULL, lr = 0.01, data = d, model = s(lr))
          fit(model, data, epochs = epochs, verbose = FALSE, dataloader_options = o, callbacks = list(..., luz_callback_auto_resume("state.pt", every = every)))
        start <- function() { set.seed(1); torch_manual_seed(2) }
        digest <- function(f) paste(sprintf("%.17g", as.numeric(f$model$fc$weight)), collapse = " ")
        cause <- function(e) { while (!is.null(e$parent)) e <- e$parent; conditionMessage(e) }
        """

    private let session = TrainingSession(options: Self.setUp)

    // MARK: Interrupts

    @Test(arguments: [("NULL", "epoch 2"), ("1", "epoch 2, batch 3"), ("2", "epoch 2, batch 3")])
    func `an interrupted fit leaves its file, and the next one goes on to the same numbers`(
        _ every: String, _ place: String
    ) {
        let result = session.run(
            """
            start(); a <- digest(run()); cat(file.exists("state.pt"), "")
            start(); f <- run(at(2, 3, rlang::interrupt), every = \(every)); cat(f$records$partial$epoch, file.exists("state.pt"), "")
            set.seed(7); torch_manual_seed(7); b <- run(every = \(every))
            cat(digest(b) == a, nrow(get_metrics(b)), file.exists("state.pt"))
            """)
        #expect(result.out == "FALSE 2 TRUE TRUE 4 FALSE", "\(result)")
        #expect(
            result.error == """
                Interrupted in epoch 2 after batch 3 of 4; the records hold the epochs before it, records$partial what this one had come to.
                'state.pt' stays: the same fit goes on at \(place); file.remove("state.pt") begins anew
                resuming at \(place) ('state.pt')

                """)
    }

    @Test func `job$stop() leaves it as well, early stopping does not`() {
        let result = session.run(
            """
            slow <- luz_callback("slow", on_train_batch_end = function() Sys.sleep(0.01))
            job <- fit_async(s(), d, epochs = 100, verbose = FALSE, dataloader_options = o, callbacks = list(slow(), luz_callback_auto_resume("state.pt", every = 1)))
            while (is.na(job$status()$epoch) || job$status()$epoch < 2) Sys.sleep(0.01)
            job$stop(); cat(job$status()$state, file.exists("state.pt"), "")
            cat(grepl("'state.pt' stays", job$output()), ""); invisible(file.remove("state.pt"))
            f <- run(luz_callback_early_stopping(monitor = "train_loss", patience = 1, min_delta = 100)); cat(nrow(get_metrics(f)) < 4, file.exists("state.pt"))
            """)
        #expect(result.out == "interrupted TRUE TRUE TRUE FALSE", "\(result)")
    }

    @Test func `a fitted model goes on from the file where that is further`() {
        let result = session.run(
            """
            start(); a <- digest(run(epochs = 4))
            start(); f <- run(k <- at(2, 3, rlang::interrupt), every = 1); k$epoch <- 0
            b <- fit(f, epochs = 3, verbose = FALSE); cat(digest(b) == a, nrow(get_metrics(b)), "")
            start(); f <- run(k <- at(2, 3, rlang::interrupt)); k$epoch <- 0
            b <- fit(f, epochs = 3, verbose = FALSE); cat(nrow(get_metrics(b)))
            """)
        #expect(result.out == "TRUE 4 4", "\(result)")
        #expect(result.error.contains("resuming at epoch 2, batch 3 ('state.pt')\n"), "\(result.error)")
        #expect(
            result.error.contains("'state.pt' is of epoch 1, no further than the fitted model: passed over\n"),
            "\(result.error)")
    }

    // MARK: Epochs

    @Test(arguments: ["epochs = 2", "epochs = 2, every = 1"])
    func `fewer epochs than the file has are an error that loses nothing`(_ epochs: String) {
        let result = session.run(
            """
            start(); a <- digest(run())
            start(); try(run(at(4, 2, cuts)), silent = TRUE); try(run(at(4, 2, cuts), every = 1), silent = TRUE)
            cat(tryCatch({ run(\(epochs)); "fine" }, error = cause), file.exists("state.pt"), digest(run()) == a, "\\n")
            try(run(at(4, 2, cuts), every = 1), silent = TRUE)
            run(\(epochs))
            """)
        let message = "'state.pt' is of a fit in epoch 4, and this one is to end after epoch 2"
        #expect(result.out == message + " TRUE TRUE \n", "\(result)")
        #expect(
            result.error.contains("hint: epochs = 4 or more goes on; file.remove(\"state.pt\") begins anew"),
            "\(result)")
    }

    @Test func `a state that is complete is the result at once`() {
        let result = session.run(
            """
            ends <- luz_callback("ends", weight = Inf, initialize = function(fails) self$fails <- fails, on_fit_end = function() if (self$fails) stop("no"))
            start(); a <- digest(run(ends(FALSE)))
            ends_first <- luz_callback("ends_first", on_fit_end = function() stop("no"))
            start(); try(run(ends_first()), silent = TRUE); cat(file.exists("state.pt"), "")
            b <- run(); cat(digest(b) == a, nrow(get_metrics(b)), file.exists("state.pt"))
            """)
        #expect(result.out == "TRUE TRUE 4 FALSE", "\(result)")
        #expect(result.error == "resuming after epoch 4, the last ('state.pt')\n")
    }

    @Test func `a checkpoint of more epochs than are asked for is an error, too`() {
        let result = session.run(
            """
            f <- fit(s(), d, epochs = 3, verbose = FALSE, callbacks = list(luz_callback_model_checkpoint("ck.pt", monitor = "train_loss")))
            cat(tryCatch({ fit(s(), d, epochs = 2, verbose = FALSE, callbacks = list(luz_callback_resume_from_checkpoint("ck.pt", restore_records = TRUE, restore_optimizer_state = TRUE, restore_callbacks_state = TRUE))); "fine" }, error = cause))
            """)
        #expect(result.out == "'ck.pt' is of a fit in epoch 3, and this one is to end after epoch 2", "\(result)")
    }

    // MARK: Fields

    /// A warm-up that counts batches in a plain field, a private one, and tensors; nothing says state_dict().
    private static let warm = """
        warm <- luz_callback("warm", private = list(half = 1),
          initialize = function(factor = 1) { self$factor <- factor; self$k <- 0; self$seen <- list(n = 0L, last = NULL); self$mean <- torch_zeros(1) },
          on_train_batch_end = function() {
            self$k <- self$k + 1; self$seen$n <- self$seen$n + 1L; self$seen$last <- Sys.Date(); private$half <- private$half * 0.9
            self$mean$mul_(0.9)$add_(0.1 * ctx$loss$opt$item())
            for (g in ctx$optimizers$opt$param_groups) ctx$optimizers$opt$param_groups[[1]]$lr <- 0.001 * self$factor * self$k * private$half + 0.0001 * self$mean$item()
          })
        """

    @Test(arguments: [("NULL", "3"), ("1", "3"), ("1", "1"), ("3", "2")])
    func `fields of a callback without state_dict() go on`(_ every: String, _ batch: String) {
        let result = session.run(
            Self.warm + """

                start(); a <- digest(run(w <- warm(), every = \(every))); k <- c(w$k, w$seen$n, as.numeric(w$mean))
                start(); w <- warm(); try(run(w, at(3, \(batch), cuts), every = \(every)), silent = TRUE)
                b <- digest(run(w2 <- warm(), every = \(every)))
                cat(a == b, identical(c(w2$k, w2$seen$n, as.numeric(w2$mean)), k), class(w2$seen$last), "")
                start(); w <- warm(); try(run(w, at(3, \(batch), cuts), every = \(every)), silent = TRUE)
                cat(digest(run(w, every = \(every))) == a)
                """)
        #expect(result.out == "TRUE TRUE Date TRUE", "\(result)")
    }

    @Test func `what a callback is made with is taken from the call that goes on`() {
        let result = session.run(
            Self.warm + """

                start(); try(run(warm(1), at(2, 1, cuts)), silent = TRUE)
                f <- run(w <- warm(factor = 2)); cat(w$factor, w$k)
                """)
        #expect(result.out == "2 16", "\(result)")
    }

    @Test(arguments: [("NULL", "3"), ("1", "2")])
    func `fields that a module changes while it trains go on`(_ every: String, _ batch: String) {
        let result = session.run(
            """
            part <- nn_module("part", initialize = function() { self$calls <- 0; self$state <- list(scale = torch_ones(1), text = "a") },
              forward = function(x) { if (self$training) { self$calls <- self$calls + 1; self$state$scale <- self$state$scale * 0.95; self$state$text <- paste0(self$state$text, "b") }; x * (1 + self$calls / 100) * self$state$scale })
            net <- nn_module("net", initialize = function() { self$part <- part(); self$fc <- nn_linear(3, 1) }, forward = function(x) self$fc(self$part(x))[, 1])
            start(); a <- run(every = \(every))
            start(); try(run(at(3, \(batch), cuts), every = \(every)), silent = TRUE); b <- run(every = \(every))
            cat(digest(a) == digest(b), a$model$part$calls, b$model$part$calls, nchar(b$model$part$state$text), as.numeric(a$model$part$state$scale) == as.numeric(b$model$part$state$scale))
            """)
        #expect(result.out == "TRUE 16 16 17 TRUE", "\(result)")
    }

    @Test func `a checkpoint with all parts keeps fields as well`() {
        let result = session.run(
            Self.warm + """

                go <- function(epochs, ...) fit(s(), d, epochs = epochs, verbose = FALSE, dataloader_options = o, callbacks = list(...))
                back <- function() luz_callback_resume_from_checkpoint("ck.pt", restore_records = TRUE, restore_optimizer_state = TRUE, restore_callbacks_state = TRUE)
                start(); a <- digest(go(4, warm()))
                start(); f <- go(2, warm(), luz_callback_model_checkpoint("ck.pt", monitor = "train_loss"))
                b <- go(4, w <- warm(), back()); cat(digest(b) == a, w$k, "")
                f <- go(1, w <- warm(), luz_callback_resume_from_checkpoint("ck.pt", restore_callbacks_state = TRUE)); cat(w$k)
                """)
        #expect(result.out == "TRUE 16 12", "\(result)")
    }

    @Test func `what cannot be kept is named once, references to the fit are not`() {
        let result = session.run(
            """
            odd <- luz_callback("odd", initialize = function() { self$cache <- new.env(); self$f <- function() 1; self$mixed <- list(1, new.env()) },
              on_train_batch_end = function() { self$cache$n <- ctx$epoch; self$mixed[[1]] <- ctx$iter + 1 },
              on_fit_begin = function() { self$model <- ctx$model; self$w <- ctx$model$fc$weight; self$ds <- d })
            quiet <- luz_callback("quiet", initialize = function() self$cache <- new.env(), on_epoch_end = function() self$cache$n <- 1, state_dict = function() list(a = 1), load_state_dict = function(state) NULL)
            net <- nn_module("net", initialize = function() { self$fc <- nn_linear(3, 1); self$log <- new.env() }, forward = function(x) { self$log$n <- c(self$log$n, 1); self$fc(x)[, 1] })
            f <- run(odd(), quiet(), every = 1)
            """)
        #expect(
            result.error == """
                'state.pt' does not hold cache, mixed of the callback <odd>; log of the module <net>: it holds numbers, texts, lists of them and tensors, and what state_dict() gives

                """, "\(result)")
    }

    // MARK: Writing

    @Test func `what cannot be saved is said once, and once more when it can be again`() {
        let path = session.folder + "/state.pt"
        let written = Written()
        AtomicFile.fault = { step, at in
            guard at == path, step == .write else { return nil }
            written.count += 1
            return written.count <= 5 ? ENOSPC : nil
        }
        defer { AtomicFile.fault = nil }
        let result = session.run("f <- run(every = 1)")
        #expect(
            result.error == """
                The state of the fit is not saved: cannot write 'state.pt': No space left on device. Training goes on.
                The state of the fit is saved again ('state.pt').

                """)
    }

    private final class Written: @unchecked Sendable {
        var count = 0
    }

    // MARK: What it overrides

    @Test func `a rate that is ignored is named`() {
        let result = session.run(
            "try(run(at(2, 1, cuts)), silent = TRUE); f <- run(lr = 0.1); cat(length(f$records$metrics$train))")
        #expect(result.out == "4")
        #expect(result.error == "resuming at epoch 2 ('state.pt') with the saved rate 0.01, not 0.1\n")
        let other = session.run(
            "try(run(at(2, 1, cuts)), silent = TRUE); f <- run(model = net %>% setup(nn_mse_loss(), optim_adam) %>% set_opt_hparams(weight_decay = 0.5))"
        )
        #expect(
            other.error
                == "resuming at epoch 2 ('state.pt') with the saved rate 0.01, not the optimizer's own; weight_decay, not 0.5\n"
        )
    }

    @Test func `other data are named, and are an error where the place in the epoch means nothing`() {
        let result = session.run(
            """
            y <- torch_randn(64, 3); e <- tensor_dataset(y, y[, 1])
            try(run(at(2, 3, cuts), every = 1), silent = TRUE); f <- run(data = e)
            try(run(at(2, 3, cuts)), silent = TRUE); f <- run(data = tensor_dataset(x[1:50], x[1:50, 1]))
            """)
        let lines = result.error.split(separator: "\n")
        #expect(lines.count == 4, "\(result)")
        #expect(lines.dropFirst().first?.hasPrefix("the training data are others: fingerprint ") ?? false, "\(result)")
        #expect(
            lines.dropFirst().first?.hasSuffix("as when the state was saved; 2 batches of epoch 2 had those") ?? false,
            "\(result)")
        #expect(lines.last == "the training data are others: 50 items, not the 64 that the state was saved with")
        let error = session.run(
            """
            try(run(at(2, 3, cuts), every = 1), silent = TRUE)
            z <- torch_randn(70, 3); cat(tryCatch({ run(data = tensor_dataset(z, z[, 1])); "fine" }, error = cause), file.exists("state.pt"))
            """)
        #expect(
            error.out
                == "'state.pt' is of the middle of epoch 2 with 64 training items, and the data given have 70 TRUE",
            "\(error)")
    }

    @Test func `the file of another net says how to begin anew`() {
        let result = session.run(
            """
            try(run(at(2, 3, cuts)), silent = TRUE)
            net <- nn_module("net", initialize = function() self$other <- nn_linear(3, 1), forward = function(x) self$other(x)[, 1])
            run()
            """)
        #expect(
            result.error.contains("hint: 'state.pt' may be of another fit; file.remove(\"state.pt\") begins anew"),
            "\(result)")
    }
}
