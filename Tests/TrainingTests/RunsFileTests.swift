import Diagnostics
import Glibc
import PluginAPI
import TestSupport
import Testing

@testable import Runs

/// The file of runs: whatever is wrong with it, a fit goes on with one warning.
@Suite(.serialized) struct RunsFileTests {
    private func session(_ path: String = "runs.sqlite") -> TrainingSession {
        TrainingSession(options: "options(workbench.runs = \"\(path)\")\n" + TrainingSession.scripted)
    }

    private static let fit = "f <- fit_losses(3:1, verbose = FALSE); cat(nrow(get_metrics(f)))"

    /// Runs a fit that must go on, with one warning that says so.
    private func goesOn(_ session: TrainingSession, _ reason: String, after code: String = "") {
        let result = session.run(code + Self.fit)
        #expect(result.out == "6")
        #expect(result.error == "Warning: this fit is not on record: \(reason). Training goes on.\n")
    }

    private func seconds(_ body: () -> Void) -> Double {
        let start = monotonicSeconds()
        body()
        return monotonicSeconds() - start
    }

    // MARK: Switched off

    @Test func `a session that nobody told keeps none, and neither does one with the option off`() {
        for options in ["", "options(workbench.runs = FALSE)", "options(workbench.runs = NULL)"] {
            let session = TrainingSession(options: options + "\n" + TrainingSession.scripted)
            #expect(session.run(Self.fit) == ("6", ""))
            #expect(entries(of: session.folder) == [])
        }
    }

