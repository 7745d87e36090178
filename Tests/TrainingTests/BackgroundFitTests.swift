import Glibc
import TestSupport
import Testing

/// `fit_async()`: fits beside the prompt.
@Suite(.serialized) struct BackgroundFitTests {
    private static let setUp = """
        net <- nn_module("net", initialize = function() { self$fc <- nn_linear(3, 6); self$drop <- nn_dropout(0.4); self$out <- nn_linear(6, 1) }, forward = function(x) self$out(self$drop(self$fc(x)))[, 1])
        m <- net %>% setup(loss = nn_mse_loss(), optimizer = optim_adam)
        torch_manual_seed(9); x <- torch_randn(40, 3); data <- tensor_dataset(x, x[, 1])
        o <- list(batch_size = 8, shuffle = TRUE)
        digest <- function(f) { m <- get_metrics(f); paste(c(sapply(f$model$state_dict(), function(t) sprintf("%.17g", sum(as.numeric(t) * seq_along(as.numeric(t))))), sprintf("%.17g", m$value), m$epoch), collapse = " ") }
        slow <- function(seconds = 0.02) luz_callback("slow", on_train_batch_end = function() Sys.sleep(seconds))()
        start <- function() { set.seed(1); torch_manual_seed(2) }
        train <- function(f, epochs = 3, callbacks = list(), ...) f(m, data, epochs = epochs, valid_data = 0.25, dataloader_options = o, callbacks = callbacks, ...)
        """

    private let session = TrainingSession(options: Self.setUp)

