import PluginAPI
import Tensors
import TestSupport
import Testing

@testable import FitStates

@Suite struct CheckpointTests {
    /// `path`, further arguments, and the files that five epochs leave.
    private static let names: [(path: String, arguments: String, files: String)] = [
        (
            "d/", "",
            "d/epoch-01-valid_loss-1.235.pt d/epoch-02-valid_loss-0.900.pt d/epoch-03-valid_loss-1.500.pt d/epoch-04-valid_loss-0.850.pt d/epoch-05-valid_loss-0.860.pt"
        ),
        ("d/a/b/m-{epoch:03d}.pt", "", "d/a/b/m-001.pt d/a/b/m-002.pt d/a/b/m-003.pt d/a/b/m-004.pt d/a/b/m-005.pt"),
        (
            "d/m-{epoch}-{round(monitor, 1)}.pt", "",
            "d/m-1-1.2.pt d/m-2-0.9.pt d/m-3-1.5.pt d/m-4-0.9.pt d/m-5-0.9.pt"
        ),
        (
            "d/run-{ctx$max_epochs}/e{ctx$epoch}.pt", "",
            "d/run-5/e1.pt d/run-5/e2.pt d/run-5/e3.pt d/run-5/e4.pt d/run-5/e5.pt"
        ),
        ("d/{self$monitor}-{self$mode}.pt", "", "d/valid_loss-min.pt"), ("d/{{x}}.pt", "", "d/{x}.pt"),
        ("model.pt", "", "model.pt"),
        (
            "d/", "save_best_only = TRUE",
            "d/epoch-01-valid_loss-1.235.pt d/epoch-02-valid_loss-0.900.pt d/epoch-04-valid_loss-0.850.pt"
        ),
        (
            "d/", "save_best_only = TRUE, mode = \"max\"",
            "d/epoch-01-valid_loss-1.235.pt d/epoch-03-valid_loss-1.500.pt"
        ),
        (
            "d/", "save_best_only = TRUE, min_delta = 0.1",
            "d/epoch-01-valid_loss-1.235.pt d/epoch-02-valid_loss-0.900.pt"
        ),
        ("d/", "monitor = \"train_loss\", save_best_only = TRUE", "d/epoch-01-train_loss-0.000.pt"),
    ]

    @Test(arguments: names)
    func `files have luz's names`(_ path: String, _ arguments: String, _ files: String) {
        let session = TrainingSession(options: TrainingSession.scripted)
        let more = arguments.isEmpty ? "" : ", " + arguments
        let out = session.out(
            """
            invisible(fit_losses(rep(0, 5), c(1.23456, 0.9, 1.5, 0.85, 0.86), callbacks = list(luz_callback_model_checkpoint("\(path)"\(more))), verbose = FALSE))
            cat(sort(list.files(".", recursive = TRUE)))
            """)
        #expect(out == files)
    }

    @Test func `a broken template and a folder that cannot be made are errors`() {
        let session = TrainingSession(options: TrainingSession.scripted)
        func error(_ path: String) -> String {
            session.run(
                "fit_losses(1, callbacks = list(luz_callback_model_checkpoint(\"\(path)\")), verbose = FALSE)"
            ).error
        }
        #expect(error("m-{epoch.pt").contains("the path \"m-{epoch.pt\" has a { without its }"))
        #expect(error("/dev/null/x/m.pt").contains("cannot make the folder '/dev/null/x': Not a directory"))
    }

    private static let net = """
        torch_manual_seed(1)
        net <- nn_module("net", initialize = function() { self$fc <- nn_linear(2, 1); self$bn <- nn_batch_norm1d(1) }, forward = function(x) self$bn(self$fc(x))[, 1])
        m <- net %>% setup(loss = nn_mse_loss(), optimizer = optim_adam) %>% set_opt_hparams(lr = 0.1)
        x <- torch_randn(8, 2); data <- dataloader(tensor_dataset(x, x[, 1]), batch_size = 4)
        """

