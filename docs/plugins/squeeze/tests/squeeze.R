# A squeeze-and-excitation block in a small net.
library(torch)
library(squeeze)
torch_manual_seed(1)

se <- nn_squeeze_excitation(4, reduction = 2)
se
#> An `nn_module` containing 22 parameters.
#>
#> ── Parameters ──────────────────────────────────────────────────────────────────
#> • weight1: Float [1:2, 1:4]
#> • bias1: Float [1:2]
#> • weight2: Float [1:4, 1:2]
#> • bias2: Float [1:4]
check_layer(se, torch_randn(2, 4, 5, 5))
#> se: input [2, 4, 5, 5], output [2, 4, 5, 5]
#>   the same twice in evaluation mode, and of a copy
#>   gradients of the input and 4 parameters agree with differences

net <- nn_sequential(
  nn_conv2d(3, 4, 3, padding = 1),
  nn_squeeze_excitation(4, reduction = 2),
  nn_relu(),
  nn_flatten(),
  nn_linear(4 * 8 * 8, 2)
)
x <- torch_randn(6, 3, 8, 8)
y <- torch_tensor(c(1, 2, 1, 2, 1, 2), dtype = torch_long())
opt <- optim_adam(net$parameters, lr = 0.01)
losses <- sapply(1:20, function(step) {
  opt$zero_grad()
  loss <- nnf_cross_entropy(net(x), y)
  loss$backward()
  opt$step()
  loss$item()
})
losses[20] < losses[1] / 2
#> [1] TRUE

tryCatch(se(torch_randn(2, 3, 5, 5)), error = function(e) cat(conditionMessage(e), "\n"))
#> nn_squeeze_excitation(4) takes [N, 4, H, W], not [2, 3, 5, 5] 
tryCatch(nn_squeeze_excitation(0), error = function(e) cat(conditionMessage(e), "\n"))
#> `channels` must be from 1 to 65536, not 0 
