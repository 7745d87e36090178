# A layer of one's own: a dense layer with a learned scale, in a net, trained by luz.
library(torch)
library(luz)
torch_manual_seed(3)

scaled_linear <- nn_module(
  "scaled_linear",
  initialize = function(from, to) {
    self$weight <- nn_parameter(torch_randn(to, from) * 0.5)
    self$scale <- nn_parameter(torch_ones(1))
    self$calls <- nn_buffer(torch_zeros(1))
  },
  forward = function(x) {
    if (self$training) self$calls$add_(1)
    self$scale * nnf_linear(x, self$weight)
  }
)
layer <- scaled_linear(3, 2)
layer
layer(torch_ones(1, 3))
names(layer$state_dict())

net <- nn_module(
  "net",
  initialize = function(hidden) {
    self$body <- nn_sequential(scaled_linear(3, hidden), nn_tanh(), nn_linear(hidden, 1))
  },
  forward = function(x) self$body(x)
)

x <- torch_randn(64, 3)
y <- x[, 1:1]$unsqueeze(2) * 2 - x[, 3:3]$unsqueeze(2)
fitted <- net %>%
  setup(loss = nn_mse_loss(), optimizer = optim_adam) %>%
  set_hparams(hidden = 8) %>%
  set_opt_hparams(lr = 0.05) %>%
  fit(list(x, y$squeeze(3)), epochs = 5, verbose = FALSE)
get_metrics(fitted)
fitted$model$body[[1]]$calls
