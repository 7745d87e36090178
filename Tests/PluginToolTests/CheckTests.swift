import TestSupport
import Testing

/// `check_layer()` and the others: what passes, and the message for each thing that is wrong.
@Suite struct CheckTests {
    private func message(_ code: String) -> String {
        runProgram(
            """
            library(torch); library(torchvision); library(luz)
            tryCatch(\(code), error = function(e) cat(conditionMessage(e), "\\n", sep = ""))
            """
        ).out
    }

    private static func layer(_ forward: String, _ initialize: String = "self$w <- nn_parameter(torch_ones(3))")
        -> String
    {
        "check_layer(nn_module('odd', initialize = function() { \(initialize) }, forward = function(x) { \(forward) })(), torch_ones(2, 3))"
    }

    /// Layers of R's that keep to the contract, and some in the box.
    static let good = [
        ("check_layer(nn_linear(8, 2))", "nn_linear(8, 2): input [2, 8], output [2, 2]\n"),
        ("check_layer(nn_conv2d(8, 4, 3))", "nn_conv2d(8, 4, 3): input [2, 8, 6, 6], output [2, 4, 4, 4]\n"),
        ("check_layer(nn_batch_norm2d(8))", "nn_batch_norm2d(8): input [2, 8, 6, 6], output [2, 8, 6, 6]\n"),
        ("check_layer(nn_dropout(0.4), torch_randn(3, 20))", "nn_dropout(0.4): input [3, 20], output [3, 20]\n"),
        ("check_layer(nn_relu)", "nn_relu: input [2, 8], output [2, 8]\n"),
        (
            "check_layer(nn_max_pool2d(2), torch_randn(2, 3, 4, 4))",
            "nn_max_pool2d(2): input [2, 3, 4, 4], output [2, 3, 2, 2]\n"
        ),
        (
            "check_layer(nn_sequential(nn_linear(4, 3), nn_relu(), nn_linear(3, 2)), torch_randn(3, 4))",
            "nn_sequential(nn_linear(4, 3), nn_relu(), nn_linear(3, 2)): input [3, 4], output [3, 2]\n"
        ),
    ]

    @Test(arguments: CheckTests.good)
    func `layers in the box pass`(_ code: String, _ first: String) {
        #expect(message(code).hasPrefix(first), "\(message(code))")
    }

