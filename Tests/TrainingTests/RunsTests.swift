import Glibc
import TestSupport
import Testing

@testable import Runs

/// What goes on record of a fit, and how it reads.
@Suite struct RunsTests {
    /// A session whose fits go on record in a file of its folder.
    private func recorded() -> TrainingSession {
        TrainingSession(options: "options(workbench.runs = \"runs.sqlite\", width = 200)\n" + TrainingSession.scripted)
    }

    @Test func `a fit is a row with its metrics`() {
        let session = recorded()
        let first = session.run(
            "torch_manual_seed(5); invisible(fit_losses(c(3, 2, 1), c(4, 1.5, 2), verbose = FALSE))")
        #expect(
            first.error
                == "Fits are kept on record in '\(session.folder)/runs.sqlite': runs() lists them, options(workbench.runs = FALSE) keeps none.\n"
        )
        let second = session.run("invisible(fit_losses(c(5, NaN), use_valid = FALSE, verbose = FALSE))")
        #expect(!second.error.contains("record"), "it is said once")
        #expect(
            session.out(
                """
                r <- runs()
                cat(class(r), nrow(r), r$id, r$epochs, r$planned, r$status, r$net, "\\n")
                cat(r$train_loss, r$valid_loss, r$best_loss, r$best_epoch, r$seed, r$parameters, r$items, "\\n")
                cat(inherits(r$when, "POSIXct"), abs(as.numeric(Sys.time()) - as.numeric(r$when)) < 60, r$seconds < 60, "\\n")
                cat(r$data, r$valid_items, r$fingerprint[1] == r$fingerprint[2], nchar(r$structure), "\\n")
                """) == """
                    workbench_runs data.frame 2 1 2 3 2 3 2 finished finished scripted scripted \n\
                    1 NaN 2 NA 1.5 5 2 1 5 5 1 1 8 8 \n\
                    TRUE TRUE TRUE TRUE TRUE \n\
                    tensor_dataset tensor_dataset 8 NA TRUE 8 8 \n
                    """)
        #expect(session.out("cat(nrow(runs(last = 1)), runs(last = 1)$id, nrow(runs(0)))") == "1 2 0")
    }

    @Test func `prints what tells runs apart`() {
        let session = recorded()
        _ = session.run("invisible(fit_losses(c(3, 2), c(4, 1.51234), verbose = FALSE))")
        _ = session.run("invisible(fit_losses(c(5, NaN), use_valid = FALSE, verbose = FALSE))")
        let lines = session.out(
            "r <- runs(); r$when <- as.POSIXct(0, origin = \"1970-01-01\", tz = \"UTC\"); r$seconds <- 1; r"
        ).split(separator: "\n").map { String($0) }
        #expect(lines.count == 3)
        #expect(
            lines.first
                == " id             when script      net epochs train_loss valid_loss best_loss seconds   status")
        #expect(
            lines.dropFirst().first?.hasSuffix("scripted    2/2          2      1.512 1.512 (2)       1 finished")
                ?? false)
        #expect(lines.last?.hasSuffix("scripted    2/2        NaN          -     5 (1)       1 finished") ?? false)
        // A frame that has been taken apart is no runs any more, and nothing to fall over.
        for column in ["epochs", "best_loss"] {
            let code =
                "r <- unclass(runs()); r$\(column) <- 1:9; class(r) <- c(\"workbench_runs\", \"data.frame\"); tryCatch(print(r), error = function(e) cat(conditionMessage(e)))"
            #expect(
                session.out(code).hasPrefix("arguments imply differing number of rows: 2, 9"), "\(session.out(code))")
        }
        #expect(
            session.out("runs()[runs()$id > 5, ]")
                == "no runs chosen of those on record in '\(session.folder)/runs.sqlite'\n")
        #expect(session.out("runs()[, c(\"id\", \"status\")]") == " id   status\n  1 finished\n  2 finished\n")
    }

    @Test func `one run with settings, metrics and checkpoints`() {
        let session = recorded()
        let result = session.run(
            """
            set.seed(3)
            net <- nn_module("net", initialize = function(hidden) { self$a <- nn_linear(2, hidden); self$b <- nn_linear(hidden, 1) }, forward = function(x) self$b(self$a(x))[, 1])
            x <- torch_randn(8, 2)
            f <- net %>% setup(loss = nn_mse_loss(), optimizer = optim_adam, metrics = luz_metric_mae()) %>% set_hparams(hidden = 3) %>% set_opt_hparams(lr = 0.02) %>%
              fit(list(x, x[, 1]), epochs = 2, valid_data = 0.5, verbose = FALSE, dataloader_options = list(batch_size = 2),
                callbacks = list(luz_callback_lr_scheduler(lr_step, step_size = 1), luz_callback_model_checkpoint("ck/", monitor = "train_loss")))
            g <- get_run(1)
            h <- unlist(g$hyperparameters)
            cat(h["hidden"], h["optimizer"], h["lr"], h["betas"], h["loss"], h["batch_size"], h["shuffle"], h["train_batches"], h["epochs"], h["luz_callback_lr_scheduler"], "\\n", sep = "; ")
            cat(h["luz_callback_model_checkpoint"], g$run$parameters, g$run$r_seed, g$run$items, g$run$valid_items, "\\n")
            cat(names(g$metrics), nrow(g$metrics), identical(g$metrics, get_metrics(f)), "\\n")
            cat(g$checkpoints$epoch, basename(g$checkpoints$path), all(file.exists(g$checkpoints$path)), "\\n")
            """)
        let checkpoints = entries(of: session.folder + "/ck")
        #expect(
            result.out == """
                3; optim_adam; 0.02; c(0.9, 0.999); nn_mse_loss; 2; TRUE; 2; 2; lr_scheduler = lr_step, step_size = 1; \n\
                path = "ck/", monitor = "train_loss" 13 3 4 4 \n\
                set metric epoch value 8 TRUE \n\
                1 2 \(checkpoints.joined(separator: " ")) TRUE \n
                """, "\(result.error)")
        let printed = session.out("get_run(1)")
        for part in [
            "Run 1\n", "status   finished\n", "net      net, 13 parameters, structure ", "Hyperparameters\n",
            "  hidden ",
            "Metrics\n epoch train_loss", "Checkpoints\n  \(session.folder)/ck/epoch-01",
        ] { #expect(printed.contains(part), "\(part) in \(printed)") }
        #expect(session.run("get_run(7)").error.hasPrefix("Error in get_run(7) : there is no run 7 on record\n"))
    }

    @Test func `how runs end`() {
        let session = recorded()
        _ = session.run(
            """
            stop_it <- luz_callback("stop_it", on_train_batch_end = function() if (ctx$epoch == 2) rlang::interrupt())
            fail <- luz_callback("fail", on_valid_begin = function() if (ctx$epoch == 2) stop("no more"))
            invisible(fit_losses(3:1, callbacks = list(stop_it()), verbose = FALSE))
            invisible(fit_losses(c(3, 2, 4, 5, 6), callbacks = list(luz_callback_early_stopping(patience = 2)), verbose = FALSE))
            """)
        #expect(session.run("fit_losses(3:1, callbacks = list(fail()), verbose = FALSE)").error.contains("no more"))
        #expect(
            session.out(
                "tryCatch(fit_losses(3:1, callbacks = list(fail()), verbose = FALSE), error = function(e) cat(\"caught\"))"
            ) == "caught")
        #expect(
            session.out(
                "for (i in 1:4) cat(runs()$status[i], runs()$epochs[i], runs()$valid_loss[i], runs()$note[i], \"\\n\")")
                    == """
                    interrupted 1 3 in epoch 2, batch 1 of the training data \n\
                    stopped 4 5 in epoch 4 of 5 \n\
                    failed 1 3 in epoch 2, batch 2 of the validation data: no more \n\
                    failed 1 3 in epoch 2, batch 2 of the validation data: no more \n
                    """)
    }

    @Test func `a run that goes on says so, and is running to others`() {
        let session = recorded()
        let out = session.out(
            """
            look <- luz_callback("look", on_epoch_end = function() if (ctx$epoch == 1) cat(runs()$status, ""))
            f <- fit_losses(c(3, 2), callbacks = list(look()), verbose = FALSE)
            g <- fit(f, epochs = 1, verbose = FALSE)
            cat(runs()$status, runs()$epochs, runs()$note, nrow(get_run(2)$metrics))
            """)
        #expect(out == "running finished finished 2 3 NA goes on from epoch 2 6")
    }

    @Test func `compares`() {
        let session = recorded()
        _ = session.run(
            """
            train <- function(...) { net <- nn_module("net", initialize = function() self$fc <- nn_linear(2, 1), forward = function(x) self$fc(x)[, 1])
              net %>% setup(loss = nn_mse_loss(), optimizer = optim_sgd) %>% set_opt_hparams(...) %>% fit(data, epochs = 2, valid_data = data, verbose = FALSE) }
            torch_manual_seed(1); a <- train(lr = 0.1)
            torch_manual_seed(2); b <- train(lr = 0.2)
            """)
        #expect(
            session.out(
                """
                k <- compare_runs(2, 1); h <- k$hyperparameters
                cat(names(k), k$runs$id, names(h), h$name[h$differs], h[h$name == "lr", "2"], h[h$name == "lr", "1"], "\\n")
                cat(names(k$metrics), unique(k$metrics$run), nrow(k$metrics), identical(compare_runs(runs())$metrics$run, rep(1:2, each = 4L)), "\\n")
                """) == """
                    runs hyperparameters metrics 2 1 name differs 2 1 lr 0.2 0.1 \n\
                    run set metric epoch value 2 1 8 TRUE \n
                    """)
        let printed = session.out("compare_runs(1, 2)")
        for part in [
            "settings that differ\n     1   2\nlr 0.1 0.2\n", "\nseed                   1                2\n",
            "last epoch (best loss, its epoch)\n", "\nthe same in all: epochs = 2, optimizer = optim_sgd, ",
        ] { #expect(printed.contains(part), "\(part) in \(printed)") }
        #expect(!printed.contains("fingerprint"), "\(printed)")
        #expect(
            session.out(
                "png(\"c.png\"); plot(compare_runs(1, 2)); plot(get_run(1)); invisible(dev.off()); cat(file.size(\"c.png\") > 1000)"
            )
                == "TRUE")
    }

    @Test(arguments: [
        ("compare_runs()", "compare_runs() needs numbers of runs", "compare_runs(3, 7); runs() lists them"),
        ("compare_runs(1, 9)", "there is no run 9 on record", "the last one is 1; runs() lists them"),
        ("compare_runs(0.5)", "there is no run 0.5", "runs() lists them"),
        (
            "compare_runs(\"a\")", "compare_runs() takes numbers of runs, not \"a\"",
            "compare_runs(3, 7), or compare_runs(runs(last = 2))"
        ),
        ("runs(-1)", "`last` must be a number of runs, not -1", nil),
        ("runs(\"a\")", "`last` must be a number of runs, not \"a\"", nil),
        (
            "options(workbench.runs = 5); runs()",
            "options(workbench.runs = ) must be TRUE, FALSE or the path of a file, not 5", nil
        ),
    ])
    func `wrong questions`(_ code: String, _ message: String, _ hint: String?) {
        let session = recorded()
        _ = session.run("invisible(fit_losses(1, verbose = FALSE))")
        let error = session.run(code).error
        #expect(error.contains(message), "\(error)")
        if let hint { #expect(error.contains(hint), "\(error)") }
    }

    @Test func `fingerprints are those of the data`() {
        let session = recorded()
        #expect(
            session.out(
                """
                net <- nn_module("net", initialize = function() self$fc <- nn_linear(2, 1), forward = function(x) self$fc(x)[, 1])
                go <- function(d) { net %>% setup(loss = nn_mse_loss(), optimizer = optim_adam) %>% fit(d, epochs = 1, verbose = FALSE, dataloader_options = list(batch_size = 4)); tail(runs()$fingerprint, 1) }
                x <- torch_randn(8, 2); y <- x[, 1]; z <- x$clone(); z[8, 2] <- 5
                ds <- dataset("mine", initialize = function(x) self$x <- x, .getitem = function(i) list(x = self$x[i, ], y = self$x[i, 1]), .length = function() 8)
                a <- go(tensor_dataset(x, y))
                cat(a == go(tensor_dataset(x, y)), a == go(tensor_dataset(z, y)), a == go(dataset_subset(tensor_dataset(x, y), 1:4)))
                b <- go(ds(x))
                cat("", b == go(ds(x)), b == go(ds(z)), is.na(go(dataset("none", .getitem = function(i) list(x = x[i, ], y = y[i]), .length = function() 8)())))
                """) == "TRUE FALSE FALSE TRUE FALSE TRUE")
    }
}
