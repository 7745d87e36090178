import Glibc
import TestSupport
import Testing

@testable import Diagnostics

/// Every path that saves, with every call of the system failed in turn: the old file stays, and one line says what failed.
@Suite(.serialized) struct FailedWritesTests {
    private static let setUp = """
        torch_manual_seed(1)
        net <- nn_module("net", initialize = function() self$fc <- nn_linear(2, 1), forward = function(x) self$fc(x)[, 1])
        x <- torch_randn(8, 2); data <- dataloader(tensor_dataset(x, x[, 1]), batch_size = 4)
        train <- function(...) invisible(net %>% setup(loss = nn_mse_loss(), optimizer = optim_adam) %>% fit(data, epochs = 2, verbose = FALSE, callbacks = list(...)))
        f <- train()
        """

    /// File, code that writes it, code that shows that it is whole.
    private static let paths: [(file: String, save: String, check: String)] = [
        ("a.rds", "saveRDS(list(1, \"a\"), \"a.rds\")", "identical(readRDS(\"a.rds\"), list(1, \"a\"))"),
        ("a.rda", "y <- 1:3; save(y, file = \"a.rda\")", "identical(load(\"a.rda\"), \"y\")"),
        ("a.pt", "torch_save(torch_ones(3), \"a.pt\")", "torch_load(\"a.pt\")$sum()$item() == 3"),
        ("l.pt", "torch_save(list(a = torch_ones(3), b = 1), \"l.pt\")", "torch_load(\"l.pt\")$b == 1"),
        ("f.luz", "luz_save(f, \"f.luz\")", "inherits(luz_load(\"f.luz\"), \"luz_module_fitted\")"),
        ("m.rds", "saveRDS(f$model, \"m.rds\")", "is_nn_module(readRDS(\"m.rds\"))"),
        ("s.wb", "save_session(\"s.wb\", quiet = TRUE)", "\"f\" %in% restore_session(\"s.wb\", quiet = TRUE)"),
        ("w.pt", "luz_save_model_weights(f, \"w.pt\")", "names(torch_load(\"w.pt\"))[1] == \"fc.weight\""),
        (
            "m.pt", "train(luz_callback_model_checkpoint(\"m.pt\", monitor = \"train_loss\"))",
            "torch_load(\"m.pt\")$epoch %in% 1:2"
        ),
        ("log.csv", "train(luz_callback_csv_logger(\"log.csv\"))", "nrow(read.csv(\"log.csv\")) %in% 1:2"),
        ("t.csv", "write.csv(data.frame(a = 1:3), \"t.csv\")", "nrow(read.csv(\"t.csv\")) == 3"),
        ("t.txt", "writeLines(c(\"a\", \"b\"), \"t.txt\")", "length(readLines(\"t.txt\")) == 2"),
        ("a.png", "png(\"a.png\"); plot(1:3); invisible(dev.off())", "file.size(\"a.png\") > 100"),
        ("a.svg", "svg(\"a.svg\"); plot(1:3); invisible(dev.off())", "any(grepl(\"</svg>\", readLines(\"a.svg\")))"),
        ("a.pdf", "pdf(\"a.pdf\"); plot(1:3); invisible(dev.off())", "file.size(\"a.pdf\") > 100"),
    ]

    private final class Calls: @unchecked Sendable {
        var seen = 0
    }

    @Test(arguments: paths)
    func `each call fails in turn`(_ file: String, _ save: String, _ check: String) {
        let session = TrainingSession(options: Self.setUp)
        let path = session.folder + "/" + file
        #expect(session.out(save) == "")
        #expect(session.out("cat(\(check))") == "TRUE", "\(file) as it is written")
        var failing = 1
        var wentWell = false
        while !wentWell, failing < 100 {
            let calls = Calls()
            let target = failing
            AtomicFile.fault = { _, at in
                guard at == path else { return nil }
                calls.seen += 1
                return calls.seen == target ? ENOSPC : nil
            }
            let error = session.run(save).error + session.run("if (!is.null(dev.list())) invisible(dev.off())").error
            AtomicFile.fault = nil
            wentWell = calls.seen < target
            if !wentWell {
                #expect(error.contains("No space left on device"), "call \(failing) of \(file): \(error)")
                #expect(error.contains(file), "call \(failing) of \(file): \(error)")
            }
            #expect(session.out("cat(\(check))") == "TRUE", "call \(failing) of \(file)")
            #expect(session.out("cat(list.files(\".\", \"workbench\", all.files = TRUE))") == "")
            failing += 1
        }
        #expect(failing > 5, "\(file) is written past the door: \(failing - 1) calls")
    }

    @Test func `a state that cannot be saved does not end the fit`() {
        let session = TrainingSession(options: Self.setUp)
        let path = session.folder + "/state.pt"
        AtomicFile.fault = { step, at in at == path && step == .write ? ENOSPC : nil }
        defer { AtomicFile.fault = nil }
        let result = session.run(
            "f <- train(luz_callback_auto_resume(\"state.pt\")); cat(length(f$records$metrics$train))")
        #expect(result.out == "2", "\(result.error)")
        #expect(
            result.error.contains(
                "The state of the fit is not saved: cannot write 'state.pt': No space left on device. Training goes on."
            ))
    }
}
