import TestSupport
import Testing

/// What breaks a contract without an error of its own: each check names it.
@Suite struct ContractCheckTests {
    private func message(_ code: String) -> String {
        runProgram(
            """
            library(torch); library(torchvision); library(luz)
            tryCatch(\(code), error = function(e) cat(conditionMessage(e), "\\n", sep = ""))
            """
        ).out
    }

    private static func scheduler(_ rates: String) -> String {
        "check_scheduler(lr_scheduler('s', initialize = function(optimizer) super$initialize(optimizer), get_lr = function() \(rates)))"
    }

    private static func metric(_ compute: String) -> String {
        "check_metric(luz_metric('m', abbrev = 'M', initialize = function() self$n <- 0, update = function(preds, target) self$n <- self$n + 1, compute = function() \(compute)))"
    }

    private static func optimizer(_ step: String) -> String {
        "check_optimizer(optimizer('o', initialize = function(params, lr = 0.05) super$initialize(params, list(lr = lr)), step = function(closure = NULL) private$step_helper(closure, function(group, param, g, p) \(step))))"
    }

    private static let schedulerName = "lr_scheduler(\"s\", initialize = function(optimizer) super$…: "
    private static let metricName = "luz_metric(\"m\", abbrev = \"M\", initialize = function() sel…: "
    private static let optimizerName = "optimizer(\"o\", initialize = function(params, lr = 0.05) s…: "

    static let wrong: [(String, String)] = [
        (scheduler("0.1"), schedulerName + "s gives 1 rate (0.1) for the 2 groups of the optimizer"),
        (
            scheduler("c(.1, .1, .1)"),
            schedulerName + "s gives 3 rates (0.1, 0.1, 0.1) for the 2 groups of the optimizer"
        ),
        (scheduler("NULL"), schedulerName + "s gives 0 rates for the 2 groups of the optimizer"),
        (
            scheduler("c('0.1', '0.2')"),
            schedulerName + "get_lr() of a scheduler must give numbers, not c(\"0.1\", \"0.2\")"
        ),
        (
            metric("{ r <- self$n; self$n <- 0; r }"),
            metricName + "compute() changes what it counts: 1, and 0 when it is asked again"
        ),
        (
            metric("{ self$n <- self$n + 1; self$n }"),
            metricName + "compute() changes what it counts: 2, and 3 when it is asked again"
        ),
        (
            metric("{ r <- self$n; self$n <- 10; if (r < 10) 1 else r }"),
            metricName + "compute() changes what it counts: 1, and 10 when it is asked again"
        ),
        (
            optimizer("if (p == 1) param$add_(param$grad, alpha = -group$lr)"),
            optimizerName + "the second of two tensors with gradients was never moved"
        ),
        (
            optimizer("param[1]$add_(param$grad[1], alpha = -group$lr)"),
            optimizerName
                + "of the first of two tensors with gradients, of shape [3, 2], 4 elements were never moved: the first is number 3"
        ),
        (
            optimizer("param$add_(param$grad, alpha = -0.1)"),
            optimizerName + "steps do not depend on the rate of the group: schedulers could not change it"
        ),
        (
            optimizer("param$add_(param$grad, alpha = -self$param_groups[[1]]$lr)"),
            optimizerName + "of two groups the second is not moved by its own rate"
        ),
        (
            optimizer("if (g == 1) param$add_(param$grad, alpha = -group$lr)"),
            optimizerName + "of two groups the second is not moved by its own rate"
        ),
        (
            "{ kept <- list(); "
                + optimizer(
                    "{ k <- paste(g, p); m <- param$grad + if (is.null(kept[[k]])) 0 else 0.9 * kept[[k]]; kept[[k]] <<- m; param$add_(m, alpha = -group$lr) }"
                ) + " }",
            optimizerName + "with its state taken over after 3 steps, step 4 leads to 1.413 instead of 1.957"
        ),
        ("check_transform(function(i) 3)", "function(i) 3: the result is 1 number without dim, not an image"),
        (
            "check_transform(function(i) c(1, 2))",
            "function(i) c(1, 2): the result is 2 numbers without dim, not an image"
        ),
        (
            "check_transform(function(i) i$sum())",
            "function(i) i$sum(): the result is a tensor without sizes, not an image"
        ),
        (
            "check_transform(function(i) { torch_manual_seed(1); i + torch_randn_like(i) })",
            "function(i) {     torch_manual_seed(1)     i + torch_rand…: it sets the seed of torch_manual_seed(): every image would get the same numbers"
        ),
        (
            "check_transform(function(i) { set.seed(1); i + runif(1) })",
            "function(i) {     set.seed(1)     i + runif(1) }: it sets the seed of set.seed(): every image would get the same numbers"
        ),
        (
            "check_callback(luz_callback('a', on_epoch_end = 3))",
            "luz_callback(\"a\", on_epoch_end = 3): `on_epoch_end` is a value of type 'double', not a function: it would never be called"
        ),
        (
            "check_callback(luz_callback('a', onEpochEnd = function() 1))",
            "luz_callback(\"a\", onEpochEnd = function() 1): `onEpochEnd` is no hook: it would never be called"
        ),
        (
            "check_callback(luz_callback('a', on_epoch_end = function() 1, state_dict = function() stop('sd')))",
            "luz_callback(\"a\", on_epoch_end = function() 1, state_dict…: its state_dict() fails after a fit: sd"
        ),
        (
            "check_callback(luz_callback('a', state_dict = function() list(best = list(f = function() 1)), load_state_dict = function(s) 1))",
            "luz_callback(\"a\", state_dict = function() list(best = lis…: `best$f` in its state_dict() is nothing that checkpoints hold: they hold tensors, numbers, texts and lists of them"
        ),
        (
            "check_callback(luz_callback('a', state_dict = function() 5, load_state_dict = function(s) stop('no')))",
            "luz_callback(\"a\", state_dict = function() 5, load_state_d…: its load_state_dict() fails with what its state_dict() gave: no"
        ),
    ]

