import Glibc
import TestSupport
import Testing

/// What was saved with a plug-in that is not there any more: it keeps its place, and everything else is usable.
@Suite(.serialized) struct AbsentPluginTests {
    private static let source = """
        #' @version 0.1.0

        #' A layer that scales
        nn_sup <- nn_module("nn_sup",
          initialize = function(by) self$w <- nn_parameter(torch_ones(1) * by),
          forward = function(x) x * self$w)
        twice <- function(x) 2 * x

        """

    private func bench() -> PluginBench {
        let bench = PluginBench()
        mkdir(bench.folder + "/installed", 0o700)
        write(Self.source, to: bench.folder + "/installed/sup.R")
        return bench
    }

    @Test func `a session without its plug-in is restored, saved again, and whole when the plug-in is back`() {
        let bench = bench()
        let file = bench.folder + "/run.wb"
        let saved = bench.run(
            code: """
                library(torch); library(sup)
                torch_manual_seed(1)
                net <- nn_sequential(nn_sup(3), nn_linear(2, 1)); plain <- 42; f <- twice; make <- nn_sup
                before <- as.numeric(net(torch_ones(1, 2)))
                save_session('\(file)', quiet = TRUE)
                """)
        #expect(saved.errors == "")
        rename(bench.folder + "/installed/sup.R", bench.folder + "/sup.away")
        let without = bench.run(
            code: """
                restore_session('\(file)')
                plain
                substr(capture.output(print(net))[4:5], 1, 70)
                net[[1]]
                make
                as.numeric(net[[1]]$w)
                for (call in expression(net(torch_ones(1, 2)), make(2), length(make))) tryCatch(eval(call), error = function(e) cat(conditionMessage(e), "\\n"))
                as.numeric(net[[2]](torch_ones(1, 2))$shape)
                net[[2]]$weight$requires_grad
                save_session('\(file)', quiet = TRUE)
                """)
        #expect(
            without.errors == """
                restored 5 variables: before <numeric> f <function> make <nn_sup>
                  net <nn_sequential> plain <numeric>
                note: plug-in sup 0.1.0 is not installed: what it made is kept as it was saved, and cannot be used

                """)
        #expect(
            without.output == """
                [1] 42
                [1] "• 0: <nn_sup> of plug-in sup 0.1.0, which is not installed #1 paramete"
                [2] "• 1: <nn_linear> #3 parameters"                                        
                <nn_sup> of plug-in sup 0.1.0, which is not installed
                <nn_sup> of plug-in sup 0.1.0, which is not installed
                [1] 3
                <nn_sup> cannot compute: plug-in sup 0.1.0 is not installed 
                <nn_sup> cannot be called: plug-in sup 0.1.0 is not installed 
                <nn_sup> cannot say its length: plug-in sup 0.1.0 is not installed 
                [1] 1 1
                [1] TRUE

                """)
        rename(bench.folder + "/sup.away", bench.folder + "/installed/sup.R")
        let back = bench.run(
            code: """
                restore_session('\(file)', quiet = TRUE)
                identical(before, as.numeric(net(torch_ones(1, 2))))
                f(4)
                as.numeric(make(5)(torch_ones(1)))
                """)
        #expect(back.errors == "")
        #expect(back.output == "[1] TRUE\n[1] 8\n[1] 5\n")
    }

    static let blocked: [([String], [String: String], String)] = [
        (["--block", "sup"], [:], ""), (["--block", "other,sup"], [:], ""), ([], ["WORKBENCH_BLOCK": "x,sup"], ""),
        ([], [:], "options(workbench.block = 'sup'); "),
    ]

    @Test(arguments: AbsentPluginTests.blocked)
    func `a blocked plug-in is the same`(_ options: [String], _ variables: [String: String], _ code: String) {
        let bench = bench()
        let file = bench.folder + "/net.rds"
        _ = bench.run(code: "library(torch); library(sup); saveRDS(nn_sequential(nn_sup(3)), '\(file)')")
        let run = bench.run(
            code: """
                \(code)library(torch)
                net <- readRDS('\(file)')
                tryCatch(net(torch_ones(1)), error = function(e) cat(conditionMessage(e), "\\n"))
                """, variables, options: options)
        #expect(
            run.errors.hasSuffix(
                "note: plug-in sup 0.1.0 is blocked: what it made is kept as it was saved, and cannot be used\n"),
            "\(run.errors)")
        #expect(run.output == "<nn_sup> cannot compute: plug-in sup 0.1.0 is blocked \n")
    }

    /// Things of a plug-in that are no modules, in a fitted model.
    @Test func `a fit whose metric and callback are of a plug-in that is not there keeps its model`() {
        let bench = bench()
        write(
            """
            luz_metric_own <- luz_metric("own", abbrev = "Own", initialize = function() self$n <- 0,
              update = function(preds, target) self$n <- self$n + 1, compute = function() self$n)
            luz_callback_own <- luz_callback("own", on_epoch_end = function() NULL)
            optim_own <- optimizer("own", initialize = function(params, lr = 0.1) super$initialize(params, list(lr = lr)),
              step = function(closure = NULL) private$step_helper(closure, function(group, param, g, p) param$sub_(group$lr * param$grad)))

            """, to: bench.folder + "/installed/extras.R")
        let file = bench.folder + "/fit.luz"
        let saved = bench.run(
            code: """
                library(torch); library(luz); library(extras)
                torch_manual_seed(1); x <- torch_randn(64, 2)
                net <- nn_module("net", initialize = function() self$fc <- nn_linear(2, 1), forward = function(x) self$fc(x)[, 1])
                fitted <- net %>% setup(loss = nn_mse_loss(), optimizer = optim_own, metrics = list(luz_metric_own())) %>%
                  fit(tensor_dataset(x, x[, 1]), epochs = 2, verbose = FALSE, callbacks = list(luz_callback_own()))
                sum(as.numeric(predict(fitted, x)))
                luz_save(fitted, '\(file)')
                """)
        #expect(saved.status == 0, "\(saved.errors)")
        let run = bench.run(
            code: """
                library(torch); library(luz)
                torch_manual_seed(1); x <- torch_randn(64, 2)
                fitted <- luz_load('\(file)')
                sum(as.numeric(fitted$model(x)))
                nrow(get_metrics(fitted))
                tryCatch(fit(fitted, epochs = 1), error = function(e) cat(conditionMessage(e), "\\n"))
                """, options: ["--block", "extras"])
        #expect(
            run.output == saved.output
                + "[1] 4\nfit() cannot go on with what setup() made: plug-in extras 0.0.0 is blocked \n",
            "\(run.errors)")
        #expect(
            run.errors.hasPrefix(
                "note: plug-in extras 0.0.0 is blocked: what it made is kept as it was saved, and cannot be used\n"),
            "\(run.errors)")
    }

    @Test func `a callback that is not there keeps its place in a fit, and what was attached its name`() {
        let bench = bench()
        write(
            """
            luz_callback_own <- luz_callback("own", initialize = function(by) self$by <- by,
              on_epoch_end = function() cat("own", self$by * ctx$epoch, "\\n"))
            five <- function() 5

            """, to: bench.folder + "/installed/extras.R")
        let (file, again) = (bench.folder + "/f.wb", bench.folder + "/again.wb")
        let saved = bench.run(
            code: """
                library(torch); library(luz); library(extras)
                x <- torch_randn(64, 2); other <- luz_callback("other", on_epoch_end = function() cat("other", ctx$epoch, "\n"))
                net <- nn_module("net", initialize = function() self$fc <- nn_linear(2, 1), forward = function(x) self$fc(x))
                f <- net %>% setup(loss = nn_mse_loss(), optimizer = optim_sgd) %>% set_opt_hparams(lr = 0.01) %>%
                  fit(tensor_dataset(x, x$sum(dim = 2, keepdim = TRUE)), epochs = 1, verbose = FALSE, callbacks = list(luz_callback_own(10), other()))
                save_session('\(file)', quiet = TRUE)
                """)
        #expect(saved.output == "own 10 \nother 1 \n", "\(saved.errors)")
        let without = bench.run(
            code: """
                restore_session('\(file)', quiet = TRUE)
                tryCatch(fit(f, epochs = 1, verbose = FALSE), error = function(e) cat(conditionMessage(e), "\n"))
                g <- fit(f, epochs = 1, verbose = FALSE, callbacks = list(other()))
                rm(g); save_session('\(again)', quiet = TRUE)
                """, options: ["--block", "extras"])
        #expect(
            without.output
                == "fit() cannot go on with the callback <luz_callback_own>: plug-in extras 0.0.0 is blocked \nother 2 \n",
            "\(without.errors)")
        #expect(!without.errors.contains("not as it was saved"), "\(without.errors)")
        let back = bench.run(
            code: """
                restore_session('\(again)', quiet = TRUE)
                f <- fit(f, epochs = 1, verbose = FALSE)
                five()
                """)
        #expect(back.output == "own 20 \nother 2 \n[1] 5\n", "\(back.errors)")
    }

    /// A scheduler written in R is nothing without its optimizer: both keep their place.
    @Test func `a scheduler on an optimizer that is not there is saved again, and whole when the plug-in is back`() {
        let bench = bench()
        write(
            """
            optim_own <- optimizer("own", initialize = function(params, lr = 0.1) super$initialize(params, list(lr = lr)),
              step = function(closure = NULL) private$step_helper(closure, function(group, param, g, p) param$sub_(group$lr * param$grad)))

            """, to: bench.folder + "/installed/extras.R")
        let (file, again) = (bench.folder + "/s.wb", bench.folder + "/again.wb")
        _ = bench.run(
            code: """
                library(torch); library(extras)
                mine <- lr_scheduler("mine", initialize = function(optimizer) { self$z <- 1; super$initialize(optimizer) },
                  get_lr = function() { self$z <- self$z * 0.5; sapply(self$base_lrs, function(r) r * self$z) })
                opt <- optim_own(list(torch_tensor(1, requires_grad = TRUE)), lr = 0.1); sch <- mine(opt); x <- 1:3
                save_session('\(file)', quiet = TRUE)
                """)
        let without = bench.run(
            code: "restore_session('\(file)'); sch; x; save_session('\(again)', quiet = TRUE)",
            options: ["--block", "extras"])
        #expect(
            without.output == """
                <mine> of plug-in extras 0.0.0, which is blocked
                [1] 1 2 3

                """, "\(without.errors)")
        #expect(!without.errors.contains("not saved"), "\(without.errors)")
        let back = bench.run(
            code: """
                restore_session('\(again)', quiet = TRUE); sch$step(); opt$param_groups[[1]]$lr; x
                """)
        #expect(back.output == "[1] 0.025\n[1] 1 2 3\n", "\(back.errors)")
    }

    @Test func `of two plug-ins that are not there each thing names its own`() {
        let bench = bench()
        write(
            """
            luz_metric_own <- luz::luz_metric("own", abbrev = "Own", initialize = function() self$n <- 0,
              update = function(preds, target) self$n <- self$n + 1, compute = function() self$n)

            """, to: bench.folder + "/installed/extras.R")
        let file = bench.folder + "/two.wb"
        _ = bench.run(
            code: """
                library(torch); library(luz); library(sup); library(extras)
                a <- nn_sup(2); b <- luz_metric_own()$new(); d <- nn_sup(2); save_session('\(file)', quiet = TRUE)
                """)
        let run = bench.run(
            code: "restore_session('\(file)', quiet = TRUE); d; b", options: ["--block", "sup,extras"])
        #expect(
            run.output == """
                <nn_sup> of plug-in sup 0.1.0, which is blocked
                <luz_metric_own> of plug-in extras 0.0.0, which is blocked

                """, "\(run.errors)")
    }

    @Test func `after a trap, --block and recover_fit() together return the fit`() throws {
        let bench = try BrokenPlugin.installed()
        let fit = """
            library(torch)
            library(luz)
            library(broken)
            net <- nn_module("net",
              initialize = function() { self$odd <- nn_broken(); self$fc <- nn_linear(2, 1) },
              forward = function(x) self$fc(self$odd(x)))
            x <- torch_randn(128, 2)
            # The third epoch ends with a whole batch of 128.
            late <- luz_callback("late", on_epoch_begin = function() if (ctx$epoch == 3) ctx$model$odd(torch_ones(128, 2)))
            fitted <- setup(net, loss = nn_mse_loss(), optimizer = optim_sgd) %>% set_opt_hparams(lr = 0.1) %>%
              fit(tensor_dataset(x, x$sum(dim = 2, keepdim = TRUE)), epochs = 4, verbose = FALSE, callbacks = list(late()),
                dataloader_options = list(batch_size = 64))
            """
        let run = bench.run(code: fit, ["BROKEN": "late"])
        #expect(run.status > 128, "\(run.errors)")
        #expect(
            run.errors.hasSuffix(
                "workbench: compiled code trapped (SIGILL); loaded: plug-in broken 0.1.0. The next start says how to leave it out, and which fit recover_fit() returns\n"
            ), "\(run.errors)")
        let next = bench.run(
            code: """
                fitted <- recover_fit()
                nrow(luz::get_metrics(fitted)) >= 1
                class(fitted$model$odd)[1]
                as.numeric(fitted$model$odd$weight) != 0
                """, options: ["--block", "broken"])
        #expect(next.output == "[1] TRUE\n[1] \"nn_broken\"\n[1] TRUE\n", "\(next.errors)")
        #expect(
            next.errors.contains(
                "note: plug-in broken 0.1.0 is blocked: what it made is kept as it was saved, and cannot be used\n"),
            "\(next.errors)")
    }
}
