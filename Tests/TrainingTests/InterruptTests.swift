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
}
