import PluginAPI
import Session
import TestSupport

/// A session with torch and luz attached, in a folder of its own.
final class TrainingSession {
    let folder = makeTemporaryFolder()
    private let output = CapturedOutput()
    private let session: Session

    init(options: String = "") {
        session = makeSession(capturing: output, workingDirectory: folder)
        _ = run("library(torch); library(luz)\n" + options)
    }

    var context: Context { session.context }

    /// What code prints on standard output and on standard error.
    func run(_ code: String) -> (out: String, error: String) {
        let before = output.take()
        let session = session
        _ = session.onDeepStack(stackBytes: 64 << 20) { session.run(code) }
        let after = output.take()
        return (before.out + after.out, before.error + after.error)
    }

    /// Standard output of code that must not fail.
    func out(_ code: String) -> String {
        let result = run(code)
        return result.error.contains("Error") ? result.out + result.error : result.out
    }

    /// A net whose losses are given: `fit_losses(train, valid, callbacks = list(), epochs = length(train))`.
    static let scripted = """
        data <- dataloader(tensor_dataset(torch_ones(8, 2), torch_zeros(8)), batch_size = 4)
        fit_losses <- function(train, valid = train, callbacks = list(), epochs = length(train), verbose = TRUE, use_valid = TRUE, metrics = NULL) {
          net <- nn_module("scripted", initialize = function() self$w <- nn_parameter(torch_zeros(1)),
            forward = function(x) x[, 1] * self$w,
            loss = function(input, target) if (ctx$training) (input * 0)$sum() + self$w$sum() * 0 + train[ctx$epoch] else (input * 0)$sum() + valid[ctx$epoch])
          net %>% setup(optimizer = optim_sgd, metrics = metrics) %>% set_opt_hparams(lr = 0.1) %>%
            fit(data, epochs = epochs, valid_data = if (use_valid) data else NULL, callbacks = callbacks, verbose = verbose)
        }
        """
}
