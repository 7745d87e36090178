# Stochastic weight averaging: the model at the end is the mean of the models after the last epochs.

#' Averages the weights of the last epochs
#'
#' From epoch `start` on the weights after each epoch go into a running mean, which the model has when the fit ends
#' (Izmailov et al. 2018). Models with batch normalisation should be trained with it set to evaluation, or have their
#' statistics computed anew afterwards.
#' @param start whole number from 1: first epoch that counts
#' @return a callback for `fit()`; `$averaged` says how many epochs went into the mean
luz_callback_swa <- luz_callback(
  "swa_callback",
  initialize = function(start) {
    self$start <- start
    self$averaged <- 0
  },
  on_fit_begin = function() {
    self$averaged <- 0
    self$mean <- NULL
  },
  on_epoch_end = function() {
    if (ctx$epoch < self$start) return(invisible())
    weights <- lapply(ctx$model$parameters, function(p) p$detach()$clone())
    self$averaged <- self$averaged + 1
    if (is.null(self$mean)) {
      self$mean <- weights
    } else {
      for (name in names(weights)) {
        self$mean[[name]]$add_((weights[[name]] - self$mean[[name]]) / self$averaged)
      }
    }
  },
  on_fit_end = function() {
    if (self$averaged == 0) return(invisible())
    with_no_grad({
      parameters <- ctx$model$parameters
      for (name in names(parameters)) parameters[[name]]$copy_(self$mean[[name]])
    })
  },
  state_dict = function() list(averaged = self$averaged, mean = self$mean),
  load_state_dict = function(state) {
    self$averaged <- state$averaged
    self$mean <- state$mean
  }
)
