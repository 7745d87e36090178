import Testing

@testable import Callbacks

/// The line that says what a fit is going to take.
@Suite struct FitPlanTests {
    @Test(arguments: [
        (0.0123, "12 ms"), (0.52, "520 ms"), (1.94, "1.9 s"), (59, "59 s"), (342, "5.7 min"), (17_000, "4.7 h"),
        (300_000, "3.5 d"),
    ])
    func `times have two digits and one unit`(_ seconds: Double, _ text: String) {
        #expect(FitPlan.time(seconds) == text)
    }

    private func plan(_ callbacks: String, options: String = "workbench.plan = 0", epochs: Int = 3) -> [String] {
        let session = TrainingSession(options: TrainingSession.scripted + "\noptions(\(options))")
        let result = session.run(
            "invisible(fit_losses(rep(1, \(epochs)), callbacks = list(\(callbacks)), verbose = TRUE))")
        return result.error.split(separator: "\n").map(String.init).filter { $0.contains("memory") }
    }

    @Test func `batches, seconds, hours at most, memory, rate`() throws {
        let lines = plan("")
        try #require(lines.count == 1)
        let form =
            #/2 batches × [0-9.]+ m?s \+ 2 × [0-9.]+ m?s of validation: [0-9.]+ m?s an epoch, at most [0-9.]+ m?s for 3 epochs; memory [0-9.]+ [MG]B of [0-9.]+ GB; learning rate 0.1/#
        #expect(lines[0].wholeMatch(of: form) != nil, "\(lines[0])")
    }

    @Test(arguments: [
        ("lr_step, step_size = 1, gamma = 0.5", "learning rate 0.1 → 0.1 → 0.013 (first, highest, last)"),
        (
            "lr_one_cycle, max_lr = 0.5, total_steps = 6, cycle_momentum = FALSE, call_on = \"on_train_batch_end\"",
            "learning rate 0.02 → 0.5 → 2e-06 (first, highest, last)"
        ),
        (
            "lr_one_cycle, max_lr = 0.5, total_steps = 60, cycle_momentum = FALSE, call_on = \"on_train_batch_end\"",
            "the cycle is made for 60 steps and this fit has up to 6"
        ),
        (
            "lr_one_cycle, max_lr = 0.5, total_steps = 6, cycle_momentum = FALSE, call_on = \"on_batch_end\"",
            "learning rate 0.02"
        ),
        ("lr_lambda, lr_lambda = function(epoch) 0.9^epoch", "learning rate 0.1, at first; then as the schedule finds"),
    ])
    func `rates of the schedule`(_ scheduler: String, _ text: String) throws {
        let lines = plan("luz_callback_lr_scheduler(\(scheduler))")
        try #require(lines.count == 1)
        #expect(lines[0].hasSuffix(text), "\(lines[0])")
    }

    @Test func `looking ahead changes nothing`() {
        let session = TrainingSession(options: TrainingSession.scripted)
        let code = """
            rec <- luz_callback("rec", on_train_batch_begin = function() cat(ctx$optimizers[[1]]$param_groups[[1]]$lr, ""))
            invisible(fit_losses(c(2, 1), callbacks = list(rec(), luz_callback_lr_scheduler(lr_one_cycle, max_lr = 0.5,
              total_steps = 4, cycle_momentum = FALSE, call_on = "on_train_batch_end")), verbose = TRUE))
            """
        let without = session.run(code)
        let with = session.run("options(workbench.plan = 0)\n" + code)
        #expect(!without.error.contains("memory"))
        #expect(with.error.contains("memory"))
        #expect(without.out == with.out)
    }

    @Test(arguments: ["workbench.plan = FALSE", "workbench.plan = 1000", "workbench.as_published = TRUE"])
    func `silent when not wanted`(_ options: String) { #expect(plan("", options: options).isEmpty) }
}
