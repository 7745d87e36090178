import PluginAPI
import TestSupport
import Testing

@testable import FitStates

/// Files of every version of every format open for ever: Tests/Fixtures/versions keeps one of each
/// (scripts/fixtures/versions.R).
@Suite struct SavedVersionTests {
    private static let folder = packageRoot + "/Tests/Fixtures/versions"

    /// A new version comes with a file of its own.
    @Test func `there is a file of each version`() {
        let there = entries(of: Self.folder)
        var wanted = ["list-1.pt", "list-2.pt", "state-1.pt", "state-2.pt"]
        for version in 1...Checkpoint.version { wanted.append("checkpoint-\(version).pt") }
        for version in 1...SnapshotFile.version {
            wanted += ["workspace-\(version).wb", "fitted-\(version).luz", "object-\(version).rds"]
        }
        #expect(there == wanted.sorted())
    }

    private static let files: [(name: String, code: String, out: String)] = [
        (
            "workspace-1.wb",
            """
            restore_session(FILE, quiet = TRUE)
            cat(numbers, counter(), as.numeric(view), "\\n")
            view$zero_(); cat(as.numeric(x), "\\n")
            layer(x)$sum()$backward(); optimizer$step()
            cat(round(as.numeric(layer$weight), 4), round(as.numeric(layer$bias), 4), optimizer$param_groups[[1]]$lr, "\\n")
            cat(names(net(width = 1L)$parameters), runif(1), as.numeric(torch_rand(1)))
            """,
            "1.5 NA -Inf 42 2 3 6 8 \n1 0 0 4 5 0 0 7 \n0.2511 -2.2491 0.0044 0.125 \nfc.weight fc.bias norm.weight norm.bias 0.1680415 0.4549863"
        ),
        (
            "fitted-1.luz",
            """
            f <- luz_load(FILE); cat(nrow(get_metrics(f)), dim(f$model$fc$weight), round(get_metrics(f)$value, 4), "\\n")
            p <- predict(f, torch_tensor(matrix(c(1, 2, 3, 4, 5, 6, 8, 7), 4)), verbose = FALSE); cat(round(as.numeric(p), 4))
            """, "2 3 2 7.1064 6.8854 \n-1.3084 -1.6587 -2.4378 -1.9305"
        ),
        (
            "object-1.rds",
            "o <- readRDS(FILE); cat(o$note, as.numeric(o$layer(torch_tensor(matrix(c(2, 1), 1)))))", "a layer -0.75"
        ),
        (
            "checkpoint-1.pt",
            "s <- torch_load(FILE); cat(s$epoch, names(s), names(s$model)[1], length(s$records$metrics$train))",
            "2 epoch records model optimizers callbacks fc.weight 2"
        ),
        (
            "checkpoint-2.pt",
            """
            s <- torch_load(FILE); cat(s$epoch, names(s$model)[1], length(s$records$metrics$train), s$optimizers$opt$param_groups[[1]]$lr, "\\n")
            n <- nn_module("net", initialize = function() { self$fc <- nn_linear(2, 3); self$norm <- nn_batch_norm1d(3) }, forward = function(x) self$norm(self$fc(x))[, 1])
            x <- torch_tensor(matrix(c(1, 2, 3, 4, 5, 6, 8, 7), 4)); d <- dataloader(tensor_dataset(x, x[, 1]), batch_size = 2)
            f <- fit(n %>% setup(nn_mse_loss(), optim_adam) %>% set_opt_hparams(lr = 0.1), d, epochs = 3, verbose = FALSE,
              callbacks = list(luz_callback_lr_scheduler(lr_step, step_size = 1, gamma = 0.5),
                luz_callback_resume_from_checkpoint(FILE, restore_records = TRUE, restore_optimizer_state = TRUE, restore_callbacks_state = TRUE)))
            cat(nrow(get_metrics(f)))
            """, "2 fc.weight 2 0.025 \n3"
        ),
        ("state-1.pt", "s <- torch_load(FILE); cat(names(s), as.numeric(s$weight), as.numeric(s$bias))", state),
        ("state-2.pt", "s <- torch_load(FILE); cat(names(s), as.numeric(s$weight), as.numeric(s$bias))", state),
        ("list-1.pt", list, "weights note rest 1 2.5 ü TRUE torch_Bool"),
        ("list-2.pt", list, "weights note rest 1 2.5 ü TRUE torch_Bool"),
    ]

    private static let state = "weight bias 0.5 -2 0.25"
    private static let list =
        "l <- torch_load(FILE); cat(names(l), as.numeric(l$weights), l$note, identical(l$rest[[1]], 3L), format(l$rest[[2]]$dtype))"

    @Test(arguments: files)
    func `a file of an earlier version opens`(_ name: String, _ code: String, _ out: String) {
        let run = runProgram(
            "library(torch); library(luz); FILE <- '\(Self.folder)/\(name)'\ninvisible({\n\(code)\n})")
        #expect(run.status == 0, "\(run.error)")
        #expect(run.out.hasPrefix(out), "\(run.out)")
    }
}
