/// What `plugin new` writes for a plug-in in R. `NAME` and `FUNCTION` are filled in.
struct ScriptedTemplate {
    /// The file `NAME.R`.
    let source: String
    /// A session script.
    let test: String

    static func of(_ kind: PluginKind) -> ScriptedTemplate {
        switch kind {
        case .layer: return layer
        case .transform: return transform
        case .scheduler: return scheduler
        case .callback: return callback
        case .optimizer: return optimizer
        case .metric: return metric
        case .dataset: return dataset
        case .model: return model
        }
    }

    private static let layer = ScriptedTemplate(
        source: """
            # What this file assigns is what library(NAME) provides; names that begin with a dot stay inside. It sees R,
            # torch, torchvision and luz, attached or not, and nothing of the session.

            #' A weight and a bias for each feature
            #'
            #' y = x * weight + bias. The comments above a function are its help: ?FUNCTION shows them. What stands in front
            #' of the colon is checked at each call, where it is a number, whole number, string, tensor and the like.
            #' @param features whole number from 1: size of the last dimension
            #' @return a module; input and output are [batch, ..., features]
            FUNCTION <- nn_module(
              "FUNCTION",
              initialize = function(features) {
                self$weight <- nn_parameter(torch_ones(features))
                self$bias <- nn_parameter(torch_zeros(features))
              },
              forward = function(x) x * self$weight + self$bias
            )

            """,
        test: """
            library(torch)
            library(NAME)
            torch_manual_seed(1)
            layer <- FUNCTION(3)
            layer(torch_tensor(rbind(c(1, 2, 3), c(4, 5, 6))))
            #> torch_tensor
            #>  1  2  3
            #>  4  5  6
            #> [ CPUFloatType{2,3} ][ grad_fn = <AddBackward0> ]
            # Shapes, gradients against differences, copies:
            check_layer(layer, torch_randn(2, 3))
            #> layer: input [2, 3], output [2, 3]
            #>   the same twice in evaluation mode, and of a copy
            #>   gradients of the input and 2 parameters agree with differences
            net <- nn_sequential(nn_linear(4, 3), layer, nn_relu(), nn_linear(3, 1))
            dim(net(torch_randn(5, 4)))
            #> [1] 5 1
            tryCatch(FUNCTION(0), error = function(e) cat(conditionMessage(e), "\\n"))
            #> `features` must be a whole number from 1, not 0 

            """)

    private static let transform = ScriptedTemplate(
        source: """
            # What this file assigns is what library(NAME) provides; names that begin with a dot stay inside. It sees R,
            # torch, torchvision and luz, attached or not, and nothing of the session.

            #' Adds noise to an image
            #'
            #' Each pixel gets a normal number from torch's stream. The comments above a function are its help: ?FUNCTION.
            #' @param img tensor: image [C, H, W] with numbers from 0 to 1, or a batch of them
            #' @param sd number from 0: standard deviation of the noise
            #' @return a new tensor of the same shape, cut off at 0 and 1
            FUNCTION <- function(img, sd = 0.1) {
              torch_clamp(img + torch_randn_like(img) * sd, 0, 1)
            }

            """,
        test: """
            library(torch)
            library(torchvision)
            library(NAME)
            torch_manual_seed(1)
            img <- torch_rand(3, 8, 8)
            noisy <- FUNCTION(img, sd = 0.2)
            dim(noisy)
            #> [1] 3 8 8
            torch_equal(FUNCTION(img, sd = 0), img)
            #> [1] TRUE
            # The image stays as it is, the same seed gives the same result:
            noise <- FUNCTION
            check_transform(noise)
            #> noise: image [3, 16, 16], result [3, 16, 16]
            #>   the same with the same seeds
            tryCatch(FUNCTION(img, sd = -1), error = function(e) cat(conditionMessage(e), "\\n"))
            #> `sd` must be a number from 0, not -1 

            """)

