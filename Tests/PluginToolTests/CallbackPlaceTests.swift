import Glibc
import TestSupport
import Testing

/// Where an error in a callback of a plug-in is said to be.
@Suite struct CallbackPlaceTests {
    private static let plugin = """
        #' @version 0.2.0
        luz_callback_predicting <- luz_callback("predicting", on_predict_batch_begin = function() stop("boom"))
        luz_callback_keeping <- luz_callback("keeping", state_dict = function() stop("boom"), load_state_dict = function(s) 1)
        luz_callback_taking <- luz_callback("taking", state_dict = function() list(n = 1), load_state_dict = function(s) stop("boom"))
        luz_callback_endless <- luz_callback("endless", on_epoch_end = function() { f <- function(n) f(n + 1); f(1) })
        luz_callback_failing <- luz_callback("failing", on_epoch_end = function() stop("boom"))

        """

    private func errors(_ code: String) -> (output: String, errors: String) {
        let bench = PluginBench()
        mkdir(bench.folder + "/installed", 0o700)
        write(Self.plugin, to: bench.folder + "/installed/badcb.R")
        let run = bench.run(
            code: """
                library(torch); library(luz); library(badcb)
                x <- torch_randn(12, 2)
                net <- nn_module("net", initialize = function() self$fc <- nn_linear(2, 1), forward = function(x) self$fc(x)) %>%
                  setup(loss = nn_mse_loss(), optimizer = optim_sgd) %>% set_opt_hparams(lr = 0.01)
                run <- function(..., how = fit) how(net, list(x, x[, 1:1]), epochs = 2, verbose = FALSE, dataloader_options = list(batch_size = 4), callbacks = list(...))
                \(code)
                """)
        return (run.output, run.errors)
    }

    @Test func `predict has batches and no epochs`() {
        let said = errors("f <- run(); predict(f, x, callbacks = list(luz_callback_predicting()))").errors
        #expect(
            said.hasPrefix(
                """
                Error: Error while calling callback with class <predicting/LuzCallback/R6> at on_predict_batch_begin.
                  in batch 1
                Caused by error in `on_predict_batch_begin()`:
                ! boom

                """), "\(said)")
    }

    @Test func `a place is said once, and none of a state that is given back`() {
        let kept = errors("run(luz_callback_keeping(), luz_callback_auto_resume(path = tempfile()))").errors
        #expect(kept.ranges(of: "  in epoch 1, batch 3 of the training data\n").count == 1, "\(kept)")
        let given = errors(
            """
            p <- tempfile()
            halt <- luz_callback("halt", on_epoch_end = function() if (ctx$epoch == 2) stop("halt"))
            try(run(luz_callback_taking(), luz_callback_auto_resume(path = p), halt()), silent = TRUE)
            run(luz_callback_taking(), luz_callback_auto_resume(path = p))
            """
        ).errors
        #expect(given.contains("in load_state_dict().\nCaused by error"), "\(given)")
    }

    @Test func `a recursion without end names the plug-in`() {
        let said = errors("run(luz_callback_endless())").errors
        #expect(said.contains("! evaluation nested too deeply"), "\(said)")
        #expect(said.contains("/installed/badcb.R:5 (plug-in badcb 0.2.0)\n"), "\(said)")
    }

    @Test func `a fit in the background names the plug-in`() {
        let shown = errors("j <- run(luz_callback_failing(), how = fit_async); try(j$wait(), silent = TRUE); print(j)")
            .output
        #expect(shown.contains("on_epoch_end: boom (plug-in badcb 0.2.0)\n"), "\(shown)")
    }
}
