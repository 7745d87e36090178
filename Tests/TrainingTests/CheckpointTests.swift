import PluginAPI
import Tensors
import TestSupport
import Testing

@testable import Callbacks

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
            file.tensors.map { $0.name } == [
                "model.fc.weight", "model.fc.bias", "model.bn.weight", "model.bn.bias", "model.bn.running_mean",
                "model.bn.running_var", "model.bn.num_batches_tracked", "optimizers.opt.state.fc.weight.exp_avg",
                "optimizers.opt.state.fc.weight.exp_avg_sq", "optimizers.opt.state.fc.bias.exp_avg",
                "optimizers.opt.state.fc.bias.exp_avg_sq", "optimizers.opt.state.bn.weight.exp_avg",
                "optimizers.opt.state.bn.weight.exp_avg_sq", "optimizers.opt.state.bn.bias.exp_avg",
                "optimizers.opt.state.bn.bias.exp_avg_sq",
            ])
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
    @Test func `records and callbacks come back when asked for`() {
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
                cat(e$current_best, e$patience_counter, "")
                tryCatch(fit_losses(5, callbacks = list(e, r(restore_callbacks_state = TRUE), see()), verbose = FALSE), error = function(x) cat(conditionMessage(x$parent)))
                """) == "1 1 Objects must have the same length.")
    }

    @Test func `a missing checkpoint is a warning, a broken file an error`() {
        let session = TrainingSession(options: TrainingSession.scripted)
        func resume(_ path: String) -> String {
            session.run(
                "invisible(fit_losses(1, callbacks = list(luz_callback_resume_from_checkpoint(\"\(path)\")), verbose = FALSE))"
            ).error
        }
        #expect(resume("nowhere").contains("The checkpoint path does not exist."))
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