    @Test func `same seed, same numbers as in the foreground, whatever the prompt does meanwhile`() {
        #expect(
            session.out(
                """
                start(); a <- digest(train(fit, verbose = FALSE))
                start(); job <- train(fit_async)
                for (i in 1:200) { y <- torch_randn(50, 50)$matmul(torch_rand(50, 50)); u <- runif(10); f <- function(k) if (k == 0) 0 else f(k - 1); f(50) }
                b <- digest(job$wait())
                cat(a == b)
                """) == "TRUE")
    }

    @Test func `the session's own streams go on reproducibly and are not those of the fit`() {
        #expect(
            session.out(
                """
                draws <- function() { start(); job <- train(fit_async); d <- c(runif(3), as.numeric(torch_rand(3))); job$wait(); c(d, runif(1), as.numeric(torch_rand(1))) }
                first <- draws()
                start(); plain <- c(runif(3), as.numeric(torch_rand(3)))
                cat(identical(first, draws()), any(first[1:6] == plain))
                """) == "TRUE FALSE")
    }

    @Test func `two at once, and one in the foreground`() {
        #expect(
            session.out(
                """
                start(); a <- digest(train(fit, verbose = FALSE))
                start(); one <- train(fit_async, callbacks = list(slow(0.005)))
                start(); two <- train(fit_async, callbacks = list(slow(0.003)))
                start(); c <- digest(train(fit, verbose = FALSE))
                cat(a == digest(one$wait()), a == digest(two$wait()), a == c)
                """) == "TRUE TRUE TRUE")
    }

    @Test func `status, records and print while it runs`() {
        let result = session.run(
            """
            start(); job <- train(fit_async, epochs = 50, callbacks = list(slow()))
            while (is.na(job$status()$epoch) || job$status()$epoch < 3) Sys.sleep(0.01)
            s <- job$status()
            cat(s$state, s$epochs, s$batches %in% c(3, 2), s$seconds_left > 0, "")
            r <- job$records()
            cat(class(r), names(r), nrow(r) >= 4, identical(get_metrics(job)$set, job$records()$set[seq_len(nrow(get_metrics(job)))]), "")
            job$stop()
            cat(job$status()$state, "")
            f <- job$wait()
            cat(identical(get_metrics(f), job$records()), !is.null(f$records$partial))
            """)
        #expect(
            result.out == "running 50 TRUE TRUE data.frame set metric epoch value TRUE TRUE interrupted TRUE TRUE",
            "\(result)")
    }

    @Test func `print says where it is`() {
        let text = session.out(
            """
            start(); job <- train(fit_async)
            f <- job$wait(); print(job); job
            """)
        let lines = text.split(separator: "\n")
        #expect(lines.count == 4)
        #expect(
            lines.first?.hasPrefix("<luz_fit_job> 1: finished after 3 epochs, ") ?? false
                && lines.dropFirst().first?.hasPrefix("  train loss ") ?? false, "\(text)")
    }

    @Test func `pause holds it, resume lets it go on with the same numbers`() {
        #expect(
            session.out(
                """
                start(); a <- digest(train(fit, verbose = FALSE))
                start(); job <- train(fit_async, callbacks = list(slow(0.03)))
                while (is.na(job$status()$batch) || job$status()$batch < 1) Sys.sleep(0.005)
                job$pause(); Sys.sleep(0.15); s <- job$status(); Sys.sleep(0.2); t <- job$status()
                cat(s$state, s$epoch == t$epoch, s$batch == t$batch, "")
                cat(is.null(job$wait(0.05)), "")
                job$resume(); cat(digest(job$wait()) == a)
                """) == "paused TRUE TRUE TRUE TRUE")
    }

    @Test func `what was taken out of the model while it ran is free afterwards`() {
        let result = session.run(
            """
            keep <- NULL
            swap <- luz_callback("swap", on_epoch_begin = function() if (ctx$epoch == 2) { keep <<- ctx$model$drop; ctx$model$drop <- nn_dropout(0.1) })
            start(); job <- train(fit_async, callbacks = list(swap(), slow()))
            while (is.null(keep)) Sys.sleep(0.01)
            cat(tryCatch(dim(keep(x)), error = conditionMessage), "")
            f <- job$wait(); cat(dim(keep(x)), f$model$drop$p)
            """)
        #expect(
            result.out == "this <nn_dropout> belongs to fit 1, which works with it in the background 40 3 0.1",
            "\(result)")
    }

    @Test func `what it works with is guarded`() {
        let result = session.run(
            """
            keep <- NULL
            grab <- luz_callback("grab", on_fit_begin = function() keep <<- ctx$model, on_train_batch_end = function() Sys.sleep(0.02))
            cb <- grab()
            start(); job <- train(fit_async, epochs = 100, callbacks = list(cb))
            while (is.null(keep)) Sys.sleep(0.01)
            for (f in list(function() keep$fc, function() keep(x), function() keep$fc <- 1, function() cb$weight)) cat(tryCatch({ f(); "touched" }, error = conditionMessage), "\\n")
            job$stop()
            cat(class(keep$fc$weight)[1], dim(keep(x)))
            """)
        #expect(
            result.out == """
                this <net> belongs to fit 1, which works with it in the background\u{20}
                this <net> belongs to fit 1, which works with it in the background\u{20}
                this <net> belongs to fit 1, which works with it in the background\u{20}
                this <grab> belongs to fit 1, which works with it in the background\u{20}
                torch_tensor 40
                """, "\(result)")
    }

    @Test func `a callback cannot be in two fits at once`() {
        let result = session.run(
            """
            cb <- slow(0.02); start(); one <- train(fit_async, epochs = 100, callbacks = list(cb))
            while (is.na(one$status()$epoch) || one$status()$epoch < 1) Sys.sleep(0.01)
            for (f in list(fit, function(...) fit_async(...)$wait())) cat(tryCatch({ train(f, callbacks = list(cb)); "both" }, error = conditionMessage), "\\n")
            one$stop()
            cat(class(train(fit, verbose = FALSE, callbacks = list(cb)))[1])
            """)
        let lines = result.out.split(separator: "\n")
        #expect(lines.count == 3 && lines.last == "luz_module_fitted", "\(result)")
        #expect(lines.first == "this <slow> belongs to fit 1, which works with it in the background ", "\(result)")
        #expect(lines.dropFirst().first?.contains("this <slow> belongs to fit 1") ?? false, "\(result)")
    }

    @Test func `two fits cannot share a layer; what belongs to one cannot be saved meanwhile`() {
        let result = session.run(
            """
            part <- nn_linear(3, 3)
            shared <- nn_module("shared", initialize = function() { self$part <- part; self$out <- nn_linear(3, 1) }, forward = function(x) self$out(self$part(x))[, 1]) %>% setup(loss = nn_mse_loss(), optimizer = optim_sgd) %>% set_opt_hparams(lr = 0.01)
            one <- fit_async(shared, data, epochs = 100, callbacks = list(slow()))
            while (is.na(one$status()$epoch)) Sys.sleep(0.01)
            r <- function(e) cat(tryCatch({ e; "fine" }, error = conditionMessage), "\\n")
            r(fit(shared, data, epochs = 1, verbose = FALSE))
            r(fit_async(shared, data, epochs = 1)$wait())
            r(saveRDS(part, "part.rds"))
            ok <- 1; save_session("s.wb", list = c("ok", "part"))
            cat(one$status()$state, "")
            one$stop()
            cat(one$status()$state)
            saveRDS(part, "part.rds")
            """)
        #expect(
            result.out == """
                this <nn_linear> belongs to fit 1, which works with it in the background\u{20}
                this <nn_linear> belongs to fit 1, which works with it in the background\u{20}
                this <nn_linear> belongs to fit 1, which works with it in the background\u{20}
                running interrupted
                """, "\(result)")
        #expect(
            result.error.contains("not saved: part: fit 1 works with it in the background; job$wait() returns it\n"),
            "\(result.error)")
        #expect(result.error.contains("saved 1 variable, "), "\(result.error)")
    }

    @Test func `a fit within a fit is part of it, and a refused one touches nothing`() {
        let result = session.run(
            """
            inner <- luz_callback("inner", on_epoch_end = function() if (ctx$epoch == 1) with_enable_grad(train(fit, epochs = 2, verbose = FALSE)))
            start(); job <- train(fit_async, callbacks = list(inner()))
            f <- job$wait()
            cat(max(job$records()$epoch), max(get_metrics(f)$epoch), dim(predict(f, x)), "\\n")
            seen <- c()
            part <- nn_module("part", initialize = function() self$l <- nn_linear(3, 1), forward = function(x) { seen <<- c(seen, ctx$max_epochs); self$l(x) })()
            shared <- nn_module("shared", initialize = function() self$part <- part, forward = function(x) self$part(x)[, 1]) %>% setup(loss = nn_mse_loss(), optimizer = optim_adam)
            one <- fit_async(shared, data, epochs = 500, callbacks = list(slow(0.005)))
            while (length(seen) < 5) Sys.sleep(0.01)
            r <- function(e) cat(tryCatch({ e; "fine" }, error = conditionMessage), "\\n")
            r(fit(shared, data, epochs = 7, verbose = FALSE)); r(predict(one$wait(0), x)); Sys.sleep(0.1)
            one$stop()
            cat(unique(seen))
            """)
        #expect(
            result.out.hasPrefix("3 3 40 \nthis <nn_linear> belongs to fit 2, ")
                || result.out.hasPrefix("3 3 40 \nthis <part> belongs to fit 2, "), "\(result)")
        #expect(result.out.hasSuffix("\n500"), "\(result)")
    }

    @Test func `of two that begin at once with one callback, one is refused`() {
        let result = session.run(
            """
            cb <- slow(0.002)
            outcomes <- sapply(1:5, function(i) {
              start(); a <- train(fit_async, callbacks = list(cb)); b <- function() train(fit_async, callbacks = list(cb))$wait()
              ended <- sapply(list(b, a$wait), function(wait) tryCatch({ wait(); "fine" }, error = conditionMessage))
              paste(sum(ended == "fine"), sum(grepl("this <slow> belongs to fit", ended)))
            })
            cat(unique(outcomes))
            """)
        #expect(result.out == "1 1", "\(result)")
    }

    @Test func `it stays in its folder, does not end the session, and two do not wait for each other`() {
        let result = session.run(
            """
            dir.create("a"); dir.create("b"); setwd("a")
            start(); job <- train(fit_async, callbacks = list(slow(), luz_callback_csv_logger("log.csv"), luz_callback_model_checkpoint(path = "ck")))
            Sys.sleep(0.05); setwd("../b"); f <- job$wait(); setwd("..")
            cat(length(list.files("a", recursive = TRUE)), length(list.files("b")), basename(getwd()) %in% c("a", "b"), "\\n")
            ends <- luz_callback("ends", on_epoch_end = function() q("no", 5))
            start(); cat(tryCatch(train(fit_async, callbacks = list(ends()))$wait(), error = function(e) { while (!is.null(e$parent)) e <- e$parent; conditionMessage(e) }), "\\n")
            A <- B <- NULL
            a <- luz_callback("a", on_epoch_end = function() { while (is.null(B)) Sys.sleep(0.01); B$wait() })
            b <- luz_callback("b", on_epoch_end = function() A$wait())
            A <- train(fit_async, epochs = 1, callbacks = list(a())); B <- train(fit_async, epochs = 1, callbacks = list(b()))
            cat(sort(sapply(list(A, B), function(job) tryCatch({ job$wait(); "fine" }, error = function(e) { while (!is.null(e$parent)) e <- e$parent; conditionMessage(e) }))), sep = "\\n")
            """)
        #expect(
            result.out.hasPrefix("2 0 FALSE \na fit in the background cannot end the session \n"), "\(result)")
        #expect(result.out.contains(" cannot wait for fit "), "\(result)")
        #expect(result.out.contains(", which waits for it"), "\(result)")
    }

    @Test func `a job that is stopped at once is interrupted, and returns a model that nothing has trained`() {
        let result = session.run(
            """
            for (pause in c(FALSE, TRUE)) {
              start(); job <- train(fit_async, epochs = 20, callbacks = list(slow()))
              if (pause) { job$pause(); cat(job$status()$state, "") }
              job$stop(); cat(job$status()$state, ""); print(job)
              f <- job$wait(); cat(class(f)[1], nrow(get_metrics(f)), f$records$partial$epoch, f$records$partial$batch, "\\n")
            }
            """)
        let lines = result.out.split(separator: "\n")
        #expect(lines.count == 4, "\(result)")
        #expect(lines.first?.hasPrefix("interrupted <luz_fit_job> 1: stopped in epoch 1, ") ?? false, "\(result)")
        #expect(lines.first?.hasSuffix(": nothing was trained") ?? false, "\(result)")
        #expect(lines.dropFirst().first == "luz_module_fitted 0 1 0 ", "\(result)")
        #expect(lines.dropFirst(2).first?.hasPrefix("paused interrupted <luz_fit_job> 2: stopped in epoch 1") ?? false)
        #expect(lines.last == "luz_module_fitted 0 1 0 ", "\(result)")
        #expect(result.error == "", "\(result)")
    }

    @Test func `waiting for a job that is paused is an error, with seconds it is not`() {
        let result = session.run(
            """
            start(); job <- train(fit_async, epochs = 20, callbacks = list(slow())); job$pause()
            cat(tryCatch({ job$wait(); "fine" }, error = conditionMessage), is.null(job$wait(0.05)), job$status()$state, "\\n")
            job$resume(); cat(class(job$wait())[1], "\\n")
            A <- train(fit_async, epochs = 50, callbacks = list(slow()))
            pauses <- luz_callback("pauses", on_fit_end = function() A$pause())
            B <- train(fit_async, epochs = 1, callbacks = list(pauses()))
            cat(tryCatch({ A$wait(); "fine" }, error = conditionMessage), "\\n"); A$stop()
            C <- train(fit_async, epochs = 3, callbacks = list(slow()))
            pauses <- luz_callback("pauses", on_epoch_begin = function() C$pause(), on_fit_end = function() C$resume())
            D <- train(fit_async, epochs = 1, callbacks = list(pauses(), slow(0.1)))
            cat(class(C$wait())[1])
            """)
        #expect(
            result.out == """
                fit 1 is paused: waiting for it would not end TRUE paused\u{20}
                luz_module_fitted\u{20}
                fit 2 is paused: waiting for it would not end\u{20}
                luz_module_fitted
                """, "\(result)")
        let shown = session.run("job <- train(fit_async, epochs = 9); job$pause(); job$wait()")
        #expect(shown.error.contains("hint: job$resume() lets it go on"), "\(shown)")
        _ = session.run("job$stop()")
    }

    @Test func `what it is given is its own from the moment it is begun`() {
        let result = session.run(
            """
            cb <- slow(); r <- function(e) cat(tryCatch({ e; "touched" }, error = conditionMessage), "\\n")
            job <- train(fit_async, callbacks = list(cb)); r(cb$n <- 1000); r(train(fit_async, callbacks = cb)); f <- job$wait(); cb$n <- 1
            job <- fit_async(f, epochs = 1); r(f$model$fc$weight); r(cb$n); g <- job$wait()
            cat(class(f$model$fc$weight)[1], nrow(get_metrics(g)))
            """)
        #expect(
            result.out == """
                this <slow> belongs to fit 1, which works with it in the background\u{20}
                this <slow> belongs to fit 1, which works with it in the background\u{20}
                this <net> belongs to fit 2, which works with it in the background\u{20}
                this <slow> belongs to fit 2, which works with it in the background\u{20}
                torch_tensor 8
                """, "\(result)")
    }

    @Test func `what made it fail is in its lines, and where fit() has it`() {
        let result = session.run(
            """
            bad <- luz_callback("bad", on_epoch_end = function() stop("disk on fire"))
            own <- luz_callback("own", on_epoch_end = function() rlang::abort("full", class = "full_disk"))
            r <- function(run) tryCatch(run(), error = function(e) cat(conditionMessage(e$parent), inherits(e$parent, "full_disk"), is.null(e$parent$parent), "\\n"))
            for (cb in list(bad, own)) { r(function() train(fit, callbacks = list(cb()), verbose = FALSE)); r(function() train(fit_async, callbacks = list(cb()))$wait()) }
            job <- train(fit_async, callbacks = list(bad())); job$wait(5) -> x
            """)
        #expect(
            result.out == """
                disk on fire FALSE TRUE\u{20}
                disk on fire FALSE TRUE\u{20}
                full TRUE TRUE\u{20}
                full TRUE TRUE\u{20}

                """, "\(result)")
        #expect(
            result.error.contains(
                "fit 3 in the background has failed: Error while calling callback with class <bad/LuzCallback/R6> at on_epoch_end.\nCaused by error"
            ), "\(result.error)")
        #expect(result.error.ranges(of: "disk on fire").count == 1, "\(result.error)")
        let shown = session.run(
            """
            print(job)
            job <- train(fit_async, callbacks = list(bad())); while (job$status()$state != "failed") Sys.sleep(0.01)
            fit_jobs()
            cat(tryCatch(job$wait(), error = conditionMessage))
            tryCatch(fit_async(m, 42)$wait(), error = function(e) cat("", is.null(e$parent)))
            """)
        let line = "Error while calling callback with class <bad/LuzCallback/R6> at on_epoch_end: disk on fire\n"
        #expect(shown.out.ranges(of: line).count == 2, "\(shown)")
        #expect(shown.error.ranges(of: line.dropLast() + "; job$wait() returns it").count == 1, "\(shown)")
        #expect(shown.out.contains(":\n! disk on fire"), "\(shown)")
        #expect(shown.out.hasSuffix(" TRUE"), "\(shown)")
    }

    @Test func `an error in it is reported once, and wait() raises it`() {
        let result = session.run(
            """
            broken <- luz_callback("broken", on_train_batch_end = function() if (ctx$epoch == 2) stop("no more"))
            start(); job <- train(fit_async, callbacks = list(broken()))
            while (!(job$status()$state == "failed")) Sys.sleep(0.01)
            1
            job$wait()
            """)
        #expect(result.out == "[1] 1\n")
        #expect(
            result.error.contains("fit 1 in the background: failed in epoch 2, batch 1 of the training data, "),
            "\(result.error)")
        #expect(
            result.error.contains(
                "fit 1 in the background has failed: Error while calling callback with class <broken/LuzCallback/R6> at on_train_batch_end."
            ), "\(result.error)")
        #expect(result.error.ranges(of: "fit 1 in the background: failed").count == 1)
    }

    @Test func `its end is said once, its output is kept, warnings come with wait()`() {
        let result = session.run(
            """
            loud <- luz_callback("loud", on_epoch_end = function() { cat("epoch", ctx$epoch, "\\n"); message("psst"); warning("hot") })
            start(); job <- train(fit_async, callbacks = list(loud()), epochs = 1)
            Sys.sleep(1)
            cat(job$output())
            f <- job$wait()
            """)
        #expect(result.out == "epoch 1 \npsst\n", "\(result)")
        #expect(result.error.contains("fit 1 in the background: finished after 1 epoch, "), "\(result.error)")
        #expect(result.error.contains("hot"), "\(result.error)")
    }

    @Test func `misuse ends in clear errors`() {
        let result = session.run(
            """
            r <- function(e) cat(tryCatch({ e; "fine" }, error = conditionMessage), "\\n")
            r(fit_async(m, data, epochs = -1)$wait())
            r(fit_async(42, data)$wait())
            start(); job <- train(fit_async, epochs = 1); f <- job$wait()
            r(job$wiat())
            r(job$pause())
            r(job$wait(-1))
            nested <- luz_callback("nested", on_fit_begin = function() fit_async(m, data))
            r(train(fit_async, callbacks = list(nested()))$wait())
            r(job$speed <- 2)
            r(job[["status"]]()$state)
            own <- luz_callback("own", on_epoch_begin = function() for (f in list(me$wait, me$stop, me$pause)) cat(tryCatch(f(), error = conditionMessage), "\\n"))
            me <- train(fit_async, epochs = 1, callbacks = list(own())); Sys.sleep(0.5); cat(me$output()); f <- me$wait()
            saveRDS(job, "job.rds")
            """)
        let lines = result.out.split(separator: "\n")
        #expect(lines.count == 13, "\(result)")
        #expect(
            lines.dropFirst(8) == [
                "a fit in the background is as it was begun: nothing of it can be set ", "fine ",
                "fit 5 cannot wait for itself ", "fit 5 cannot stop itself ", "fit 5 cannot pause itself ",
            ], "\(result.out)")
        #expect(lines.first?.contains("`epochs` must be one or two whole numbers") ?? false, "\(result.out)")
        #expect(lines.dropFirst(2).first == "a fit in the background has no `wiat` ", "\(result.out)")
        #expect(result.out.contains("fit 3 is over: finished after 1 epoch, "), "\(result.out)")
        #expect(result.out.contains("Error while calling callback with class <nested/LuzCallback/R6>"), "\(result.out)")
    }

    @Test func `a script that ends leaves its fits orderly, and says so`() {
        let folder = makeTemporaryFolder()
        write(
            "library(torch); library(luz)\n" + Self.setUp
                + "\nstart(); job <- train(fit_async, epochs = 1000, callbacks = list(slow(), luz_callback_auto_resume(\"state.pt\", every = 1)))\nwhile (is.na(job$status()$epoch) || job$status()$epoch < 2) Sys.sleep(0.01)\ncat(\"end\\n\")\n",
            to: folder + "/program.R")
        let run = Subprocess(
            "sh", arguments: ["-c", "cd '\(folder)'; exec '\(Subprocess.workbench)' program.R"],
            environment: ["XDG_STATE_HOME": folder + "/state"])
        #expect(run.output == "end\n" && run.status == 0, "\(run.errors)")
        #expect(
            run.errors.hasPrefix("fit 1 in the background was running, epoch ")
                && run.errors.hasSuffix(": ended with the session (job$wait() waits for it)\n"), "\(run.errors)")
        #expect(access(folder + "/state.pt", F_OK) == 0)
    }

    @Test func `the prompt answers while a net trains`() throws {
        let folder = makeTemporaryFolder()
        let shown = try #require(
            TerminalRun(in: folder)?.type(
                ["library(torch); library(luz)"] + Self.setUp.split(separator: "\n").map(String.init) + [
                    "start(); job <- train(fit_async, epochs = 2000, callbacks = list(slow(0.001)))",
                    "6 * 7", "job$status()$state", "job$stop()", "job$status()$state", "f <- job$wait()", "class(f)",
                ]))
        for text in ["[1] 42", "[1] \"running\"", "[1] \"interrupted\"", "[1] \"luz_module_fitted\""] {
            #expect(shown.contains(text), "\(shown)")
        }
    }
}
