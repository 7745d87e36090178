import Testing

@Suite struct ScriptedCallbackTests {
    @Test func `a callback has its class, formals and members`() {
        let session = TrainingSession()
        #expect(
            session.out(
                """
                cb <- luz_callback("mine", initialize = function(a, b = 2) { self$sum <- a + b }, count = 0)
                i <- cb(1)
                cat(class(cb), "|", names(formals(cb)), "|", class(i), "|", i$sum, i$count, is.null(i$nothing), "\\n")
                i$count <- 5; i[["count"]] <- i$count + 1; cat(i$count, cb(1)$count, "\\n")
                """) == "function | a b | mine LuzCallback R6 | 3 0 TRUE \n6 0 \n")
    }

    @Test func `inherits, calls super, sees private and active members`() {
        let session = TrainingSession()
        #expect(
            session.out(
                """
                base <- luz_callback("base", initialize = function(k) self$k <- k, tell = function() cat("base", self$k, ""))
                kid <- luz_callback("kid", inherit = base, private = list(p = 10), active = list(twice = function() private$p * 2),
                  tell = function() { super$tell(); cat("kid", self$twice, "\\n") })
                k <- kid(3); k$tell(); cat(class(k), "|", names(formals(kid)), "\\n")
                """) == "base 3 kid 20 \nkid base LuzCallback R6 | k \n")
    }

    @Test func `ctx is seen in methods of all levels, and state is kept between fits`() {
        let session = TrainingSession(options: TrainingSession.scripted)
        #expect(
            session.out(
                """
                base <- luz_callback("base", count = 0, on_epoch_end = function() { self$count <- self$count + 1; cat(ctx$epoch, "") })
                kid <- luz_callback("kid", inherit = base, on_epoch_end = function() { super$on_epoch_end(); cat(ctx$max_epochs, self$count, "\\n") })
                i <- kid()
                for (n in 1:2) invisible(fit_losses(c(2, 1), callbacks = list(i), verbose = FALSE))
                """) == "1 2 1 \n2 2 2 \n1 2 3 \n2 2 4 \n")
    }

    @Test(arguments: [
        (
            "on_batch_end",
            "a method of the callback <u> is `on_batch_end`, a hook that does not exist: it would never be called",
            "did you mean `on_train_batch_end` or `on_valid_batch_end`?"
        ),
        (
            "on_epoch_ends",
            "a method of the callback <u> is `on_epoch_ends`, a hook that does not exist: it would never be called",
            "`on_epoch_end`"
        ),
    ])
    func `an unknown hook is an error before epoch 1`(_ name: String, _ message: String, _ hint: String) {
        let session = TrainingSession(options: TrainingSession.scripted)
        let result = session.run(
            "fit_losses(1, callbacks = list(luz_callback(\"u\", \(name) = function() cat(\"never\\n\"))()))")
        #expect(result.error.contains(message), "\(result.error)")
        #expect(result.error.contains(hint), "\(result.error)")
        #expect(!result.error.contains("Epoch 1"))
        #expect(
            session.run(
                "options(workbench.as_published = TRUE); invisible(fit_losses(1, callbacks = list(luz_callback(\"u\", \(name) = function() cat(\"never\\n\"))()), verbose = FALSE))"
            ) == ("", ""))
    }

    @Test func `members need names, methods are locked`() {
        let session = TrainingSession()
        #expect(
            session.run("luz_callback(\"a\", function() 1)").error.contains(
                "All elements of public, private, and active must be named."))
        #expect(
            session.run("i <- luz_callback(\"a\", on_fit_begin = function() 1)(); i$on_fit_begin <- 2").error.contains(
                "cannot change value of locked binding for 'on_fit_begin'"))
        #expect(
            session.run("luz_callback(\"a\", inherit = mean)").error.contains(
                "`inherit` must be a class of callbacks, not a function"))
    }

    @Test func `an error names callback, hook and place`() {
        let session = TrainingSession(options: TrainingSession.scripted)
        #expect(
            session.out(
                """
                a <- luz_callback("faulty", on_train_batch_end = function() if (ctx$iter == 2) stop("broken here"))
                tryCatch(fit_losses(1, callbacks = list(a())), error = function(e) cat(sub("error.*:", "error:", conditionMessage(e)), "|", conditionMessage(e$parent), "\\n"))
                """)
                == "Error while calling callback with class <faulty/LuzCallback/R6> at on_train_batch_end.\nCaused by error:\n! broken here | broken here \n"
        )
    }

    @Test func `classes inherit from callbacks in the box`() {
        let session = TrainingSession(options: TrainingSession.scripted)
        #expect(
            session.out(
                """
                mine <- luz_callback("mine", inherit = luz_callback_early_stopping,
                  on_epoch_end = function() { cat(ctx$epoch, self$patience, ""); super$on_epoch_end() })
                cb <- mine(patience = 2)
                cat(class(cb)[1:2], cb$weight, cb$monitor, names(formals(mine))[1:2], "\n")
                f <- fit_losses(rep(0, 5), c(3, 2, 2.5, 2.6, 1), callbacks = list(cb), verbose = FALSE)
                cat(length(f$records$metrics$valid), "\n")
                two <- luz_callback("two", inherit = mine, initialize = function(n) { super$initialize(patience = n); self$n <- n })
                f <- fit_losses(rep(0, 5), c(3, 2, 2.5, 2.6, 1), callbacks = list(two(1)), verbose = FALSE)
                cat(class(two(1))[1:3], two(3)$n, "\n")
                """)
                    == """
                    mine early_stopping_callback Inf valid_loss monitor min_delta 
                    1 2 2 2 3 2 4 2 4 
                    1 1 2 1 3 1 two mine early_stopping_callback 3 

                    """)
        let failure = session.run(
            """
            bad <- luz_callback("bad", inherit = luz_callback_early_stopping, initialize = function() {})
            fit_losses(0, callbacks = list(bad()))
            """
        ).error
        #expect(failure.contains("the callback that inherits from luz_callback_early_stopping was not initialized"))
        #expect(
            session.run("luz_callback(\"bad\", inherit = 3)").error.contains(
                "`inherit` must be a class of callbacks, not 3"))
    }
}