    private static let scheduler = ScriptedTemplate(
        source: """
            # What this file assigns is what library(NAME) provides; names that begin with a dot stay inside. It sees R,
            # torch, torchvision and luz, attached or not, and nothing of the session.

            #' A rate that grows from 0 to its full height, then stays
            #'
            #' get_lr() is called once a step, with self$last_epoch counted up already: 0 when the scheduler is made. The
            #' comments above a function are its help: ?FUNCTION.
            #' @param optimizer optimizer whose rates are set
            #' @param steps whole number from 1: steps until the full rate is reached
            #' @return a scheduler; luz_callback_lr_scheduler(FUNCTION, steps = 100, call_on = "on_train_batch_end")
            FUNCTION <- lr_scheduler(
              "FUNCTION",
              initialize = function(optimizer, steps, last_epoch = -1, verbose = FALSE) {
                self$steps <- steps
                super$initialize(optimizer, last_epoch, verbose)
              },
              get_lr = function() {
                share <- min(1, (self$last_epoch + 1) / self$steps)
                sapply(self$base_lrs, function(rate) rate * share)
              }
            )

            """,
        test: """
            library(torch)
            library(NAME)
            opt <- optim_sgd(list(torch_zeros(1, requires_grad = TRUE)), lr = 0.1)
            scheduler <- FUNCTION(opt, steps = 4)
            rates <- opt$param_groups[[1]]$lr
            for (step in 1:5) {
              scheduler$step()
              rates <- c(rates, opt$param_groups[[1]]$lr)
            }
            rates
            #> [1] 0.025 0.050 0.075 0.100 0.100 0.100
            # Finite rates for every group, and going on from its state:
            make <- function(optimizer) FUNCTION(optimizer, steps = 4)
            check_scheduler(make)
            #> make: rates of the first group: 0.025 at first, 0.025 to 0.1, 0.1 after 20 steps
            #>   goes on from its state
            tryCatch(FUNCTION(opt, steps = 0), error = function(e) cat(conditionMessage(e), "\\n"))
            #> `steps` must be a whole number from 1, not 0 

            """)

    private static let callback = ScriptedTemplate(
        source: """
            # What this file assigns is what library(NAME) provides; names that begin with a dot stay inside. It sees R,
            # torch, torchvision and luz, attached or not, and nothing of the session.

            #' Says every few epochs what the loss is
            #'
            #' Methods are named after luz's moments: on_fit_begin, on_epoch_end, on_train_batch_end, ...; another name is an
            #' error. ctx is the state of the fit. The comments above a function are its help: ?FUNCTION.
            #' @param every whole number from 1: epochs between two lines
            #' @return a callback for fit()
            FUNCTION <- luz_callback(
              "NAME_callback",
              initialize = function(every = 1) {
                self$every <- every
                self$lines <- 0
              },
              on_epoch_end = function() {
                if (ctx$epoch %% self$every != 0) return(invisible())
                loss <- ctx$get_metric("loss", "train", ctx$epoch)
                cat("epoch ", ctx$epoch, ": loss ", format(loss, digits = 3), "\\n", sep = "")
                self$lines <- self$lines + 1
              }
            )

            """,
        test: """
            library(torch)
            library(luz)
            library(NAME)
            torch_manual_seed(1)
            x <- torch_randn(64, 3)
            y <- x$sum(dim = 2, keepdim = TRUE)
            cb <- FUNCTION(every = 2)
            fitted <- nn_module("net", initialize = function() self$fc <- nn_linear(3, 1), forward = function(x) self$fc(x)) %>%
              setup(loss = nn_mse_loss(), optimizer = optim_sgd) %>%
              set_opt_hparams(lr = 0.1) %>%
              fit(list(x, y), epochs = 4, callbacks = list(cb), verbose = FALSE)
            #> epoch 2: loss 0.985
            #> epoch 4: loss 0.125
            cb$lines
            #> [1] 2
            # Two epochs of a small fit; an error names the moment:
            rare <- FUNCTION(every = 3)
            check_callback(rare)
            #> rare: a fit of two epochs of three batches, and validation
            #>   listens to on_epoch_end
            tryCatch(FUNCTION(every = 0), error = function(e) cat(conditionMessage(e), "\\n"))
            #> `every` must be a whole number from 1, not 0 

            """)

