import TestSupport
import Testing

/// SIGTERM and SIGHUP, and kill -9: programs of their own.
@Suite(.serialized) struct TerminationTests {
    /// Runs code in a folder, sends a signal as soon as a file is there, and says the status and the seconds it took.
    private func ended(by signal: String, _ code: String, once file: String, in folder: String) -> Subprocess {
        write(code, to: folder + "/program.R")
        return Subprocess(
            "sh",
            arguments: [
                "-c",
                """
                cd '\(folder)'; '\(Subprocess.workbench)' program.R & child=$!
                i=0; while [ ! -e \(file) ] && [ $i -lt 200 ]; do sleep 0.05; i=$((i + 1)); done
                before=$(date +%s); for name in \(signal); do kill -$name $child; done; wait $child; status=$?
                echo "status $status $(($(date +%s) - before < 10))"
                """,
            ])
    }

    private static let fit = """
        library(torch); library(luz)
        torch_manual_seed(1); x <- torch_randn(400, 2)
        net <- nn_module("net", initialize = function() self$fc <- nn_linear(2, 1), forward = function(x) self$fc(x)[, 1])
        slow <- luz_callback("slow", on_train_batch_end = function() { if (ctx$epoch == 2 && ctx$iter == 3) file.create("now"); if (ctx$epoch == 2 && !file.exists("go")) Sys.sleep(0.1) })
        f <- net %>% setup(loss = nn_mse_loss(), optimizer = optim_adam) %>% fit(tensor_dataset(x, x[, 1]), epochs = 3, verbose = FALSE, dataloader_options = list(batch_size = 4),
          callbacks = list(slow(), luz_callback_csv_logger("log.csv"), luz_callback_auto_resume("state.pt")))
        cat("done\\n")
        """

    /// A terminal that closes tells it twice.
    @Test(arguments: [("TERM", 143), ("HUP", 129), ("HUP HUP HUP", 129), ("TERM TERM", 143)])
    func `a fit ends between two batches and is gone on with`(_ signal: String, _ status: Int) {
        let folder = makeTemporaryFolder()
        let run = ended(by: signal, Self.fit, once: "now", in: folder)
        #expect(run.output == "status \(status) 1\n", "\(run.errors)")
        let log = textOfFile(folder + "/log.csv") ?? ""
        #expect(log.split(separator: "\n").count == 2 && log.hasSuffix("\n"), "\(log)")
        write("", to: folder + "/go")
        let again = Subprocess("sh", arguments: ["-c", "cd '\(folder)'; '\(Subprocess.workbench)' program.R"])
        #expect(again.output == "done\n", "\(again.errors)")
        #expect(again.errors.contains("resuming at epoch 2, batch "), "\(again.errors)")
        #expect((textOfFile(folder + "/log.csv") ?? "").split(separator: "\n").count == 4)
    }

    @Test(arguments: ["file.create(\"now\"); repeat {}", "file.create(\"now\"); Sys.sleep(60)"])
    func `other code ends at once, and what comes after it does not run`(_ code: String) {
        let run = ended(by: "TERM", code + "\ncat(\"not ended\\n\")", once: "now", in: makeTemporaryFolder())
        #expect(
            run.output == "[1] TRUE\nstatus 143 1\n" || run.output == "status 143 1\n", "\(run.output) \(run.errors)")
    }

    @Test func `nohup keeps a program from ending with its terminal`() {
        let folder = makeTemporaryFolder()
        write("file.create(\"now\"); Sys.sleep(1); cat(\"went on\\n\")", to: folder + "/program.R")
        let run = Subprocess(
            "sh",
            arguments: [
                "-c",
                """
                cd '\(folder)'; trap '' HUP; '\(Subprocess.workbench)' program.R & child=$!
                while [ ! -e now ]; do sleep 0.05; done; kill -HUP $child; wait $child; echo "status $?"
                """,
            ])
        #expect(run.output.hasSuffix("went on\nstatus 0\n"), "\(run.output) \(run.errors)")
    }

    /// The series in short; `scripts/crash-test` runs it in full.
    @Test func `kill -9 during writes and during a fit loses nothing`() {
        let run = Subprocess(
            packageRoot + "/scripts/crash-test", arguments: ["5", "3", "dropout"],
            environment: ["WORKBENCH": Subprocess.workbench, "SEED": "7", "EPOCHS": "2"])
        #expect(run.status == 0, "\(run.output) \(run.errors)")
        #expect(run.output.hasSuffix("nothing lost\n"), "\(run.output) \(run.errors)")
    }
}
