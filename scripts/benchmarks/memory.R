# Growth of memory over 200 steps of a model whose forward makes a closure, and over 20 lr_finder() calls.

library(torch)
library(luz)
torch_manual_seed(1)
resident <- function() {
  status <- readLines("/proc/self/status")
  as.numeric(gsub("[^0-9]", "", grep("^VmRSS", status, value = TRUE))) / 1024
}

net <- nn_module(
  initialize = function() {
    self$conv <- nn_conv2d(3, 32, 3, padding = 1)
    self$fc <- nn_linear(32, 10)
  },
  forward = function(x) {
    pooled <- self$conv(x)
    pool <- function() nnf_adaptive_avg_pool2d(pooled, c(1, 1))
    self$fc(torch_flatten(pool(), start_dim = 2))
  }
)
data <- tensor_dataset(torch_randn(400, 3, 32, 32), torch_randint(1, 11, 400, dtype = torch_long()))
loader <- dataloader(data, batch_size = 2)
model <- net %>% setup(loss = nn_cross_entropy_loss(), optimizer = optim_adam)

# Twenty steps take what any step needs.
invisible(fit(model, dataloader(dataset_subset(data, 1:40), batch_size = 2), epochs = 1, verbose = FALSE))
start <- resident()
fitted <- fit(model, loader, epochs = 1, verbose = FALSE)
steps <- resident() - start
start <- resident()
for (i in 1:20) records <- lr_finder(model, loader, steps = 20, verbose = FALSE)
finders <- resident() - start
cat(sprintf("memory grows by %.1f MB in 200 steps, %.1f MB in 20 lr_finder() calls\n", steps, finders))