    static let wrong: [(String, String)] = [
        (
            layer("x$sum(dim = 1) * self$w"),
            "nn_module(\"odd\", initialize = function() {     self$w <- …: the output of a batch of 2 has shape [3]: its first size must be 2"
        ),
        (
            layer("as.numeric(x)"),
            "nn_module(\"odd\", initialize = function() {     self$w <- …: forward returns a value of type 'double', not a tensor"
        ),
        (
            layer("x * self$w / 0"),
            "nn_module(\"odd\", initialize = function() {     self$w <- …: the output has elements that are not finite for an input around 0"
        ),
        (
            layer("x$add_(1); x * self$w"),
            "nn_module(\"odd\", initialize = function() {     self$w <- …: forward changes its input in place"
        ),
        (
            layer("x * self$w + torch_rand(1)"),
            "nn_module(\"odd\", initialize = function() {     self$w <- …: two outputs of the same input differ in evaluation mode"
        ),
        (
            layer("x$detach() * self$w$detach()"),
            "nn_module(\"odd\", initialize = function() {     self$w <- …: the output has no history: gradients do not reach the input, parameter `w`"
        ),
        (
            layer("x * self$w$detach()"),
            "nn_module(\"odd\", initialize = function() {     self$w <- …: the gradient of parameter `w` is wrong: 0 along a random direction, by differences 4.501"
        ),
        (
            layer("stop('not for me')"),
            "nn_module(\"odd\", initialize = function() {     self$w <- …: not for me"
        ),
        (
            "check_layer(3)",
            "`layer` must be a module, not 3"
        ),
        (
            "check_layer(nn_linear(77, 1))",
            "nn_linear(77, 1) takes none of the usual shapes"
        ),
        (
            "check_layer(nn_linear(3, 1), torch_ones(1, 3))",
            "nn_linear(3, 1): the check needs a batch of two items or more, not an input of shape [1, 3]"
        ),
        (
            "check_transform(function(img) img / 0)",
            "function(img) img/0: the result has elements that are not finite for an image of numbers from 0 to 1"
        ),
        (
            "check_transform(function(img) img + as.numeric(Sys.time()) %% 1)",
            "function(img) img + as.numeric(Sys.time())%%1: two results with the same seeds differ"
        ),
        (
            "check_transform(function(img) stop('no picture'))",
            "function(img) stop(\"no picture\"): no picture"
        ),
        (
            "check_scheduler(lr_scheduler('s', initialize = function(optimizer) super$initialize(optimizer), get_lr = function() rep(-1, 2)))",
            "lr_scheduler(\"s\", initialize = function(optimizer) super$…: after it is made the rates of the two groups are -1, -1: finite numbers ≥ 0 are needed"
        ),
        (
            "check_scheduler(function(optimizer) 3)",
            "function(optimizer) 3: `scheduler` must make a scheduler, not 3"
        ),
        (
            "check_scheduler(lr_step, steps = 0)",
            "`steps` must be from 1 to 10000, not 0"
        ),
        (
            "check_callback(luz_callback('c', on_train_batch_end = function() if (ctx$iter == 2) stop('no more'))())",
            "luz_callback(\"c\", on_train_batch_end = function() if (ctx…: Error while calling callback with class <c/LuzCallback/R6> at on_train_batch_end.\nCaused by error in `on_train_batch_end()`:\n! no more"
        ),
        (
            "check_callback(luz_callback('c', on_batch_end = function() 1))",
            "luz_callback(\"c\", on_batch_end = function() 1): a method of the callback <c> is `on_batch_end`, a hook that does not exist: it would never be called"
        ),
        (
            "check_callback(1)",
            "`callback` must be a callback, not 1"
        ),
        (
            "check_optimizer(function(params) optim_sgd(params, lr = -0.1))",
            "function(params) optim_sgd(params, lr = -0.1): Invalid learning rate: -0.1"
        ),
        (
            "check_optimizer(function(params) optim_sgd(params, lr = 3))",
            "function(params) optim_sgd(params, lr = 3): 30 steps bring a sum of squares from 10 to inf: it must go down"
        ),
        (
            "check_metric(luz_metric('m', abbrev = 'M', update = function(preds, target) NULL, compute = function() 'a'))",
            "luz_metric(\"m\", abbrev = \"M\", update = function(preds, ta…: compute() of the metric M must give numbers, not text"
        ),
        (
            "check_callback(luz_callback('c'), input = rep(256, 10))",
            "luz_callback(\"c\"): an item of a batch must have sizes from 1 to 256 and at most 65536 elements, not the shape [256, 256, 256, 256, 256, 256, 256, 256, 256]"
        ),
        (
            "check_callback(luz_callback('c'), input = c(4, 2^40))",
            "luz_callback(\"c\"): an item of a batch must have sizes from 1 to 256 and at most 65536 elements, not the shape [1099511627776]"
        ),
        (
            "{ e <- new.env(); e$sum <- 0; e$n <- 0; check_metric(luz_metric('m', abbrev = 'M', update = function(preds, target) { e$sum <- e$sum + mean(as.numeric(preds) - as.numeric(target)); e$n <- e$n + 1 }, compute = function() e$sum / e$n)) }",
            "luz_metric(\"m\", abbrev = \"M\", update = function(preds, ta…: a second one begins with what the first has seen: -4.1075, then -3.6789"
        ),
        (
            "{ o <- optim_sgd(list(torch_zeros(1, requires_grad = TRUE)), lr = 1); check_scheduler(lr_step(o, 2)) }",
            "`scheduler` must be a function of an optimizer that makes one, not <lr_step> itself"
        ),
        (
            "check_optimizer(optim_sgd(list(torch_zeros(1, requires_grad = TRUE)), lr = 1))",
            "`optimizer` must be a function of parameters that makes one, not <optim_sgd> itself"
        ),
        (
            "check_optimizer(function() 1)",
            "`optimizer` must be a function of parameters, and this one takes no argument"
        ),
        ("check_optimizer(3)", "`optimizer` must be a function of parameters, not 3"),
        ("check_optimizer(function(p) 3)", "function(p) 3: `optimizer` must make an optimizer, not 3"),
        (
            "{ o <- optim_sgd(list(torch_zeros(1, requires_grad = TRUE)), lr = 1); check_scheduler(function(x) lr_step(o, 2)) }",
            "function(x) lr_step(o, 2): it schedules another optimizer than the one it is given"
        ),
        (
            "check_layer(nn_module('L', forward = function(x) torch_frobnicate(x))())",
            "nn_module(\"L\", forward = function(x) torch_frobnicate(x))(): could not find function \"torch_frobnicate\""
        ),
        (
            "check_metric(luz_metric('m', abbrev = 'M', update = function(preds, target) NULL, compute = function() list(a = 1, b = 'x')))",
            "luz_metric(\"m\", abbrev = \"M\", update = function(preds, ta…: compute()$b of the metric M must give numbers, not text"
        ),
        (
            "check_metric(nn_linear)",
            "argument \"in_features\" is missing, with no default"
        ),
    ]