    @Test func `a file holds tensors under the names of the parameters`() throws {
        let session = TrainingSession(options: Self.net)
        #expect(
            session.out(
                """
                f <- fit(m, data, epochs = 2, verbose = FALSE, callbacks = list(luz_callback_model_checkpoint("m.pt", monitor = "train_loss"), luz_callback_lr_scheduler(lr_step, step_size = 1)))
                """) == "")
        let file = try Safetensors.read(session.folder + "/m.pt")
        #expect(
            file.tensors.map { $0.name }.filter { !$0.hasPrefix("resume.") } == [
                "model.fc.weight", "model.fc.bias", "model.bn.weight", "model.bn.bias", "model.bn.running_mean",
                "model.bn.running_var", "model.bn.num_batches_tracked", "optimizers.opt.state.fc.weight.exp_avg",
                "optimizers.opt.state.fc.weight.exp_avg_sq", "optimizers.opt.state.fc.bias.exp_avg",
                "optimizers.opt.state.fc.bias.exp_avg_sq", "optimizers.opt.state.bn.weight.exp_avg",
                "optimizers.opt.state.bn.weight.exp_avg_sq", "optimizers.opt.state.bn.bias.exp_avg",
                "optimizers.opt.state.bn.bias.exp_avg_sq",
            ])
        #expect(file.tensors.map { $0.name }.filter { $0.hasPrefix("resume.") } == ["resume.torch", "resume.loss.opt"])
        let checkpoint = try Checkpoint(reading: session.folder + "/m.pt").value
        #expect(checkpoint.names?.map { $0?.string } == ["epoch", "records", "model", "optimizers", "callbacks"])
        #expect(try TrainingContext.element(checkpoint, "epoch")?.asDoubles().elements == [2])
    }

    @Test func `a fit goes on from a checkpoint as if it had not stopped`() {
        let session = TrainingSession(options: Self.net)
        // Three epochs at once, and two and one: the last losses agree, and so do the weights.
        let out = session.out(
            """
            start <- luz_callback("start", initialize = function(w) self$w <- w, on_fit_begin = function() if (!is.null(self$w)) with_no_grad({ ctx$model$fc$weight$copy_(self$w); ctx$model$fc$bias$zero_() }))
            w <- torch_randn(1, 2)
            a <- fit(m, data, epochs = 3, verbose = FALSE, callbacks = list(start(w)))
            b <- fit(m, data, epochs = 2, verbose = FALSE, callbacks = list(start(w), luz_callback_model_checkpoint("ck/", monitor = "train_loss")))
            c <- fit(m, data, epochs = 1, verbose = FALSE, callbacks = list(luz_callback_resume_from_checkpoint("ck", restore_optimizer_state = TRUE)))
            cat(torch_equal(a$model$fc$weight, c$model$fc$weight), torch_equal(a$model$bn$running_var, c$model$bn$running_var), a$records$metrics$train[[3]]$loss == c$records$metrics$train[[1]]$loss)
            """)
        #expect(out == "TRUE TRUE TRUE")
    }

    /// Early stopping comes last in an epoch, so a checkpoint of epoch 3 does not yet hold its count of epoch 3.
    @Test func `records and callbacks come back when asked for, callbacks by their class`() {
        let session = TrainingSession(options: TrainingSession.scripted)
        #expect(
            session.out(
                """
                es <- function() luz_callback_early_stopping(patience = 9)
                invisible(fit_losses(c(3, 1, 2), callbacks = list(es(), luz_callback_model_checkpoint("ck/")), verbose = FALSE))
                e <- es()
                see <- luz_callback("see", on_epoch_begin = function() cat(length(ctx$records$metrics$train), e$current_best, e$patience_counter, ""))
                r <- function(...) luz_callback_resume_from_checkpoint("ck", ...)
                invisible(fit_losses(5, callbacks = list(e, r(restore_records = TRUE, restore_callbacks_state = TRUE)), verbose = FALSE))
                cat(e$current_best, e$patience_counter, "| ")
                invisible(fit_losses(5, callbacks = list(e, r(restore_callbacks_state = TRUE), see()), verbose = FALSE))
                options(workbench.as_published = TRUE)
                tryCatch(fit_losses(5, callbacks = list(e, r(restore_callbacks_state = TRUE), see()), verbose = FALSE), error = function(x) cat(conditionMessage(x$parent)))
                """) == "1 1 | 0 1 0 Objects must have the same length.")
    }

    @Test func `with all four parts it goes on where it was, and what is not restored is said`() {
        let session = TrainingSession(options: Self.net)
        let result = session.run(
            """
            all <- luz_callback_resume_from_checkpoint("ck", restore_records = TRUE, restore_optimizer_state = TRUE, restore_callbacks_state = TRUE)
            sh <- dataloader(tensor_dataset(x, x[, 1]), batch_size = 4, shuffle = TRUE)
            torch_manual_seed(4); a <- fit(m, sh, epochs = 4, verbose = FALSE)
            torch_manual_seed(4); b <- fit(m, sh, epochs = 2, verbose = FALSE, callbacks = list(luz_callback_model_checkpoint("ck/", monitor = "train_loss")))
            torch_manual_seed(5); c <- fit(m, sh, epochs = 4, verbose = FALSE, callbacks = list(all))
            cat(torch_equal(a$model$fc$weight, c$model$fc$weight), identical(get_metrics(a), get_metrics(c)))
            d <- fit(m, sh, epochs = 1, verbose = FALSE, callbacks = list(luz_callback_resume_from_checkpoint("ck/")))
            """)
        #expect(result.out == "TRUE TRUE")
        let lines = result.error.split(separator: "\n").map(String.init)
        #expect(lines.first?.hasPrefix("resuming at epoch 3 ('ck/epoch-02-train_loss-") ?? false, "\(result.error)")
        #expect(
            lines.last?.hasSuffix(
                "(epoch 2): weights; not restored: records (restore_records = TRUE), the optimizer's state (restore_optimizer_state = TRUE), the callbacks' state (restore_callbacks_state = TRUE), generators and place (all four); the fit starts at epoch 1"
            ) ?? false, "\(result.error)")
    }

    @Test func `of a folder the newest epoch that can be read is taken`() throws {
        let session = TrainingSession(options: TrainingSession.scripted)
        _ = session.run(
            "invisible(fit_losses(3:1, callbacks = list(luz_callback_model_checkpoint(\"ck/epoch-{epoch + 97}.pt\")), verbose = FALSE))"
        )
        #expect(
            CheckpointFolder.candidates(in: session.folder + "/ck") == ["epoch-100.pt", "epoch-99.pt", "epoch-98.pt"])
        write("", to: session.folder + "/ck/epoch-102.pt")
        write("12345678{", to: session.folder + "/ck/epoch-101.pt")
        let error = session.run(
            "invisible(fit_losses(3:1, callbacks = list(luz_callback_resume_from_checkpoint(\"ck\", restore_records = TRUE, restore_optimizer_state = TRUE, restore_callbacks_state = TRUE)), verbose = FALSE))"
        ).error
        let lines = error.split(separator: "\n").map(String.init)
        #expect(
            lines.first
                == "passed over: 'ck/epoch-102.pt' is not a readable safetensors file: it has 0 bytes and cannot hold a header",
            "\(error)")
        #expect(lines.count == 3 && lines[1].hasPrefix("passed over: 'ck/epoch-101.pt' is not"), "\(error)")
        #expect(lines.last == "resuming after epoch 3, the last ('ck/epoch-100.pt')", "\(error)")
    }

    @Test(arguments: [
        ("epoch-100.pt", 100), ("epoch-07-valid_loss-1.234.pt", 7), ("m-003.pt", 3), ("best.pt", -1),
        ("run2-epoch_9.pt", 9), ("valid_loss-0.9-epoch12", 12),
    ])
    func `the epoch is read from the name`(_ name: String, _ epoch: Int) {
        #expect(CheckpointFolder.epoch(in: name) == epoch)
    }

    /// A file that the first version wrote: two epochs, with lr_step and early stopping.
    @Test func `files of version 1 open`() throws {
        let session = TrainingSession(options: Self.net)
        let file = packageRoot + "/Tests/Fixtures/versions/checkpoint-1.pt"
        let result = session.run(
            """
            f <- fit(m, data, epochs = 3, verbose = FALSE, callbacks = list(luz_callback_lr_scheduler(lr_step, step_size = 1, gamma = 0.5),
              luz_callback_early_stopping(monitor = "train_loss", patience = 3), luz_callback_model_checkpoint("n.pt", monitor = "train_loss"),
              luz_callback_resume_from_checkpoint("\(file)", restore_records = TRUE, restore_optimizer_state = TRUE)))
            cat(length(torch_load("\(file)")$records$metrics$train), torch_load("\(file)")$epoch)
            """)
        #expect(result.out == "2 2", "\(result.error)")
        let checkpoint = try Checkpoint(reading: file)
        #expect(try checkpoint.state.place().epoch == 2)
        #expect(checkpoint.state.exact.isNull)
    }

    @Test func `files of a newer version ask for a newer workbench`() throws {
        let folder = makeTemporaryFolder()
        let one = try Tensor([1] as [Float], shape: [1])
        func error(_ version: String) -> String {
            do {
                try Safetensors.write(
                    [("a", one)],
                    metadata: [
                        ("format", "workbench checkpoint"), ("version", version), (TensorTree.metadataKey, "{}"),
                    ], to: folder + "/n.pt")
                _ = try Checkpoint(reading: folder + "/n.pt")
                return ""
            } catch {
                return "\(error)"
            }
        }
        #expect(
            error("3")
                == "'\(folder)/n.pt' is a checkpoint of version 3, and this workbench reads up to version 2 (a newer workbench opens it)"
        )
        #expect(error("x").contains("is a safetensors file but no checkpoint"))
        #expect(error("2").contains("is a safetensors file but no checkpoint"))
    }

    @Test func `nothing to resume is a warning, a broken file an error`() {
        let session = TrainingSession(options: TrainingSession.scripted)
        func resume(_ path: String) -> String {
            session.run(
                "invisible(fit_losses(1, callbacks = list(luz_callback_resume_from_checkpoint(\"\(path)\")), verbose = FALSE))"
            ).error
        }
        #expect(
            resume("nowhere").contains(
                "nothing to resume: there is no checkpoint at 'nowhere', the fit starts at epoch 1"))
        write("not safetensors", to: session.folder + "/broken.pt")
        #expect(resume("broken.pt").contains("is not a readable safetensors file"))
        #expect(
            session.run("luz_callback_resume_from_checkpoint(\"a\", restore_everything = TRUE)").error.contains(
                "`...` must be empty."))
    }

    @Test func `weights of a checkpoint go into a fitted model`() {
        let session = TrainingSession(options: Self.net)
        #expect(
            session.out(
                """
                a <- fit(m, data, epochs = 1, verbose = FALSE, callbacks = list(luz_callback_model_checkpoint("m.pt", monitor = "train_loss")))
                b <- fit(m, data, epochs = 1, verbose = FALSE)
                same <- function() torch_equal(a$model$fc$weight, b$model$fc$weight)
                before <- same(); luz_load_checkpoint(b, "m.pt"); cat(before, same())
                """) == "FALSE TRUE")
    }

    @Test func `keep_best_model gives the best epoch's weights back`() {
        let session = TrainingSession(options: TrainingSession.scripted)
        #expect(
            session.out(
                """
                set <- luz_callback("set", on_train_end = function() with_no_grad(ctx$model$w$fill_(ctx$epoch)))
                for (mode in c("min", "max")) { f <- fit_losses(rep(0, 5), c(1.2, 0.9, 1.5, 0.85, 0.86), callbacks = list(set(), luz_callback_keep_best_model(mode = mode)), verbose = FALSE); cat(f$model$w$item(), "") }
                """) == "4 3 ")
    }

    @Test func `trees of values come back as they were`() throws {
        let tensor = try Tensor([1, 2, 3] as [Float], shape: [3])
        let value: Value = .named([
            ("a", .numbers([1.5, .nan, .na, .infinity, 0.1])), ("b", .ints([1, 2])),
            ("c", .strings(["x\"\n\u{1}", "ü"])),
            ("d", .flag(nil)), ("e", .items([.tensor(tensor), .null, .items([])])),
            ("f", Value.numbers([1, 2, 3, 4]).setting(Symbol.dim, .ints([2, 2]))),
        ])
        var code = TensorTree(leavingCode: true)
        let text = try code.encode(value, at: "root").text
        #expect(code.tensors.map { $0.name } == ["root.e.1"])
        let tensors = code.tensors
        let back = try TensorTree.decode(try JSON(text)) { name in
            try #require(tensors.first { $0.name == name }?.tensor)
        }
        var again = TensorTree(leavingCode: true)
        #expect(try again.encode(back, at: "root").text == text)
        #expect(TrainingContext.element(back, "f")?.dim == [2, 2])
    }

    @Test(arguments: [
        "", "{", "[1,", "{\"a\" 1}", "tru", "\"abc", "[1] x", "{\"a\":1e}", "\"\\ud800\"",
        String(repeating: "[", count: 5000),
    ])
    func `text that is no JSON is an error`(_ text: String) {
        #expect(throws: (any Error).self) { try JSON(text) }
    }
}
