import TestSupport
import Testing

/// What `$clone(deep = TRUE)` and `fit()` of a fitted model copy.
@Suite struct CopiedModelTests {
    private static let setUp = """
        torch_manual_seed(1); x <- torch_randn(64, 3); data <- list(x, x[, 1:1])
        base <- nn_module("base", initialize = function() self$fc <- nn_linear(3, 1), forward = function(x) self$fc(x))
        plain <- nn_module("plain", inherit = base)
        above <- nn_module("above", inherit = base, forward = function(x) super$forward(x) + 0)
        held <- nn_module("held", initialize = function() { self$fc <- nn_linear(3, 1); self$head <- function(x) self$fc(x) }, forward = function(x) self$head(x))
        listed <- nn_module("listed", initialize = function() { self$fc <- nn_linear(3, 1); self$ls <- list(self$fc) }, forward = function(x) self$ls[[1]](x))
        native <- nn_module("native", inherit = nn_linear, initialize = function() super$initialize(3, 1))
        fit_it <- function(net, epochs, ...) net %>% setup(loss = nn_mse_loss(), optimizer = optim_adam) %>% set_opt_hparams(lr = 0.1) %>% fit(data, epochs = epochs, verbose = FALSE, ...)
        """

    @Test(arguments: ["plain", "above", "held", "listed", "native"])
    func `a fit goes on with the net's own weights, and the net before stays`(_ net: String) {
        #expect(
            TrainingSession(options: Self.setUp).out(
                """
                torch_manual_seed(2); whole <- fit_it(\(net), 5)
                torch_manual_seed(2); first <- fit_it(\(net), 2); before <- as.numeric(predict(first, x))
                more <- fit(first, epochs = 3, verbose = FALSE)
                cat(identical(get_metrics(more)$value, get_metrics(whole)$value), identical(as.numeric(predict(first, x)), before))
                """) == "TRUE TRUE")
    }

    @Test(arguments: [("plain", "k$fc"), ("above", "k$fc"), ("native", "k")])
    func `a deep clone computes with its own tensors`(_ net: String, _ layer: String) {
        #expect(
            TrainingSession(options: Self.setUp).out(
                """
                m <- \(net)(); k <- m$clone(deep = TRUE); before <- as.numeric(m(x))
                with_no_grad({ \(layer)$weight$zero_(); \(layer)$bias$zero_() }) -> z
                cat(sum(abs(as.numeric(k(x)))), identical(as.numeric(m(x)), before), ""); rm(m); g <- gc(); cat(length(as.numeric(k(x))))
                """) == "0 TRUE 64")
    }

    @Test func `environments, plain tensors and callbacks of the fit before stay as they are`() {
        #expect(
            TrainingSession(options: Self.setUp).out(
                """
                net <- nn_module("net", initialize = function() { self$fc <- nn_linear(3, 1); self$st <- new.env(); self$st$n <- 0; self$ema <- torch_zeros(1) },
                  forward = function(x) { if (self$training) { self$st$n <- self$st$n + 1; with_no_grad(self$ema$add_(1)) }; self$fc(x) + self$st$n + self$ema })
                slower <- luz_callback("slower", initialize = function() self$k <- 0, on_epoch_end = function() { self$k <- self$k + 1; ctx$optimizers$opt$param_groups[[1]]$lr <- 0.1 / self$k })
                first <- fit_it(net, 2, callbacks = list(slower())); before <- as.numeric(predict(first, x))
                again <- function() { torch_manual_seed(3); get_metrics(fit(first, epochs = 3, verbose = FALSE))$value }
                a <- again(); cat(identical(a, again()), identical(as.numeric(predict(first, x)), before))
                """) == "TRUE TRUE")
    }

    /// What the net was defined in is not copied: its variables are the user's.
    @Test func `the frame in which a net was defined is common to both`() {
        #expect(
            TrainingSession(options: Self.setUp).out(
                """
                make <- function() {
                  calls <- 0; big <- torch_zeros(10)
                  net <- nn_module("net", initialize = function() self$fc <- nn_linear(3, 1), forward = function(x) { calls <<- calls + 1; self$fc(x) })
                  first <- fit_it(net, 1); one <- calls
                  more <- fit(first, epochs = 2, verbose = FALSE)
                  c(one, calls)
                }
                cat(make())
                """) == "2 6")
    }

    @Test func `a model that a fit in the background works with is not half saved`() {
        let result = TrainingSession(options: Self.setUp).run(
            """
            f <- fit_it(plain, 1); luz_save(f, "best.luz"); size <- file.size("best.luz")
            job <- fit_async(f, epochs = 3, callbacks = list(luz_callback("slow", on_train_batch_end = function() Sys.sleep(0.05))()), verbose = FALSE)
            try(luz_save(f, "best.luz"), silent = TRUE); cat(geterrmessage()); try(saveRDS(f, "f.rds"), silent = TRUE)
            job$stop(); d <- job$wait(); cat(file.size("best.luz") == size, file.exists("f.rds"), is.null(luz_load("best.luz")$model))
            """)
        #expect(
            result.out == """
                Error in luz_save(f, "best.luz") : 
                  this <plain> belongs to fit 1, which works with it in the background
                TRUE FALSE FALSE
                """, "\(result.error)")
    }
}
