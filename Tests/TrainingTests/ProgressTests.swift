import Testing

@testable import Callbacks

@Suite struct ProgressTests {
    private final class Clock: @unchecked Sendable {
        var now = 0.0
        var text = ""
    }

    private func bar(total: Int?, delay: Double = 0, interval: Double = 0, eta: Bool = true) -> (ProgressBar, Clock) {
        let clock = Clock()
        let bar = ProgressBar(
            total: total, width: 78, showsETA: eta, delay: delay, interval: interval, clock: { clock.now }
        ) { clock.text += $0 }
        return (bar, clock)
    }

    private func line(_ step: Int, _ text: String, total: Int? = 5, eta: Bool = false, seconds: Double = 0) -> String {
        let (bar, clock) = bar(total: total, eta: eta)
        clock.now = seconds
        guard bar.advance(to: step) else { return "nothing" }
        bar.draw(text)
        return String(clock.text.dropFirst())
    }

    @Test func `lines are those of luz`() {
        #expect(
            line(1, "Loss: 1.4044  - Acc: 0.25 ")
                == "1/5 [========>----------------------------------] - Loss: 1.4044  - Acc: 0.25 ")
        #expect(
            line(4, "Loss: 1.3874  - Acc: 0.1875 ")
                == "4/5 [================================>--------] - Loss: 1.3874  - Acc: 0.1875 ")
        #expect(
            line(5, "Loss: 1.424  - Acc: 0.15 ")
                == "5/5 [============================================] - Loss: 1.424  - Acc: 0.15 ")
        #expect(
            line(2, "Loss: 2.3041  - Acc: 0.0938 ", eta: true, seconds: 1.4)
                == "2/5 [===========>------------------] - ETA:  2s - Loss: 2.3041  - Acc: 0.0938 ")
        #expect(line(5, "", eta: true).hasSuffix("=] - ETA:  0s"))
        #expect(line(3, "", total: nil, seconds: 2) == "3/unk [-] - Rate: 1.5 iter/s")
    }

    @Test func `appears after a moment, seldom, and leaves no trace`() {
        let (bar, clock) = bar(total: 100, delay: 0.2, interval: 0.1)
        clock.now = 0.1
        #expect(!bar.advance(to: 1))
        bar.clear()
        #expect(clock.text.isEmpty)
        clock.now = 0.25
        #expect(bar.advance(to: 2))
        bar.draw("Loss: 10.25 ")
        clock.now = 0.3
        #expect(!bar.advance(to: 3))
        clock.now = 0.4
        #expect(bar.advance(to: 4))
        clock.text = ""
        bar.clear()
        #expect(clock.text == "\r" + String(repeating: " ", count: 78) + "\r")
    }

    @Test(arguments: [(0.4, "0s"), (49, "49s"), (61, "1m"), (3600, "1h"), (172_800, "2d"), (.infinity, "?")])
    func `time left is vague`(_ seconds: Double, _ text: String) { #expect(ProgressBar.vague(seconds) == text) }

    @Test func `a forced bar is drawn and cleared in each phase`() {
        let session = TrainingSession(
            options: "options(luz.force_progress_bar = TRUE, luz.show_progress_bar_eta = FALSE)\n"
                + TrainingSession.scripted)
        let blank = "\r" + String(repeating: " ", count: 78) + "\r"
        let half =
            "\r1/2 [" + String(repeating: "=", count: 29) + ">" + String(repeating: "-", count: 31) + "] - Loss: 1 "
        let whole = "\r2/2 [" + String(repeating: "=", count: 61) + "] - Loss: 1 "
        #expect(
            session.run("invisible(fit_losses(1, use_valid = FALSE))").error == "Epoch 1/1\n" + half + whole + blank
                + "Train metrics: Loss: 1\n")
    }

    @Test func `a loss that is NaN is said once, and ends the fit if asked`() {
        let session = TrainingSession(options: TrainingSession.scripted)
        let said = session.run("f <- fit_losses(c(1, NaN, NaN), verbose = FALSE); cat(length(f$records$metrics$train))")
        #expect(
            said == (
                "3",
                "The loss is NaN in epoch 2, batch 1 of the training data; options(workbench.stop_on_nan = TRUE) would end the fit.\n"
            ))
        let ended = session.run(
            "options(workbench.stop_on_nan = TRUE); f <- fit_losses(c(1, NaN, NaN), verbose = FALSE); cat(length(f$records$metrics$train))"
        )
        #expect(ended == ("1", "The loss is NaN in epoch 2, batch 1 of the training data: the fit ends here.\n"))
    }

    @Test func `nothing is said when not verbose`() {
        let session = TrainingSession(options: TrainingSession.scripted)
        #expect(session.run("invisible(fit_losses(1, verbose = FALSE))") == ("", ""))
    }

    @Test func `default callbacks keep times and put the model into its modes`() {
        let session = TrainingSession(options: TrainingSession.scripted)
        #expect(
            session.out(
                """
                see <- luz_callback("see", on_train_begin = function() cat(ctx$training, ctx$model$training, ""), on_valid_begin = function() cat(ctx$training, ctx$model$training, ""),
                  on_fit_begin = function() for (k in ctx$callbacks) cat(class(k)[1], ""))
                f <- fit_losses(c(2, 1), callbacks = list(see()), verbose = FALSE)
                p <- f$records$profile; for (n in names(p)) cat(n, length(p[[n]]), all(unlist(p[[n]]) >= 0), "")
                """)
                == "profile_callback train_valid_callback metrics_callback progress_callback interrupt_callback see TRUE TRUE FALSE FALSE TRUE TRUE FALSE FALSE train 2 TRUE waiting 2 TRUE valid 2 TRUE epoch 2 TRUE fit 1 TRUE "
        )
    }

    @Test func `the share of a training phase spent waiting for batches is recorded and said on request`() {
        let session = TrainingSession(options: TrainingSession.scripted)
        let slow = """
            options(workbench.report_waiting = TRUE)
            slow <- dataset("slow", initialize = function() NULL, .length = function() 4,
              .getitem = function(i) { Sys.sleep(0.02); list(torch_ones(2), torch_zeros(1)) })
            data <- dataloader(slow(), batch_size = 2)
            f <- fit_losses(c(2, 1), verbose = FALSE)
            p <- f$records$profile
            share <- unlist(p$waiting) / unlist(p$train)
            cat(all(unlist(p$waiting) >= 0.08), all(share > 0.1 & share < 1))
            """
        let said = session.run(slow)
        #expect(said.out == "TRUE TRUE")
        let lines = said.error.split(separator: "\n")
        #expect(lines.count == 2)
        for line in lines { #expect(line.hasPrefix("Waited for data: ") && line.hasSuffix(" %)"), "\(line)") }
    }
}
