import TestSupport
import Testing

/// What the checks make of the state of optimizers and schedulers, and of the place they are called from.
@Suite struct StateCheckTests {
    private func message(_ code: String) -> String {
        runProgram(
            """
            library(torch); library(luz)
            tryCatch({ \(code) }, error = function(e) cat(conditionMessage(e), "\\n", sep = ""))
            """
        ).out
    }

    /// An optimizer that moves by the mean of the last gradients and remembers `entry` besides.
    private static func averaging(_ entry: String = "0") -> String {
        """
        averaging <- optimizer("averaging", initialize = function(params, lr = 0.05) super$initialize(params, list(lr = lr)),
          step = function(closure = NULL) private$step_helper(closure, function(group, param, g, p) {
            s <- self$state$get(param)
            h <- c(s$h, list(param$grad$clone()))
            if (length(h) > 3) h <- h[-1]
            param$add_(Reduce(`+`, h) / length(h), alpha = -group$lr)
            self$state$set(param, list(h = h, more = \(entry)))
          }))

        """
    }

    @Test func `an optimizer may remember lists, which checkpoints hold`() {
        let passed = message(Self.averaging("list(a = 'x', n = 1:2)") + "check_optimizer(averaging)")
        #expect(passed.contains("averaging: a sum of squares goes from 10 to "), "\(passed)")
        // A fit that goes on from a checkpoint does the same steps.
        let goesOn = message(
            Self.averaging() + """
                net <- nn_module("net", initialize = function() self$l <- nn_linear(2, 1), forward = function(x) self$l(x))
                run <- function(stopping, path) {
                  torch_manual_seed(1); x <- torch_randn(12, 2)
                  halt <- luz_callback("halt", on_epoch_end = function() if (ctx$epoch == stopping) stop("halt"))
                  tryCatch(as.numeric(fit(setup(net, loss = nn_mse_loss(), optimizer = averaging), list(x, x[, 1:1]), epochs = 5, verbose = FALSE,
                    dataloader_options = list(batch_size = 4, shuffle = FALSE), callbacks = list(luz_callback_auto_resume(path = path), halt()))$model$l$weight),
                    error = function(e) NULL)
                }
                path <- tempfile()
                whole <- run(99, tempfile()); run(3, path)
                identical(whole, suppressMessages(run(99, path)))
                """)
        #expect(goesOn.hasSuffix("[1] TRUE\n"), "\(goesOn)")
    }