    private static let optimizer = ScriptedTemplate(
        source: """
            # What this file assigns is what library(NAME) provides; names that begin with a dot stay inside. It sees R,
            # torch, torchvision and luz, attached or not, and nothing of the session.

            #' Steps of the gradient's sign
            #'
            #' Every element moves by lr against the sign of its gradient (signSGD, Bernstein et al. 2018). step_helper() is
            #' called once a step for each parameter that has a gradient. The comments above a function are its help: ?FUNCTION.
            #' @param params list of tensors, model$parameters
            #' @param lr number from 0: length of a step
            #' @return an optimizer
            FUNCTION <- optimizer(
              "FUNCTION",
              initialize = function(params, lr = 0.01) {
                super$initialize(params, list(lr = lr))
              },
              step = function(closure = NULL) {
                private$step_helper(closure, function(group, param, g, p) {
                  param$add_(torch_sign(param$grad), alpha = -group$lr)
                })
              }
            )

            """,
        test: """
            library(torch)
            library(NAME)
            p <- torch_tensor(c(1, -2, 3), requires_grad = TRUE)
            opt <- FUNCTION(list(p), lr = 0.5)
            (p^2)$sum()$backward()
            opt$step()
            as.numeric(p)
            #> [1]  0.5 -1.5  2.5
            # A sum of squares goes down, a tensor without gradient stays:
            make <- function(params) FUNCTION(params, lr = 0.02)
            check_optimizer(make)
            #> make: a sum of squares goes from 10 to 1.764 in 30 steps
            #>   a tensor without gradient stays
            tryCatch(FUNCTION(list(p), lr = -1), error = function(e) cat(conditionMessage(e), "\\n"))
            #> `lr` must be a number from 0, not -1 

            """)

    private static let metric = ScriptedTemplate(
        source: """
            # What this file assigns is what library(NAME) provides; names that begin with a dot stay inside. It sees R,
            # torch, torchvision and luz, attached or not, and nothing of the session.

            #' Share of answers that are near the target
            #'
            #' A new object is made for each phase of an epoch; update() is called after each batch, compute() at the end. The
            #' comments above a function are its help: ?FUNCTION.
            #' @param tolerance number from 0: how far off an answer may be
            #' @return a metric for setup(metrics = ); in records it is called near
            FUNCTION <- luz_metric(
              "FUNCTION",
              abbrev = "Near",
              initialize = function(tolerance = 0.1) {
                self$tolerance <- tolerance
                self$near <- 0
                self$total <- 0
              },
              update = function(preds, target) {
                self$near <- self$near + (torch_abs(preds - target) <= self$tolerance)$sum()$item()
                self$total <- self$total + preds$numel()
              },
              compute = function() self$near / self$total
            )

            """,
        test: """
            library(torch)
            library(luz)
            library(NAME)
            metric <- FUNCTION(tolerance = 0.25)$new()
            metric$update(torch_tensor(c(1, 2, 3, 4)), torch_tensor(c(1.2, 2, 3.5, 4)))
            metric$compute()
            #> [1] 0.75
            # A number, and a new one begins anew:
            near <- FUNCTION(0.5)
            check_metric(near)
            #> near: Near is 0.625 of numbers and numbers
            #>   a new one begins anew
            tryCatch(FUNCTION(tolerance = -1)$new(), error = function(e) cat(conditionMessage(e), "\\n"))
            #> `tolerance` must be a number from 0, not -1 

            """)

