import Testing

@Suite struct EarlyStoppingTests {
    /// Losses of both phases, arguments, epochs run, best value, bad epochs.
    private static let cases: [(losses: String, arguments: String, result: String)] = [
        // patience 0 means 1: improving fits run on.
        ("c(3, 2, 1, 0.5)", "", "4 0.5 0"), ("c(3, 2, 2.5, 1)", "", "3 2 1"),
        ("c(3, 2, 2.5, 2.4, 1, 1)", "patience = 2", "4 2 2"),
        ("c(3, 2, 2.5, 1.9, 2.4, 2.5, 1)", "patience = 2", "6 1.9 2"),
        ("c(3, 2.8, 2.75, 2.6)", "patience = 2, min_delta = 0.1", "4 2.6 0"),
        ("c(3, 2.95, 2.92, 2.91)", "patience = 2, min_delta = 0.1", "3 3 2"),
        ("c(0.1, 0.5, 0.4)", "mode = \"max\"", "3 0.5 1"), ("c(-3, 2, -1, 1.5)", "mode = \"zero\"", "4 -1 1"),
        ("c(3, 4, 5)", "patience = 1, baseline = 1", "1 1 1"),
        ("c(3, 2.2, 2)", "patience = 2, baseline = 2.5", "3 2 0"),
        ("c(3, NaN, 1, 2)", "patience = 2", "4 1 1"), ("c(3, 2, NaN, NaN, NaN)", "patience = 2", "4 2 2"),
        ("c(Inf, 2, 2, 2)", "patience = 2", "4 2 2"),
    ]

    @Test(arguments: cases)
    func `stops when it should`(_ losses: String, _ arguments: String, _ result: String) {
        let session = TrainingSession(options: TrainingSession.scripted)
        let out = session.out(
            """
            es <- luz_callback_early_stopping(\(arguments))
            f <- fit_losses(\(losses), callbacks = list(es), verbose = FALSE)
            cat(length(f$records$metrics$train), signif(es$current_best, 4), es$patience_counter)
            """)
        #expect(out == result)
    }

    @Test func `patience 0 stops at epoch 2 as published`() {
        let session = TrainingSession(options: "options(workbench.as_published = TRUE)\n" + TrainingSession.scripted)
        #expect(
            session.out(
                "f <- fit_losses(c(3, 2, 1), callbacks = list(luz_callback_early_stopping()), verbose = FALSE); cat(length(f$records$metrics$train))"
            ) == "2")
    }

    @Test func `says why it stops and that NaN is no improvement`() {
        let session = TrainingSession(options: TrainingSession.scripted)
        #expect(
            session.run("invisible(fit_losses(c(3, NaN), callbacks = list(luz_callback_early_stopping())))").error
                == """
                Epoch 1/2
                Train metrics: Loss: 3
                Valid metrics: Loss: 3
                Epoch 2/2
                The loss is NaN in epoch 2, batch 1 of the training data; options(workbench.stop_on_nan = TRUE) would end the fit.
                Train metrics: Loss: NaN
                Valid metrics: Loss: NaN
                valid_loss is NaN in epoch 2: counted as no improvement (1 in a row)
                Early stopping at epoch 2 of 2

                """)
    }

    @Test(arguments: [
        (
            "", "use_valid = FALSE",
            "`monitor = \"valid_loss\"` watches validation, but the fit has no valid_data", "monitor = \"train_loss\""
        ),
        (
            "monitor = \"valid_los\"", "", "the monitored metric \"valid_los\" does not exist",
            "did you mean `valid_loss`?"
        ),
        (
            "monitor = \"loss\"", "", "`monitor = \"loss\"` must be train_ or valid_ and the name of a metric",
            "for example valid_loss"
        ),
        ("mode = \"mix\"", "", "`mode` must be \"min\", \"max\" or \"zero\", not \"mix\"", "did you mean"),
        ("patience = -1", "", "`patience` must be 0 or more, not -1", ""),
    ])
    func `settings are checked before epoch 1`(_ arguments: String, _ more: String, _ message: String, _ hint: String) {
        let session = TrainingSession(options: TrainingSession.scripted)
        let error = session.run(
            "fit_losses(c(2, 1), callbacks = list(luz_callback_early_stopping(\(arguments)))\(more.isEmpty ? "" : ", " + more))"
        ).error
        #expect(error.contains(message), "\(error)")
        #expect(error.contains(hint), "\(error)")
        #expect(!error.contains("Epoch 1"))
    }

    @Test func `monitors are found in any case and with underscores`() {
        let session = TrainingSession(options: TrainingSession.scripted)
        #expect(
            session.out(
                """
                m <- luz_metric("m", abbrev = "my_Acc", initialize = function() {}, update = function(preds, target) {}, compute = function() ctx$epoch / 10)
                es <- luz_callback_early_stopping(monitor = "VALID_my_acc", mode = "max")
                f <- fit_losses(c(2, 1, 1), callbacks = list(es), metrics = m(), verbose = FALSE)
                cat(length(f$records$metrics$train), es$current_best)
                """) == "3 0.3")
    }

    @Test func `state goes into a list and comes back`() {
        let session = TrainingSession(options: TrainingSession.scripted)
        #expect(
            session.out(
                """
                es <- luz_callback_early_stopping(patience = 5)
                invisible(fit_losses(c(3, 2, 4), callbacks = list(es), verbose = FALSE))
                other <- luz_callback_early_stopping(); other$load_state_dict(es$state_dict())
                cat(other$current_best, other$patience_counter, class(es), es$weight)
                """) == "2 1 early_stopping_callback monitor_metrics LuzCallback R6 Inf")
    }
}