    @Test(arguments: ContractCheckTests.wrong)
    func `what breaks a contract quietly is said`(_ code: String, _ expected: String) {
        #expect(message(code) == expected + "\n", "\(code)")
    }

    @Test func `a rate too few in use is one error with the numbers`() {
        let run = runProgram(
            """
            library(torch)
            w <- function() list(torch_zeros(1, requires_grad = TRUE))
            opt <- optim_sgd(list(list(params = w(), lr = 0.1), list(params = w(), lr = 0.2)), lr = 0.1)
            half <- lr_scheduler("half", initialize = function(optimizer) super$initialize(optimizer),
              get_lr = function() if (self$last_epoch == 0) unlist(self$base_lrs) else 0.05)
            s <- half(opt)
            s$step()
            """)
        #expect(
            run.error.hasPrefix("Error in s$step() : \n  half gives 1 rate (0.05) for the 2 groups of the optimizer\n"),
            "\(run.error)")
    }

    @Test func `an optimizer that needs its closure gets one`() {
        let run = message(
            """
            {
            sam <- optimizer("sam", initialize = function(params, lr = 0.05) super$initialize(params, list(lr = lr)),
              step = function(closure) {
                loss <- with_enable_grad(closure())
                private$step_helper(NULL, function(group, param, g, p) param$add_(param$grad, alpha = -group$lr))
                loss
              })
            check_optimizer(sam)
            }
            """)
        #expect(run.contains("both tensors are moved, by the rate of their group"), "\(run)")
    }

    @Test func `warnings of batches that a metric does not take are dropped, and those it gives are not`() {
        func errors(_ update: String) -> String {
            runProgram(
                """
                library(torch); library(luz); options(warn = 1)
                check_metric(luz_metric("m", abbrev = "M", initialize = function() self$n <- 0,
                  update = function(preds, target) { \(update) }, compute = function() self$n))
                """
            ).error
        }
        let dropped = "if (length(dim(preds)) == 2) { warning('odd'); stop('no scores') }; self$n <- self$n + 1"
        #expect(errors(dropped) == "")
        let kept = errors("warning('odd'); self$n <- self$n + 1")
        #expect(kept.split(separator: "\n").count == 2, "\(kept)")
    }

    @Test func `a metric that is not a number is mentioned`() {
        #expect(
            message(Self.metric("0 / 0")).hasSuffix(
                "  warning: what it computes of two usual batches is not a number (0 / 0?)\n"))
    }

    @Test func `hooks of a prediction are tried, and what is not is said`() {
        let failing = message("check_callback(luz_callback('p', on_predict_batch_end = function() stop('boom')))")
        #expect(failing.contains("at on_predict_batch_end"), "\(failing)")
        let run = message(
            "check_callback(luz_callback('p', on_predict_end = function() 1, on_interrupt = function() stop('boom')))")
        #expect(
            run.hasSuffix(
                "validation, and a prediction\n  listens to on_predict_end\n  not tried: on_interrupt\n"), "\(run)")
    }

    @Test func `an interrupt in the check of a callback is no verdict`() {
        let run = message(
            """
            tryCatch(check_callback(luz_callback('c', on_epoch_end = function() rlang::interrupt())),
              interrupt = function(i) cat("interrupted\\n"))
            """)
        #expect(run == "interrupted\n", "\(run)")
    }

    @Test func `a callback that listens to nothing is mentioned`() {
        #expect(
            message("check_callback(luz_callback('a'))").hasSuffix(
                "  warning: listens to nothing: it has no hook such as on_epoch_end\n"))
    }

    @Test func `weights in a plain list are mentioned`() {
        let code = { (fields: String, forward: String) in
            "check_layer(nn_module('odd', initialize = function() { \(fields) }, forward = function(x) \(forward))(), torch_ones(2, 3))"
        }
        #expect(
            message(code("self$ls <- list(nn_linear(3, 3))", "self$ls[[1]](x)")).hasSuffix(
                "  warning: ls[[1]] is a module in a plain list: optimizers do not see its parameters; nn_module_list() of them does\n"
            ))
        #expect(
            message(code("self$ls <- list(a = nn_parameter(torch_ones(3)))", "x * self$ls$a")).hasSuffix(
                "  warning: ls$a asks for gradients and is no parameter: optimizers do not see it; give it a field of its own\n"
            ))
        #expect(!message(code("self$a <- nn_linear(3, 3); self$all <- list(self$a)", "self$a(x)")).contains("warning"))
    }

    /// Twice the input, its gradient another in one of the modes.
    private static func twice(_ backward: String) -> String {
        "check_layer(nn_module('odd', forward = function(x) { t <- self$training; autograd_function(forward = function(ctx, x) x * 2, backward = function(ctx, g) list(x = \(backward)))(x) })(), torch_randn(2, 3))"
    }

    @Test func `a gradient that is wrong in evaluation mode only is found`() {
        #expect(
            message(Self.twice("if (t) g * 2 else g * 2.02")).contains(
                ": the gradient of the input is wrong in evaluation mode: "),
            "\(message(Self.twice("if (t) g * 2 else g * 2.02")))")
        #expect(message(Self.twice("g * 2")).contains("agree with differences\n"))
    }

    @Test func `kinks and statistics over few values do not make a gradient wrong`() {
        let run = runProgram(
            """
            library(torch); library(torchvision)
            torch_manual_seed(1)
            block <- function(i, o) nn_sequential(nn_conv2d(i, o, 3, stride = 2, padding = 1), nn_batch_norm2d(o), nn_relu())
            deep <- function(scale = NULL) nn_sequential(block(3, 8), block(8, 8), block(8, 8), block(8, 8), nn_flatten(), nn_linear(8, 2))
            for (i in 1:4) check_layer(deep(), torch_randn(2, 3, 16, 16))
            # A ResNet-18 of few channels: the real one takes half a minute.
            residual <- nn_module("residual",
              initialize = function(i, o, s) {
                self$a <- nn_sequential(nn_conv2d(i, o, 3, s, 1, bias = FALSE), nn_batch_norm2d(o), nn_relu(), nn_conv2d(o, o, 3, 1, 1, bias = FALSE), nn_batch_norm2d(o))
                self$b <- if (i != o) nn_sequential(nn_conv2d(i, o, 1, s, bias = FALSE), nn_batch_norm2d(o)) else nn_identity()
              }, forward = function(x) nnf_relu(self$a(x) + self$b(x)))
            stage <- function(i, o, s) nn_sequential(residual(i, o, s), residual(o, o, 1))
            check_layer(nn_sequential(nn_conv2d(3, 8, 7, 2, 3), nn_batch_norm2d(8), nn_relu(), nn_max_pool2d(3, 2, 1), stage(8, 8, 1),
              stage(8, 12, 2), stage(12, 16, 2), stage(16, 24, 2), nn_adaptive_avg_pool2d(1), nn_flatten(), nn_linear(24, 2)), torch_randn(2, 3, 32, 32))
            """)
        #expect(run.error == "")
        #expect(
            run.out.split(separator: "\n").filter { $0.contains("agree with differences") }.count == 5, "\(run.out)")
    }

    @Test func `a wrong gradient below kinks is found all the same`() {
        for factor in ["2.02", "0", "1.98"] {
            let code = """
                { torch_manual_seed(2)
                odd <- nn_module("odd",
                  initialize = function() { self$conv <- nn_conv2d(3, 4, 3); self$norm <- nn_batch_norm2d(4) },
                  forward = function(x) {
                    y <- nnf_relu(self$norm(self$conv(x)))
                    autograd_function(forward = function(ctx, y) y * 2, backward = function(ctx, g) list(y = g * \(factor)))(y)
                  })
                check_layer(odd(), torch_randn(4, 3, 8, 8)) }
                """
            #expect(message(code).contains(" is wrong: "), "\(factor): \(message(code))")
        }
    }

    /// A layer with weights `w` and `b` that begin with zero.
    private static func zeros(_ forward: String) -> String {
        "check_layer(nn_module('z', initialize = function() { self$w <- nn_parameter(torch_zeros(3)); self$b <- nn_parameter(torch_zeros(3)) }, forward = function(x) \(forward))(), torch_randn(4, 3))"
    }

    @Test(arguments: [
        zeros("x + nnf_relu(x * self$w + self$b)"),
        "check_layer(nn_module('r', forward = function(x) nnf_relu(x))(), torch_zeros(2, 3))",
        "check_layer(nn_module('m', forward = function(x) nnf_max_pool2d(x, 2))(), torch_ones(2, 3, 4, 4))",
        "{ f <- nn_linear(3, 3); nn_init_zeros_(f$weight); nn_init_zeros_(f$bias); check_layer(nn_sequential(f, nn_relu()), torch_randn(4, 3)) }",
    ])
    func `a layer that stands at a kink passes`(_ code: String) {
        #expect(message(code).hasSuffix("agree with differences\n"), "\(message(code))")
    }

    @Test(arguments: ["self$b$detach()", "0.01 * self$b$detach() + 0.99 * self$b"])
    func `a wrong gradient at a kink is found`(_ b: String) {
        let code = Self.zeros("x + nnf_relu(x * self$w + \(b))")
        #expect(message(code).contains("the gradient of parameter `b` is wrong"), "\(message(code))")
    }

    /// A layer that counts its forwards in training mode and computes with the count.
    private static func counting(_ weight: String) -> String {
        "check_layer(nn_module('k', initialize = function() { self$k <- 0; self$w <- nn_parameter(torch_ones(3)) }, forward = function(x) { if (self$training) self$k <- self$k + 1; x * \(weight) * min(1, self$k / 100) })(), torch_randn(4, 3))"
    }

    @Test func `what a layer counts in training mode belongs to no gradient`() {
        #expect(
            message(Self.counting("self$w")).hasSuffix("agree with differences\n"),
            "\(message(Self.counting("self$w")))")
        let wrong = message(Self.counting("(if (self$training) self$w$detach() else self$w)"))
        #expect(wrong.contains("the gradient of parameter `w` is wrong: 0 "), "\(wrong)")
    }

    @Test func `a gradient that differs on purpose is not compared where that is asked for`() {
        let code = { (more: String) in
            "check_layer(nn_embedding(10, 3, padding_idx = 1), torch_tensor(matrix(c(1, 2, 3, 1), 2), dtype = torch_long())\(more))"
        }
        #expect(message(code("")).contains("is wrong"))
        #expect(
            message(code(", gradients = FALSE")).hasSuffix("  gradients are not compared, as was asked for\n"),
            "\(message(code(", gradients = FALSE")))")
    }

    @Test func `a layer in double precision is compared as sharply`() {
        #expect(
            message(
                "check_layer(nn_linear(3, 2)$to(dtype = torch_double()), torch_randn(2, 3, dtype = torch_double()))"
            ).hasSuffix("agree with differences\n"))
        let run = message(
            """
            { sine <- autograd_function(forward = function(ctx, x) { ctx$save_for_backward(x = x); x$sin() }, backward = function(ctx, g) list(x = g * ctx$saved_variables$x$cos() * 1.02))
              sines <- nn_module("sines", initialize = function() self$w <- nn_parameter(torch_ones(4, dtype = torch_double())), forward = function(x) sine(x * self$w))
              check_layer(sines(), torch_randn(3, 4, dtype = torch_double())) }
            """)
        #expect(run.contains("is wrong"), "\(run)")
    }

    @Test func `an optimizer that waits for several gradients moves by its rate all the same`() {
        let optimizer = { (rate: String) in
            """
            { waiting <- optimizer("waiting", initialize = function(params, lr = 0.1) { super$initialize(params, list(lr = lr)); self$n <- 0 },
                step = function(closure = NULL) { self$n <- self$n + 1; if (self$n %% 4 == 0) private$step_helper(closure, function(group, param, g, p) param$sub_(\(rate) * param$grad)) })
              check_optimizer(waiting) }
            """
        }
        #expect(
            message(optimizer("group$lr")).contains("by the rate of their group"), "\(message(optimizer("group$lr")))")
        #expect(message(optimizer("0.1")).contains("steps do not depend on the rate"))
    }

    @Test func `a metric that changes the predictions is refused`() {
        let run = message(
            "check_metric(luz_metric('bad', abbrev = 'Bad', update = function(preds, target) preds$mul_(0), compute = function() 1))"
        )
        #expect(run.contains("update() changes the predictions in place"), "\(run)")
    }

    @Test func `a check leaves no fit on record and none to recover`() {
        let folder = makeTemporaryFolder()
        write(
            """
            library(luz); options(workbench.runs = "runs.sqlite")
            try(check_callback(luz_callback("cb", on_epoch_end = function() stop("no"))()), silent = TRUE)
            check_callback(luz_callback_early_stopping())
            cat(file.exists("runs.sqlite"), "\\n")
            """, to: folder + "/a.R")
        let run = Subprocess("sh", arguments: ["-c", "cd '\(folder)'; '\(Subprocess.workbench)' a.R"])
        #expect(run.output.hasSuffix("FALSE \n"), "\(run.output) \(run.errors)")
    }

    @Test func `words are tried as whole numbers`() {
        #expect(
            message("check_layer(nn_embedding(10, 3))").hasPrefix(
                "nn_embedding(10, 3): input [2, 5], output [2, 5, 3]\n"))
    }

    @Test func `a metric of another kind is tried on a batch that is given`() {
        let dice =
            "luz_metric('dice', abbrev = 'Dice', initialize = function() { self$a <- 0; self$b <- 0 }, update = function(preds, target) { stopifnot(preds$dim() == 4); self$a <- self$a + 2 * (preds * target)$sum()$item(); self$b <- self$b + (preds + target)$sum()$item() }, compute = function() self$a / self$b)"
        let run = message("check_metric(\(dice), torch_ones(2, 1, 4, 4), (torch_randn(2, 1, 4, 4) > 0)$float())")
        #expect(run.hasSuffix("  a new one begins anew, and computing changes nothing\n"), "\(run)")
    }

    @Test func `a callback can ask for metrics in the fit it is tried in`() {
        let callback =
            "luz_callback('best', on_epoch_end = function() stopifnot(!is.null(ctx$get_metric('acc', 'valid', ctx$epoch))))"
        #expect(!message("check_callback(\(callback), c(4, 3, 8, 8))").contains("listens to"))
        let run = message("check_callback(\(callback), c(4, 3, 8, 8), list(luz_metric_accuracy()))")
        #expect(run.hasSuffix("  listens to on_epoch_end\n"), "\(run)")
    }
}