    private static let dataset = ScriptedTemplate(
        source: """
            # What this file assigns is what library(NAME) provides; names that begin with a dot stay inside. It sees R,
            # torch, torchvision and luz, attached or not, and nothing of the session.

            #' Points of a spiral with as many arms as classes
            #'
            #' .getitem(i) gives item i, .length() how many there are; .getbatch(i) may give several at once. The comments above
            #' a function are its help: ?FUNCTION.
            #' @param items whole number from 1: how many points
            #' @param arms whole number from 1: how many classes
            #' @return a data set; items are list(x = [2], y = class from 1)
            FUNCTION <- dataset(
              "FUNCTION",
              initialize = function(items = 100, arms = 3) {
                self$items <- items
                self$arms <- arms
              },
              .getitem = function(i) {
                arm <- (i - 1) %% self$arms
                radius <- i / self$items
                angle <- 2 * pi * (arm / self$arms + radius)
                list(
                  x = torch_tensor(radius * c(cos(angle), sin(angle))),
                  y = torch_tensor(as.integer(arm + 1), dtype = torch_long())
                )
              },
              .length = function() self$items
            )

            """,
        test: """
            library(torch)
            library(NAME)
            ds <- FUNCTION(items = 12, arms = 3)
            length(ds)
            #> [1] 12
            item <- ds[12]
            round(as.numeric(item$x), 4)
            #> [1] -0.500 -0.866
            item$y$item()
            #> [1] 3
            batch <- dataloader_next(dataloader_make_iter(dataloader(ds, batch_size = 4)))
            dim(batch$x)
            #> [1] 4 2
            as.integer(batch$y)
            #> [1] 1 2 3 1
            tryCatch(FUNCTION(items = 0), error = function(e) cat(conditionMessage(e), "\\n"))
            #> `items` must be a whole number from 1, not 0 

            """)

    private static let model = ScriptedTemplate(
        source: """
            # What this file assigns is what library(NAME) provides; names that begin with a dot stay inside. It sees R,
            # torch, torchvision and luz, attached or not, and nothing of the session.

            #' A net of fully connected layers
            #'
            #' The comments above a function are its help: ?FUNCTION.
            #' @param features whole number from 1: size of an input
            #' @param classes whole number from 1: how many scores come out
            #' @param hidden whole number from 1: units of the hidden layer
            #' @return a module; input [N, features], output [N, classes]
            FUNCTION <- nn_module(
              "FUNCTION",
              initialize = function(features, classes, hidden = 16) {
                self$body <- nn_sequential(
                  nn_linear(features, hidden),
                  nn_relu(),
                  nn_linear(hidden, classes)
                )
              },
              forward = function(x) self$body(x)
            )

            """,
        test: """
            library(torch)
            library(luz)
            library(NAME)
            torch_manual_seed(1)
            x <- torch_randn(60, 4)
            y <- (x[, 1] > 0)$to(dtype = torch_long()) + 1L
            fitted <- FUNCTION %>%
              setup(loss = nn_cross_entropy_loss(), optimizer = optim_adam, metrics = list(luz_metric_accuracy())) %>%
              set_hparams(features = 4, classes = 2) %>%
              set_opt_hparams(lr = 0.05) %>%
              fit(tensor_dataset(x, y), epochs = 5, verbose = FALSE)
            losses <- subset(get_metrics(fitted), metric == "loss")$value
            losses[5] < losses[1]
            #> [1] TRUE
            # Shapes, gradients against differences, copies:
            model <- FUNCTION(4, 2)
            check_layer(model, torch_randn(3, 4))
            #> model: input [3, 4], output [3, 2]
            #>   the same twice in evaluation mode, and of a copy
            #>   gradients of the input and 4 parameters agree with differences
            tryCatch(FUNCTION(4, 2, hidden = 0), error = function(e) cat(conditionMessage(e), "\\n"))
            #> `hidden` must be a whole number from 1, not 0 

            """)
}
