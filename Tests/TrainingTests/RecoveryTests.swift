import Glibc
import TestSupport
import Testing

/// A fit whose process is killed: what the next start says, and what `recover_fit()` returns.
@Suite(.serialized) struct RecoveryTests {
    /// A fit of five epochs that waits for good in the fourth, as soon as a file is there.
    private static let fit = """
        library(torch); library(luz)
        options(workbench.recovery = "0 s")
        torch_manual_seed(1); set.seed(2); x <- torch_randn(40, 3)
        net <- nn_module("small_net", initialize = function() { self$fc <- nn_linear(3, 6); self$drop <- nn_dropout(0.4); self$out <- nn_linear(6, 1) }, forward = function(x) self$out(self$drop(self$fc(x)))[, 1])
        stuck <- luz_callback("stuck", on_train_batch_end = function() if (ctx$epoch == 4 && ctx$iter == 3 && file.exists("stuck")) { file.create("now"); repeat Sys.sleep(0.1) })
        digest <- function(f) { m <- get_metrics(f); cat(sapply(f$model$state_dict(), function(t) sprintf("%.17g", sum(as.numeric(t) * seq_along(as.numeric(t))))), sprintf("%.17g", m$value), m$epoch, "\\n") }
        model <- net %>% setup(loss = nn_mse_loss(), optimizer = optim_adam)
        f <- fit(model, tensor_dataset(x, x[, 1]), epochs = 5, valid_data = 0.25, verbose = FALSE, dataloader_options = list(batch_size = 8), callbacks = list(stuck(), luz_callback_lr_scheduler(lr_one_cycle, max_lr = 0.1, epochs = 5, steps_per_epoch = 3, call_on = "on_train_batch_end")))
        digest(f)
        """

    private func run(_ folder: String, _ code: String) -> Subprocess {
        write(code, to: folder + "/program.R")
        return Subprocess(
            "sh", arguments: ["-c", "cd '\(folder)'; exec '\(Subprocess.workbench)' program.R"],
            environment: ["XDG_STATE_HOME": folder + "/state"])
    }

    /// Runs the fit until it is stuck, and ends it with a signal.
    private func cut(_ folder: String, by signal: String, _ code: String = Self.fit) -> Subprocess {
        write("", to: folder + "/stuck")
        write(code, to: folder + "/program.R")
        let run = Subprocess(
            "sh",
            arguments: [
                "-c",
                """
                cd '\(folder)'; '\(Subprocess.workbench)' program.R & child=$!
                i=0; while [ ! -e now ] && [ $i -lt 400 ]; do sleep 0.05; i=$((i + 1)); done
                kill -\(signal) $child; wait $child; echo "status $?"
                """,
            ], environment: ["XDG_STATE_HOME": folder + "/state"])
        unlink(folder + "/stuck")
        return run
    }

    /// Runs a command of the shell where the marks of running fits are.
    private func inMarks(of folder: String, _ command: String) {
        _ = Subprocess("sh", arguments: ["-c", "cd '\(folder)/state/workbench/fits' && " + command])
    }

    private func files(_ folder: String) -> [String] {
        Subprocess("ls", arguments: [folder + "/state/workbench/fits"]).output.split(separator: "\n").map {
            String($0.split(separator: ".").dropFirst().joined(separator: "."))
        }.sorted()
    }

