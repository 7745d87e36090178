import TestSupport
import Testing

/// What a check leaves behind: nothing.
@Suite struct CheckTraceTests {
    private func output(_ code: String) -> String {
        let run = runProgram("library(torch); library(luz)\n" + code)
        return run.out + run.error
    }

    /// A layer that moves a tensor, a tensor in a list, and an environment in training mode, and computes with them.
    private static func moving(_ weight: String) -> String {
        """
        m <- nn_module("m", initialize = function() {
            self$t <- torch_ones(3); self$l <- list(t = torch_ones(3), n = 0); self$e <- new.env(); self$e$n <- 1
            self$w <- nn_parameter(torch_ones(3))
          }, forward = function(x) {
            y <- x * \(weight) * self$t$clone() * self$l$t$clone() * self$e$n
            if (self$training) {
              with_no_grad({ self$t$mul_(1.1); self$l$t$mul_(1.1) })
              self$e$n <- self$e$n * 1.1; self$e$more <- 1; self$l$n <- self$l$n + 1
            }
            y
          })()

        """
    }

    @Test func `what the fields of a layer refer to is as before`() {
        let run = output(
            Self.moving("self$w") + """
                invisible(capture.output(check_layer(m, torch_randn(4, 3))))
                c(as.numeric(m$t), as.numeric(m$l$t), m$l$n, m$e$n, length(ls(m$e)))
                """)
        #expect(run == "[1] 1 1 1 1 1 1 0 1 1\n", "\(run)")
    }

    @Test func `what the fields of a layer refer to belongs to no gradient`() {
        let right = output(Self.moving("self$w") + "check_layer(m, torch_randn(4, 3))")
        #expect(right.hasSuffix("  gradients of the input and 1 parameter agree with differences\n"), "\(right)")
        let wrong = output(
            Self.moving("(if (self$training) self$w$detach() else self$w)") + "check_layer(m, torch_randn(4, 3))")
        #expect(wrong.contains("the gradient of parameter `w` is wrong"), "\(wrong)")
    }

    @Test func `what moves and cannot be put back is said not to be judged`() {
        let run = output(
            """
            k <- 1
            m <- nn_module("m", initialize = function() self$w <- nn_parameter(torch_ones(3)),
              forward = function(x) { if (self$training) k <<- k * 1.1; x * self$w * k })()
            check_layer(m, torch_randn(4, 3))
            """)
        #expect(
            run.hasSuffix(
                "  warning: gradients could not be judged: forward gives something else each time for the same input, so that there are no differences (it changes what no field of the layer holds)\n"
            ), "\(run)")
    }

    @Test func `a data set in a field of a callback is as before`() {
        let run = output(
            """
            counted <- dataset("counted", initialize = function() self$n <- 0,
              .getitem = function(i) { self$n <- self$n + 1; torch_zeros(1) }, .length = function() 3)
            cb <- luz_callback("reader", initialize = function(ds) self$ds <- ds, on_epoch_end = function() self$ds[1])(counted())
            invisible(capture.output(check_callback(cb)))
            cb$ds$n
            """)
        #expect(run == "[1] 0\n", "\(run)")
    }

    @Test func `the last fit is still that of the session`() {
        let run = output(
            """
            x <- torch_randn(12, 2)
            f <- nn_module("mine", initialize = function() self$fc <- nn_linear(2, 1), forward = function(x) self$fc(x)) %>%
              setup(loss = nn_mse_loss(), optimizer = optim_sgd) %>% set_opt_hparams(lr = 0.01) %>%
              fit(list(x, x[, 1:1]), epochs = 3, verbose = FALSE, dataloader_options = list(batch_size = 4))
            invisible(capture.output(check_callback(luz_callback("z", on_epoch_end = function() NULL)())))
            cat(nrow(get_metrics(last_fit())), class(last_fit()$model)[1], "\\n")
            """)
        #expect(run == "3 mine \n", "\(run)")
    }
}
