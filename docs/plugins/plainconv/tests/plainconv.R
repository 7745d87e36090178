# The built-in convolution replaced by one from outside: the same numbers, computed by the same kernels.
library(torch)
net <- function() {
  torch_manual_seed(1)
  nn_sequential(
    nn_conv2d(16, 32, 3, padding = 1), nn_relu(), nn_max_pool2d(2), nn_dropout2d(0.2),
    nn_conv2d(32, 32, 3, padding = 1), nn_batch_norm2d(32), nn_relu(), nn_flatten(), nn_linear(32 * 16, 4)
  )
}
train <- function(net) {
  torch_manual_seed(2)
  x <- torch_randn(32, 16, 8, 8)
  opt <- optim_adam(net$parameters, lr = 0.01)
  sapply(1:3, function(step) {
    opt$zero_grad()
    loss <- net(x)$square()$mean()
    loss$backward()
    opt$step()
    loss$item()
  })
}
built_in <- train(net())

library(plainconv, override = TRUE)
plugins("nn_conv2d")
#>        name  kind namespace    plugin version
#> 1 nn_conv2d layer plainconv plainconv   0.1.0
#> 2 nn_conv2d layer     torch plainconv   0.1.0
from_outside <- train(net())
identical(built_in, from_outside)
#> [1] TRUE
