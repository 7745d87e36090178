# Rates over two cycles, alone and in a fit.
library(torch)
library(warmrestarts)
opt <- optim_sgd(list(torch_zeros(1, requires_grad = TRUE)), lr = 0.1)
scheduler <- lr_cosine_warm_restarts(opt, T_0 = 3, T_mult = 2, eta_min = 0.01)
rates <- opt$param_groups[[1]]$lr
for (step in 1:9) {
  scheduler$step()
  rates <- c(rates, opt$param_groups[[1]]$lr)
}
# PyTorch's CosineAnnealingWarmRestarts with the same arguments gives
torch <- c(0.1, 0.0775, 0.0325, 0.1, 0.09397114317029974, 0.0775, 0.055, 0.0325, 0.01602885682970026, 0.1)
max(abs(rates - torch)) < 1e-15
#> [1] TRUE

check_scheduler(function(optimizer) lr_cosine_warm_restarts(optimizer, T_0 = 4))
#> function(optimizer) lr_cosine_warm_restarts(optimizer, T_…: rates of the first group: 0.1 at first, 0.0146447 to 0.1, 0.1 after 20 steps
#>   goes on from its state
tryCatch(lr_cosine_warm_restarts(opt, T_0 = 0), error = function(e) cat(conditionMessage(e), "\n"))
#> `T_0` must be a whole number of steps from 1, not 0 