    @Test(
        arguments: CheckTests.wrong + [
            (
                "check_transform(function(img) img$add_(1))",
                "function(img) img$add_(1): it changes the image that it is given"
            ),
            (
                "check_transform(function(img) 'pixels')",
                "function(img) \"pixels\": the result is a value of type 'character', not an image"
            ),
        ])
    func `what is wrong is said`(_ code: String, _ expected: String) {
        #expect(message(code) == expected + "\n", "\(code)")
    }

    /// Twice the input; `backward` says what the gradient is.
    private static func twice(_ backward: String, _ input: String) -> String {
        "check_layer(nn_module('odd', forward = function(x) autograd_function(forward = function(ctx, x) x * 2, backward = function(ctx, g) list(x = \(backward)))(x))(), \(input))"
    }

    @Test func `gradients that are a little wrong, or wrong at one element, are found`() {
        for (backward, input) in [
            ("g * 2.01", "torch_randn(2, 3)"), ("g * 1.99", "torch_randn(4, 100)"),
            ("{ g <- g * 2; g[1, 5] <- 0; g }", "torch_randn(2, 2048)"),
            ("{ g <- g * 2; g[2, 3] <- g[2, 3] * 1.01; g }", "torch_randn(2, 8)"),
        ] {
            #expect(
                message(Self.twice(backward, input)).contains(": the gradient of the input is wrong: "),
                "\(backward): \(message(Self.twice(backward, input)))")
        }
        #expect(
            message(Self.twice("g * 2", "torch_randn(2, 2048)")).hasSuffix(
                "  gradients of the input and 0 parameters agree with differences\n"))
    }

    @Test func `what computes with fewer digits is compared as such, and it is said`() {
        #expect(
            message(Self.layer("(x$to(dtype = torch_float()) * self$w$to(dtype = torch_float()))")).hasSuffix(
                "  gradients of the input and 1 parameter agree with differences (within 3 %: it does not compute in double precision)\n"
            ))
    }

    @Test func `a weight that is no parameter is mentioned`() {
        #expect(
            message(Self.layer("x * self$w", "self$w <- torch_ones(3, requires_grad = TRUE)")).hasSuffix(
                "  warning: w asks for gradients and is no parameter: optimizers do not see it; nn_parameter() makes it one\n"
            ))
    }

    @Test func `a metric that is not defined for some of it passes`() {
        #expect(
            message("check_metric(luz_metric_binary_auroc())").hasSuffix(
                "  a new one begins anew, and computing changes nothing\n"),
            "\(message("check_metric(luz_metric_binary_auroc())"))")
    }

    @Test func `the others pass what is in the box`() {
        let code = [
            "check_scheduler(function(optimizer) lr_step(optimizer, 5))",
            "check_scheduler(function(optimizer) lr_cosine_annealing(optimizer, 7))",
            "check_scheduler(function(optimizer) lr_one_cycle(optimizer, max_lr = 1, total_steps = 12))",
            "check_scheduler(function(optimizer) lr_reduce_on_plateau(optimizer))",
            "check_transform(function(img) transform_color_jitter(img, brightness = 0.3))",
            "check_transform(. %>% transform_random_horizontal_flip() %>% transform_center_crop(8))",
            "check_callback(luz_callback_early_stopping(patience = 1))",
            "check_callback(luz_callback_mixup(auto_loss = FALSE), input = c(4, 3, 8, 8))",
            "check_optimizer(optim_adamw)",
            "check_optimizer(function(params) optim_sgd(params, lr = 0.1, momentum = 0.9))",
            "check_metric(luz_metric_accuracy())", "check_metric(luz_metric_mae())",
            "check_metric(luz_metric_binary_accuracy())",
        ].joined(separator: "\n")
        let run = runProgram("library(torch); library(torchvision); library(luz)\n" + code)
        #expect(run.error == "")
        #expect(
            run.out == """
                function(optimizer) lr_step(optimizer, 5): rates of the first group: 0.1 at first, 1e-05 to 0.1, 1e-05 after 20 steps
                  goes on from its state
                function(optimizer) lr_cosine_annealing(optimizer, 7): rates of the first group: 0.1 at first, 0 to 0.1, 0.00495156 after 20 steps
                  goes on from its state
                function(optimizer) lr_one_cycle(optimizer, max_lr = 1, t…: rates of the first group: 0.04 at first, 4e-06 to 0.994415, 4e-06 after 11 steps
                  goes on from its state
                function(optimizer) lr_reduce_on_plateau(optimizer): rates of the first group: 0.1 at first, 0.1 to 0.1, 0.1 after 20 steps
                  goes on from its state
                function(img) transform_color_jitter(img, brightness = 0.3): image [3, 16, 16], result [3, 16, 16]
                  the same with the same seeds
                  loaders run it without the interpreter, with the same result
                . %>% transform_random_horizontal_flip() %>% transform_ce…: image [3, 16, 16], result [3, 8, 8]
                  the same with the same seeds
                  loaders run it without the interpreter, with the same result
                luz_callback_early_stopping(patience = 1): a fit of two epochs of three batches, and validation
                  listens to on_fit_begin, on_epoch_end
                  not tried: on_early_stopping
                luz_callback_mixup(auto_loss = FALSE): a fit of two epochs of three batches, and validation
                  listens to on_fit_begin, on_train_begin, on_train_batch_begin, on_valid_begin, on_valid_batch_begin, on_fit_end
                optim_adamw: a sum of squares goes from 10 to 9.43 in 30 steps
                  both tensors are moved, by the rate of their group; a tensor without gradient stays
                function(params) optim_sgd(params, lr = 0.1, momentum = 0.9): a sum of squares goes from 10 to 0.1862 in 30 steps
                  both tensors are moved, by the rate of their group; a tensor without gradient stays
                luz_metric_accuracy(): Acc is 0.25 of scores and classes
                  a new one begins anew, and computing changes nothing
                luz_metric_mae(): MAE is 0.403 of numbers and numbers
                  a new one begins anew, and computing changes nothing
                luz_metric_binary_accuracy(): Acc is 0 of numbers and numbers
                  a new one begins anew, and computing changes nothing

                """)
    }

    @Test func `both random streams are as before`() {
        let run = runProgram(
            """
            library(torch); library(luz)
            draw <- function(check) { torch_manual_seed(5); set.seed(5); if (check) capture.output(check_layer(nn_dropout(), torch_ones(2, 3))); c(runif(1), torch_rand(1)$item()) }
            identical(draw(TRUE), draw(FALSE))
            """)
        #expect(run.out == "[1] TRUE\n", "\(run.error)")
    }

    @Test(arguments: ["", ", torch_randn(4, 8)"])
    func `a layer is as before afterwards`(_ input: String) {
        let run = runProgram(
            """
            library(torch)
            net <- nn_module("net",
              initialize = function() {
                self$fc <- nn_linear(8, 3)
                self$norm <- nn_batch_norm1d(3)
                self$drop <- nn_dropout()
                self$calls <- 0
              },
              forward = function(x) { self$calls <- self$calls + 1; self$drop(self$norm(self$fc(x))) })()
            net$drop$eval()
            before <- lapply(net$state_dict(), function(x) x$clone())
            invisible(capture.output(check_layer(net\(input))))
            all(mapply(torch_equal, before, net$state_dict()))
            c(net$training, net$norm$training, net$drop$training, net$calls, net$norm$num_batches_tracked$item())
            """)
        #expect(run.out == "[1] TRUE\n[1] 1 1 0 0 0\n", "\(run.error)")
    }

    @Test func `a callback is as before afterwards`() {
        let run = runProgram(
            """
            library(torch); library(luz)
            cb <- luz_callback("count", initialize = function() self$n <- 0, on_train_batch_end = function() self$n <- self$n + 1)()
            invisible(capture.output(check_callback(cb))); cb$n
            """)
        #expect(run.out == "[1] 0\n", "\(run.error)")
    }

    /// What asks for the end of the session where the check expects an error and goes on.
    static let ending = [
        "check_layer(nn_module('m', forward = function(x) { if (x$dim() == 4) q(status = 7); stop('no') }))",
        "check_transform(function(img) { if (is.array(img)) q(status = 7); stop('no') })",
        "check_metric(luz_metric('m', abbrev = 'M', update = function(preds, target) { if (preds$dim() == 1) q(status = 7); stop('no') }, compute = function() 1))",
    ]

    @Test(arguments: CheckTests.ending)
    func `what is no error is heard by every check`(_ code: String) {
        let run = Subprocess(arguments: ["-e", "library(torch); library(luz); \(code)"])
        #expect(run.status == 7, "\(run.output)\(run.errors)")
    }
}
