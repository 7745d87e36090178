# Label smoothing: a loss that gives a share of each target to the other classes.

#' Cross entropy with smoothed labels
#'
#' The target's class gets 1 - epsilon + epsilon / K of K classes, every other class epsilon / K (Szegedy et al. 2016).
#' @param epsilon number from 0 to 1: share that is spread over all classes
#' @return a loss: a module of scores [N, K] and classes [N] from 1; its value is the mean over the batch
nn_label_smoothing_loss <- nn_module(
  "nn_label_smoothing_loss",
  initialize = function(epsilon = 0.1) {
    self$epsilon <- epsilon
  },
  forward = function(input, target) {
    label_smoothing_loss(input, target, self$epsilon)
  }
)

#' Cross entropy with smoothed labels, as a function
#'
#' @param input tensor: scores [N, K]
#' @param target tensor: classes [N] from 1
#' @param epsilon number from 0 to 1: share that is spread over all classes
#' @return the mean loss, a tensor of one number
label_smoothing_loss <- function(input, target, epsilon = 0.1) {
  logs <- nnf_log_softmax(input, dim = 2)
  own <- nnf_nll_loss(logs, target)
  spread <- -logs$mean()
  (1 - epsilon) * own + epsilon * spread
}
