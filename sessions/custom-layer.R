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
#> An `nn_module` containing 7 parameters.
#>
#> ── Parameters ──────────────────────────────────────────────────────────────────
#> • weight: Float [1:2, 1:3]
#> • scale: Float [1:1]
#>
#> ── Buffers ─────────────────────────────────────────────────────────────────────
#> • calls: Float [1:1]
layer(torch_ones(1, 3))
#> torch_tensor
#>  0.5335 -0.9679
#> [ CPUFloatType{1,2} ][ grad_fn = <MulBackward0> ]
names(layer$state_dict())
#> [1] "weight" "scale"  "calls" 

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
#>     set metric epoch     value
#> 1 train   loss     1 4.2440137
#> 2 train   loss     2 3.0094470
#> 3 train   loss     3 2.0185270
#> 4 train   loss     4 1.3009194
#> 5 train   loss     5 0.7133689
fitted$model$body[[1]]$calls
#> torch_tensor
#>  10
#> [ CPUFloatType{1} ]
