# Gradient accumulation: steps of the optimizer over several batches, as if they were one.

#' Lets the optimizer step after every few batches only
#'
#' Gradients are averaged over the batches in between, so that memory is that of a small batch and the step that of a large
#' one. What is left at the end of an epoch makes a step of its own.
#' @param batches whole number from 1: batches to a step
#' @return a callback for `fit()`
luz_callback_gradient_accumulation <- luz_callback(
  "gradient_accumulation_callback",
  initialize = function(batches) {
    self$batches <- batches
    self$steps <- 0
  },
  on_fit_begin = function() {
    # Called in the place of opt$step(); gradients are set to zero behind it.
    ctx$step_opt <- function(opt) self$take(opt)
  },
  on_train_begin = function() {
    self$sums <- NULL
    self$seen <- 0
  },
  on_train_end = function() {
    if (self$seen > 0) self$move(ctx$opt)
  },
  on_fit_end = function() ctx$step_opt <- NULL,
  take = function(opt) {
    gradients <- lapply(self$parameters(opt), function(p) {
      if (is_undefined_tensor(p$grad)) NULL else p$grad$clone()
    })
    if (is.null(self$sums)) {
      self$sums <- gradients
    } else {
      for (i in seq_along(gradients)) {
        if (!is.null(gradients[[i]])) self$sums[[i]]$add_(gradients[[i]])
      }
    }
    self$seen <- self$seen + 1
    if (self$seen == self$batches) self$move(opt)
  },
  move = function(opt) {
    with_no_grad({
      parameters <- self$parameters(opt)
      for (i in seq_along(parameters)) {
        if (!is.null(self$sums[[i]])) parameters[[i]]$grad$copy_(self$sums[[i]] / self$seen)
      }
    })
    opt$step()
    opt$zero_grad()
    self$steps <- self$steps + 1
    self$sums <- NULL
    self$seen <- 0
  },
  parameters = function(opt) do.call(c, lapply(opt$param_groups, function(group) group$params))
)
