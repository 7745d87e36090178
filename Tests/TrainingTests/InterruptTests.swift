import Testing

/// Ctrl-C during a fit: what is returned.
@Suite struct InterruptTests {
    private func interrupted(_ hook: String, metrics: String = "NULL") -> (out: String, error: String) {
        let session = TrainingSession(options: TrainingSession.scripted)
        return session.run(
            """
            stop_it <- luz_callback("stop_it", \(hook) = function() if (ctx$epoch == 2) rlang::interrupt())
            f <- fit_losses(c(3, 2, 1), callbacks = list(stop_it()), metrics = \(metrics), verbose = TRUE)
            p <- f$records$partial
            cat(p$epoch, p$set, p$batch, p$batches, length(p$metrics), nrow(get_metrics(f)))
            """)
    }

    @Test func `whole epochs are kept and the broken one is marked`() {
        let result = interrupted("on_train_batch_end")
        #expect(result.out == "2 train 1 2 1 2", "\(result.error)")
        #expect(
            result.error.contains("Interrupted in epoch 2 after batch 1 of 2; the records hold the epochs before it"))
    }

    @Test func `before the first batch, with a metric that cannot compute yet`() {
        let metric = """
            luz_metric("m", abbrev = "M", initialize = function() self$x <- NULL,
              update = function(preds, target) self$x <- 1, compute = function() if (is.null(self$x)) stop("nothing yet") else self$x)()
            """
        let result = interrupted("on_train_begin", metrics: "list(\(metric))")
        #expect(result.out.hasPrefix("2 train 0 "), "\(result.out) \(result.error)")
        #expect(!result.error.contains("Error"), "\(result.error)")
    }

    @Test func `printing says how far the broken epoch came`() {
        let session = TrainingSession(options: TrainingSession.scripted)
        let result = session.run(
            """
            stop_it <- luz_callback("stop_it", on_train_batch_end = function() rlang::interrupt())
            print(fit_losses(c(3, 2, 1), callbacks = list(stop_it())))
            """)
        #expect(
            result.out.contains("Interrupted in epoch 1 after batch 1 of 2.\nloss: "), "\(result.out) \(result.error)")
    }

    @Test func `lr_finder says that its result ends early`() {
        let session = TrainingSession(options: TrainingSession.scripted)
        let result = session.run(
            """
            calls <- 0
            net <- nn_module("net", initialize = function() self$w <- nn_parameter(torch_zeros(1)),
              forward = function(x) x * self$w,
              loss = function(input, target) { calls <<- calls + 1; if (calls == 3) rlang::interrupt(); input$sum() })
            data <- list(torch_ones(64, 1), torch_ones(64, 1))
            cat(nrow(lr_finder(setup(net, optimizer = optim_sgd), data, steps = 5)))
            """)
        #expect(result.out == "2", "\(result.error)")
        #expect(result.error.contains("Interrupted after 2 of 5 steps; the result holds these, not the whole range."))
    }
}