    @Test(arguments: ["5", "NA", "\"\"", "c(TRUE, FALSE)"])
    func `an option that makes no sense is an error where it is set`(_ value: String) {
        let error = TrainingSession().run("options(workbench.runs = \(value))").error
        #expect(
            error.contains("options(workbench.runs = ) must be TRUE, FALSE or the path of a file, not \(value)"),
            "\(error)")
    }

    @Test func `a path is that of the moment`() {
        let session = TrainingSession()
        #expect(
            session.out("options(workbench.runs = \"a.sqlite\"); setwd(tempdir()); cat(getOption(\"workbench.runs\"))")
                == session.folder + "/a.sqlite")
    }

    private static let program = """
        library(torch); library(luz)
        net <- nn_module("net", initialize = function() self$fc <- nn_linear(2, 1), forward = function(x) self$fc(x)[, 1])
        x <- torch_ones(8, 2); data <- dataloader(tensor_dataset(x, x[, 1]), batch_size = 4)
        train <- function(...) invisible(net %>% setup(loss = nn_mse_loss(), optimizer = optim_adam) %>% fit(data, verbose = FALSE, ...))
        train(epochs = 1)

        """

    @Test func `the program keeps runs in the folder of the user, says so once, and takes no for an answer`() {
        inTemporaryFolder { folder in
            write(Self.program, to: folder + "/a.R")
            func run(_ words: [String], _ variable: String) -> Subprocess {
                Subprocess(
                    arguments: words,
                    environment: ["XDG_DATA_HOME": folder + "/data", "WORKBENCH_RUNS": variable])
            }
            let file = folder + "/data/workbench/runs.sqlite"
            for (words, variable) in [(["--no-runs"], ""), ([], "off"), ([], "FALSE"), (["--replay"], "")] {
                let quiet = run(words + [folder + "/a.R"], variable)
                #expect(quiet.status == 0 && quiet.errors == "", "\(words) \(variable): \(quiet.output)\(quiet.errors)")
                #expect(access(file, F_OK) != 0)
            }
            let first = run([folder + "/a.R"], "")
            #expect(
                first.errors
                    == "Fits are kept on record in '\(file)': runs() lists them, options(workbench.runs = FALSE) keeps none.\n"
            )
            #expect(run(["-e", Self.program], "").errors == "")
            let list = run(["-e", "cat(runs()$status, runs()$script, is.na(runs()$seed))"], "off")
            #expect(list.output == "finished finished \(folder)/a.R -e TRUE TRUE", "\(list.errors)")
            var status = stat()
            #expect(stat(file, &status) == 0 && status.st_mode & 0o777 == 0o600)
            let other = run(["-e", Self.program + "cat(nrow(runs()))"], folder + "/other.sqlite")
            #expect(other.output == "1", "\(other.errors)")
        }
    }

    @Test func `a saved session says nothing of it`() {
        let session = session()
        _ = session.run(
            "x <- 1; save_session(\"a.wb\", quiet = TRUE); options(workbench.runs = FALSE); restore_session(\"a.wb\", quiet = TRUE)"
        )
        #expect(session.out("cat(getOption(\"workbench.runs\"))") == "FALSE")
    }

    // MARK: Crashes and neighbours

    @Test func `a killed run is cut, one that is asked to end has ended`() {
        inTemporaryFolder { folder in
            let wait = """
                slow <- luz_callback("slow", on_train_batch_end = function() if (ctx$epoch > 1) { file.create("now"); Sys.sleep(0.1) })
                train(epochs = 500, callbacks = list(slow()))
                """
            write(Self.program + wait, to: folder + "/a.R")
            for (signal, outcome) in [("KILL", "running cut NA"), ("TERM", "running ended in epoch ")] {
                unlink(folder + "/now")
                let run = Subprocess(
                    "sh",
                    arguments: [
                        "-c",
                        """
                        cd '\(folder)'; '\(Subprocess.workbench)' a.R & child=$!
                        i=0; while [ ! -e now ] && [ $i -lt 400 ]; do sleep 0.05; i=$((i + 1)); done
                        '\(Subprocess.workbench)' -e 'cat(tail(runs()$status, 1), "")'
                        kill -\(signal) $child; wait $child
                        '\(Subprocess.workbench)' -e 'cat(tail(runs()$status, 1), tail(runs()$note, 1))'
                        """,
                    ], environment: ["WORKBENCH_RUNS": folder + "/runs.sqlite"])
                #expect(run.output.hasPrefix(outcome), "\(run.output) \(run.errors)")
            }
        }
    }

    @Test func `two programs at once lose nothing`() {
        inTemporaryFolder { folder in
            write(Self.program + "for (i in 1:15) train(epochs = 1)\n", to: folder + "/a.R")
            let run = Subprocess(
                "sh",
                arguments: [
                    "-c",
                    """
                    cd '\(folder)'; '\(Subprocess.workbench)' a.R & '\(Subprocess.workbench)' a.R & wait
                    '\(Subprocess.workbench)' -e 'r <- runs(); cat(nrow(r), unique(r$status), length(unique(r$id)), sum(is.na(r$train_loss)))'
                    """,
                ], environment: ["WORKBENCH_RUNS": folder + "/runs.sqlite"])
            #expect(run.output == "32 finished 32 0", "\(run.errors)")
            // Whoever came first said so, and nobody complained.
            #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)")
        }
    }

    @Test func `what is taken away during a fit is written anew`() {
        let session = session()
        let out = session.out(
            """
            away <- luz_callback("away", on_epoch_end = function() if (ctx$epoch == 2) unlink("runs.sqlite"))
            f <- fit_losses(3:1, callbacks = list(away()), verbose = FALSE)
            cat(runs()$status, runs()$epochs, nrow(get_run(1)$metrics))
            """)
        #expect(out == "finished 3 6")
    }

    // MARK: Files that cannot be used

    @Test func `a locked file costs a moment, and is written once it is free`() throws {
        let session = session()
        let file = session.folder + "/runs.sqlite"
        _ = session.run(Self.fit)
        let other = try Database(file, creating: false, patience: 0)
        try other.execute("BEGIN EXCLUSIVE")
        let taken = seconds {
            goesOn(session, "cannot write '\(file)': database is locked (another program holds the file)")
        }
        // A second at the beginning and two at the end; between them it is not time to try again.
        #expect(taken < 4, "\(taken) s")
        try other.execute("ROLLBACK")
        #expect(session.out("cat(runs()$id)") == "1")
        // Held at the beginning only.
        try other.execute("BEGIN EXCLUSIVE")
        let letGo = Builtin("let_go", namespace: "base", [], visible: false) { _ in
            try? other.execute("ROLLBACK")
            return .null
        }
        session.context.globalEnvironment.define(Symbol.named("let_go"), .builtin(letGo))
        let freed = session.run(
            "go <- luz_callback(\"go\", on_fit_begin = function() let_go())\nf <- fit_losses(3:1, callbacks = list(go()), verbose = FALSE); cat(runs()$id, runs()$epochs, nrow(get_run(2)$metrics))"
        )
        #expect(freed.out == "1 2 3 3 6", "\(freed.out) \(freed.error)")
        // Somebody who reads lets others write, up to the last step.
        try other.execute("BEGIN; SELECT * FROM runs")
        #expect(session.run(Self.fit).out == "6")
        try other.execute("ROLLBACK")
    }

    @Test func `no warning turns into the end of the fit`() {
        let session = session("/dev/null/runs.sqlite")
        let reason = "cannot make the folder '/dev/null': Not a directory"
        #expect(session.run("options(warn = 2); " + Self.fit).out == "6", "\(reason)")
        #expect(
            session.run(
                "tryCatch({ \(Self.fit) }, warning = function(w) cat(\"caught\"), message = function(m) cat(\"caught\"))"
            ).out == "6")
    }

    @Test func `a file of somebody else's is left alone`() throws {
        let session = session()
        let file = session.folder + "/runs.sqlite"
        let text = String(repeating: "not a database\n", count: 200)
        write(text, to: file)
        goesOn(
            session,
            "cannot write '\(file)': file is not a database (move it away, and a new one is made: file.rename(\"\(file)\", \"\(file).old\"))"
        )
        #expect(textOfFile(file) == text)
        #expect(session.run("runs()").error.contains("cannot read '\(file)': file is not a database"))
        unlink(file)
        try Database(file, creating: true, patience: 0).execute("CREATE TABLE recipes (name TEXT)")
        goesOn(
            session,
            "'\(file)' is an SQLite file, but none of runs (options(workbench.runs = \"other.sqlite\") names another)")
    }

    @Test func `runs of a newer workbench are left alone`() throws {
        let session = session()
        let file = session.folder + "/runs.sqlite"
        _ = session.run(Self.fit)
        try Database(file, creating: false, patience: 0).execute("PRAGMA user_version = 99")
        let reason = "'\(file)' has runs of version 99, and this workbench knows up to version \(RunsSchema.version)"
        goesOn(session, reason + " (a newer workbench opens it)")
        #expect(session.run("runs()").error.contains(reason))
    }

    @Test func `a file cut short is an error of one line`() throws {
        let session = session()
        let file = session.folder + "/runs.sqlite"
        _ = session.run(Self.fit)
        truncate(file, 6000)
        #expect(session.run("runs()").error.contains("cannot read '\(file)': database disk image is malformed"))
        #expect(session.run(Self.fit).out == "6")
    }

    @Test func `a disk without room`() {
        inTemporaryFolder { folder in
            write(Self.program + "cat(\"trained\\n\")", to: folder + "/a.R")
            // Files of at most 2 kB; what would be written beyond fails as on a full disk.
            let run = Subprocess(
                "sh",
                arguments: ["-c", "trap '' XFSZ; ulimit -f 4; exec '\(Subprocess.workbench)' '\(folder)/a.R'"],
                environment: ["WORKBENCH_RUNS": folder + "/runs.sqlite"])
            #expect(run.output == "trained\n", "\(run.errors)")
            #expect(
                run.errors.hasPrefix("Warning: this fit is not on record: cannot write '\(folder)/runs.sqlite': "),
                "\(run.errors)")
            #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)")
        }
    }

    @Test func `a folder that only allows reading`() {
        inTemporaryFolder { folder in
            // Root may write everywhere; somebody else then runs it.
            let somebody = geteuid() == 0 ? "setpriv --reuid=65534 --regid=65534 --clear-groups" : ""
            write(Self.program + "cat(nrow(runs()), \"\\n\")", to: folder + "/a.R")
            let file = folder + "/data/runs.sqlite"
            let run = Subprocess(
                "sh",
                arguments: [
                    "-c",
                    """
                    '\(Subprocess.workbench)' '\(folder)/a.R'; chmod 755 '\(folder)'; chmod 555 '\(folder)/data'
                    chmod 644 '\(file)' '\(folder)/a.R'; \(somebody) '\(Subprocess.workbench)' '\(folder)/a.R'
                    chmod 755 '\(folder)/data'
                    """,
                ], environment: ["WORKBENCH_RUNS": file])
            #expect(run.output == "1 \n1 \n", "\(run.errors)")
            #expect(
                run.errors.hasSuffix(
                    "Warning: this fit is not on record: cannot write '\(file)': attempt to write a readonly database. Training goes on.\n"
                ), "\(run.errors)")
        }
    }

    // MARK: Versions

    /// A file of each version, as text; each opens in this workbench.
    @Test(arguments: 1...RunsSchema.version)
    func `files of every version open`(_ version: Int) throws {
        let session = session()
        let text = try #require(
            textOfFile(packageRoot + "/Tests/TrainingTests/Files/runs-\(version).sql"))
        try Database(session.folder + "/runs.sqlite", creating: true, patience: 0).execute(text)
        #expect(
            session.out(
                "r <- runs(); cat(r$id, r$status, r$net, r$seed, r$epochs, r$valid_loss, r$best_loss, nrow(get_run(2)$metrics), basename(get_run(1)$checkpoints$path))"
            )
                == "1 2 finished cut net net 777 NA 2 1 0.5 NaN 0.5 NA 2 epoch-02.pt")
        #expect(session.run(Self.fit).error == "")
        #expect(session.out("cat(runs()$id, runs()$status)") == "1 2 3 finished cut finished")
    }
}