    @Test func `a killed fit goes on with the numbers of one that nobody killed`() {
        let folder = makeTemporaryFolder()
        let whole = run(folder, Self.fit)
        #expect(whole.status == 0, "\(whole.errors)")
        #expect(files(folder) == [])
        let killed = cut(folder, by: "KILL")
        #expect(killed.output == "status 137\n", "\(killed.errors)")
        #expect(files(folder) == ["fit", "luz"])
        let recovered = run(
            folder,
            """
            f <- recover_fit()
            library(torch); library(luz)
            digest <- function(f) { m <- get_metrics(f); cat(sapply(f$model$state_dict(), function(t) sprintf("%.17g", sum(as.numeric(t) * seq_along(as.numeric(t))))), sprintf("%.17g", m$value), m$epoch, "\\n") }
            digest(fit(f, epochs = 2, verbose = FALSE))
            print(cut_fits()[, c("script", "net", "epoch", "epochs", "batch", "saved_epoch", "recovered")])
            """)
        #expect(
            recovered.errors
                == "the fit of <small_net> that was cut in epoch 4 of 5, batch 2 of 3, as of the end of epoch 3; fit(fitted, epochs = 2) goes on\n"
        )
        #expect(
            recovered.output == whole.output + """
                     script       net epoch epochs batch saved_epoch recovered
                1 program.R small_net     4      5     2           3      TRUE

                """)
    }

    /// Behind a validation with another number of batches.
    @Test func `a fit that was cut at the beginning of an epoch`() {
        let folder = makeTemporaryFolder()
        let code = Self.fit.replacing(
            "on_train_batch_end = function() if (ctx$epoch == 4 && ctx$iter == 3",
            with: "on_train_begin = function() if (ctx$epoch == 4")
        #expect(code != Self.fit)
        #expect(cut(folder, by: "KILL", code).output == "status 137\n")
        let errors = run(folder, "f <- recover_fit()").errors
        #expect(errors.contains("in epoch 4 of 5, batch 0 of 3, as of the end of epoch 3"), "\(errors)")
    }

    @Test func `the first prompt says which fit was cut, once it has been returned no more`() throws {
        let folder = makeTemporaryFolder()
        _ = cut(folder, by: "KILL")
        let first = try #require(TerminalRun(in: folder + "/state")?.type(["f <- recover_fit()"]))
        #expect(first.contains("A fit was cut: <small_net> of program.R, begun 2"), "\(first)")
        #expect(
            first.contains("in epoch 4 of 5, batch 2 of 3; recover_fit() returns it as of the end of epoch 3"),
            "\(first)")
        let second = try #require(TerminalRun(in: folder + "/state")?.type(["1"]))
        #expect(!second.contains("was cut"), "\(second)")
    }

    @Test func `a cut fit that auto_resume has ended needs no recovery`() {
        let folder = makeTemporaryFolder()
        let code = Self.fit.replacing(
            "callbacks = list(stuck()", with: "callbacks = list(luz_callback_auto_resume(\"state.pt\"), stuck()")
        #expect(cut(folder, by: "KILL", code).output == "status 137\n")
        #expect(files(folder) == ["fit", "luz"])
        let again = run(folder, code)
        #expect(again.errors == "resuming at epoch 4 ('state.pt')\n" && again.status == 0, "\(again.errors)")
        #expect(files(folder) == [])
    }

    @Test func `SIGTERM saves what there is; a fit that fails in a script is kept, too`() {
        let folder = makeTemporaryFolder()
        let ended = cut(
            folder, by: "TERM",
            Self.fit.replacing("repeat Sys.sleep(0.1)", with: "Sys.sleep(1)").replacing(
                "\"0 s\"", with: "\"1 h\""))
        #expect(ended.output == "status 143\n", "\(ended.errors)")
        #expect(files(folder) == ["fit", "luz"])
        let failing = makeTemporaryFolder()
        write("", to: failing + "/stuck")
        let failed = run(failing, Self.fit.replacing("repeat Sys.sleep(0.1)", with: "stop(\"broken\")"))
        #expect(failed.status == 1)
        #expect(files(failing) == ["fit", "luz"])
        let caught = makeTemporaryFolder()
        write("", to: caught + "/stuck")
        let went = run(
            caught,
            Self.fit.replacing("repeat Sys.sleep(0.1)", with: "stop(\"broken\")").replacing(
                "f <- fit(", with: "f <- try(silent = TRUE, fit("
            ).replacing(
                "call_on = \"on_train_batch_end\")))", with: "call_on = \"on_train_batch_end\"))))"
            ).replacing("digest(f)", with: "cat(inherits(f, \"try-error\"))"))
        #expect(went.output == "TRUE", "\(went.errors)")
        #expect(files(caught) == [])
        let back = run(failing, "f <- recover_fit(); cat(length(f$records$metrics$train), \"\\n\")")
        #expect(back.output == "3 \n", "\(back.errors)")
    }

    @Test func `switched off, or without a folder to write to, a fit leaves nothing and goes on`() {
        let folder = makeTemporaryFolder()
        let off = run(folder, Self.fit.replacing("\"0 s\"", with: "FALSE"))
        #expect(off.status == 0 && off.errors == "", "\(off.errors)")
        #expect(Subprocess("ls", arguments: [folder]).output == "program.R\n")
        write("", to: folder + "/state")
        let blocked = run(folder, Self.fit)
        #expect(blocked.output == off.output, "\(blocked.errors)")
        #expect(
            blocked.errors
                == "Fits go on without recovery after a crash: cannot write in '\(folder)/state/workbench/fits': Not a directory.\n"
        )
        let wrong = run(makeTemporaryFolder(), Self.fit.replacing("\"0 s\"", with: "\"soon\""))
        #expect(
            wrong.errors.contains("the option workbench.recovery must be TRUE, FALSE or a time"), "\(wrong.errors)")
    }

    @Test func `without a fit to recover there is one clear line`() {
        let run = run(makeTemporaryFolder(), "recover_fit()")
        #expect(run.errors.hasPrefix("Error in recover_fit() : there is no fit to recover\n"), "\(run.errors)")
        #expect(self.run(makeTemporaryFolder(), "print(nrow(cut_fits()))").output == "[1] 0\n")
    }

    @Test func `five fits are kept, the oldest go`() {
        let folder = makeTemporaryFolder()
        for _ in 0..<7 {
            unlink(folder + "/now")
            _ = cut(folder, by: "KILL", Self.fit)
        }
        // A fit that begins keeps five of those before it.
        _ = run(folder, Self.fit)
        #expect(files(folder).filter { $0 == "fit" }.count == 5)
    }

    @Test func `a search for a rate is no fit to recover`() {
        let folder = makeTemporaryFolder()
        let code = """
            library(torch); library(luz); options(workbench.recovery = "0 s")
            x <- torch_randn(40, 3)
            net <- nn_module("net", initialize = function() self$fc <- nn_linear(3, 1), forward = function(x) { if (file.exists("now")) repeat Sys.sleep(0.1); file.create("now"); self$fc(x)[, 1] })
            lr_finder(net %>% setup(loss = nn_mse_loss(), optimizer = optim_adam), dataloader(tensor_dataset(x, x[, 1]), batch_size = 8), steps = 50)
            """
        #expect(cut(folder, by: "KILL", code).output == "status 137\n")
        #expect(files(folder) == [])
    }

    @Test func `a fit whose mark is damaged is recovered; what is no file is passed over`() {
        let folder = makeTemporaryFolder()
        _ = cut(folder, by: "KILL")
        inMarks(of: folder, "echo nonsense | tee *.fit && mkfifo 1-1-1.fit 1-1-2.luz && touch 1-1-2.fit")
        let run = run(
            folder,
            "f <- recover_fit(); cat(class(f)[1], nrow(cut_fits()), cut_fits()$script, max(luz::get_metrics(f)$epoch))")
        #expect(run.output == "luz_module_fitted 1 unknown script 3", "\(run.output) \(run.errors)")
        #expect(
            run.errors == "the fit of <net> that was cut before its first epoch, as of the end of epoch 3\n",
            "\(run.errors)")
    }

    @Test func `a mark that is none, a saved fit that is damaged`() {
        let folder = makeTemporaryFolder()
        _ = cut(folder, by: "KILL")
        inMarks(
            of: folder, "echo nonsense > 1-2-3.fit && for f in *.luz; do head -c 3000 \"$f\" > x; mv x \"$f\"; done")
        let run = run(
            folder, "r <- tryCatch(recover_fit(), error = conditionMessage); cat(grepl(\"luz' \", r), nrow(cut_fits()))"
        )
        #expect(run.output == "TRUE 1", "\(run.output) \(run.errors)")
    }
}