    @Test func `what an optimizer remembers and checkpoints cannot hold is named`() {
        let refused = message(Self.averaging("list(a = list(new.env()))") + "check_optimizer(averaging)")
        #expect(
            refused
                == "averaging: it remembers `more$a$1`, which is nothing that checkpoints hold: they hold tensors, numbers, texts and lists of them\n"
        )
        #expect(
            message(Self.averaging("new.env()") + "check_optimizer(averaging)").hasPrefix(
                "averaging: it remembers `more` of type 'environment', which is nothing"))
    }

    @Test func `one step is enough for an optimizer that moves`() {
        #expect(
            message("check_optimizer(optim_adam, steps = 1)").hasPrefix(
                "optim_adam: a sum of squares goes from 10 to 9.98 in 1 step\n"),
            "\(message("check_optimizer(optim_adam, steps = 1)"))")
        #expect(
            message("check_optimizer(function(params) optim_sgd(params, lr = 3), steps = 1)").hasSuffix(
                ": 1 step brings a sum of squares from 10 to 250: it must go down\n"))
    }

    @Test func `a scheduler may move a tensor in place`() {
        let run = message(
            """
            falling <- lr_scheduler("falling", initialize = function(optimizer) { self$t <- torch_zeros(1); super$initialize(optimizer) },
              get_lr = function() { self$t$add_(1); sapply(self$base_lrs, function(r) r / as.numeric(self$t)) })
            check_scheduler(falling)
            """)
        #expect(run.hasSuffix("  goes on from its state\n"), "\(run)")
    }

    /// Lowers the rate when a metric has not become better, without `super$initialize()`.
    private static let plateau = """
        plateau <- lr_scheduler("plateau", initialize = function(optimizer, patience = 1) {
            self$optimizer <- optimizer; self$best <- Inf; self$bad <- 0; self$patience <- patience
          }, step = function(metrics) {
            if (metrics < self$best) { self$best <- metrics; self$bad <- 0 } else self$bad <- self$bad + 1
            if (self$bad > self$patience) for (i in seq_along(self$optimizer$param_groups))
              self$optimizer$param_groups[[i]]$lr <- self$optimizer$param_groups[[i]]$lr * 0.1
          })

        """

    @Test func `a scheduler may set its optimizer itself`() {
        let run = message(
            Self.plateau + """
                check_scheduler(plateau)
                opt <- optim_sgd(list(torch_zeros(1, requires_grad = TRUE)), lr = 1)
                s <- plateau(opt)
                for (i in 1:3) s$step(1)
                c(opt$param_groups[[1]]$lr, identical(s$optimizer, opt))
                """)
        #expect(run.hasSuffix("  goes on from its state\n[1] 0.1 1.0\n"), "\(run)")
        let own = message(
            """
            halving <- lr_scheduler("halving", initialize = function(optimizer) self$optimizer <- optimizer,
              step = function() for (i in seq_along(self$optimizer$param_groups))
                self$optimizer$param_groups[[i]]$lr <- self$optimizer$param_groups[[i]]$lr / 2)
            check_scheduler(halving, steps = 3)
            """)
        #expect(
            own.hasPrefix("halving: rates of the first group: 0.1 at first, 0.0125 to 0.1, 0.0125 after 3"), "\(own)")
    }

    @Test func `checks record gradients wherever they are called`() {
        let checks = """
            check_layer(nn_linear(3, 3), torch_randn(2, 3)); check_optimizer(optim_adam)
            check_callback(luz_callback('a', on_epoch_end = function() 1))
            """
        let run = message(
            "with_no_grad({ \(checks); cat(torch_ones(1, requires_grad = TRUE)$mul(2)$requires_grad, '\\n') })")
        #expect(run.contains("gradients of the input and 2 parameters agree with differences\n"), "\(run)")
        #expect(run.contains("optim_adam: a sum of squares goes from 10"), "\(run)")
        #expect(run.contains("  listens to on_epoch_end\nFALSE \n"), "\(run)")
        let hook = message(
            "check_callback(luz_callback('n', on_epoch_end = function() check_layer(nn_linear(2, 2), torch_randn(2, 2))))"
        )
        #expect(hook.hasSuffix("  listens to on_epoch_end\n"), "\(hook)")
        // Code that the layer itself runs without gradients stays so.
        #expect(
            message(
                "with_no_grad(check_layer(nn_module('n', initialize = function() self$w <- nn_parameter(torch_ones(3)), forward = function(x) x + with_no_grad(x * self$w))(), torch_randn(2, 3)))"
            ).contains("is wrong"))
    }

    private static func counting(_ state: String) -> String {
        "check_callback(luz_callback('n', initialize = function() self$n <- 0, on_epoch_end = function() self$n <- self$n + 1, \(state)))"
    }

    @Test(arguments: [
        ("state_dict = function() list(n = self$n), load_state_dict = function(s) self$m <- s$n", "n = 0", "n = 2"),
        ("state_dict = function() list(n = self$n)", "n = 0", "n = 2"),
        (
            "state_dict = function() list(a = 1, of = list(t = torch_tensor(c(1, self$n)))), load_state_dict = function(s) NULL",
            "of$t[2] = 0", "of$t[2] = 2"
        ),
        ("state_dict = function() self$n, load_state_dict = function(s) self$n <- s + 1", "3", "2"),
    ])
    func `a callback that loses its state is refused`(_ state: String, _ found: String, _ taken: String) {
        let run = message(
            "tryCatch(\(Self.counting(state)), error = function(e) cat(conditionMessage(e), '\\n', sep = ''))")
        #expect(run.hasSuffix(": state_dict() gives \(found) after load_state_dict() took \(taken)\n"), "\(run)")
    }

    @Test(arguments: [
        "state_dict = function() list(n = self$n), load_state_dict = function(s) self$n <- as.integer(s$n)",
        "state_dict = function() list(n = self$n, at = as.numeric(Sys.time())), load_state_dict = function(s) self$n <- s$n",
        "on_fit_begin = function() self$n <- 0, state_dict = function() list(n = self$n), load_state_dict = function(s) { stopifnot(s$n == 2); self$n <- s$n }",
    ])
    func `a callback that takes its state passes`(_ state: String) {
        let run = message(Self.counting(state))
        #expect(run.hasSuffix("on_epoch_end\n"), "\(run)")
    }

    @Test func `a load_state_dict() that nothing is given to is mentioned`() {
        let run = message(Self.counting("load_state_dict = function(s) self$n <- s$n"))
        #expect(
            run.hasSuffix(
                "  warning: load_state_dict() is never called: there is no state_dict() that gives something to take\n"),
            "\(run)")
    }
}
