/// What `plugin new` writes for a plug-in in R. `NAME` and `FUNCTION` are filled in.
enum ScriptedTemplate {
    /// What stands at the top of the file `NAME.R`, whatever the kind.
    static let heading = """
        # What this file assigns is what library(NAME) provides; names that begin with a dot stay inside. It sees R,
        # torch, torchvision and luz, attached or not, and nothing of the session.


        """

    static let layer = """
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

        """

    static let transform = """
        #' Adds noise to an image
        #'
        #' Each pixel gets a normal number from torch's stream. The comments above a function are its help: ?FUNCTION.
        #' @param img tensor: image [C, H, W] with numbers from 0 to 1, or a batch of them
        #' @param sd number from 0: standard deviation of the noise
        #' @return a new tensor of the same shape, cut off at 0 and 1
        FUNCTION <- function(img, sd = 0.1) {
          torch_clamp(img + torch_randn_like(img) * sd, 0, 1)
        }

        """

    static let scheduler = """
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

        """

    static let callback = """
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

        """

    static let optimizer = """
        #' Steps of the gradient's sign
        #'
        #' Every element moves by lr against the sign of its gradient (signSGD, Bernstein et al. 2018). step_helper() is
        #' called once a step for each parameter that has a gradient. What is remembered of a parameter is kept with
        #' self$state$set(param, list(m = m)) and given back by self$state$get(param), NULL at first.
        #' The comments above a function are its help: ?FUNCTION.
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

        """

    static let metric = """
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

        """

    static let dataset = """
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
              y = torch_scalar_tensor(as.integer(arm + 1), dtype = torch_long())
            )
          },
          .length = function() self$items
        )

        """

    static let model = """
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

        """
}
