# The learning rate: found, cycled, stepped.
library(torch)
library(luz)
torch_manual_seed(7)
set.seed(7)

x <- torch_randn(256, 10)
y <- (x[, 1:5]$sum(dim = 2) > 0)$to(dtype = torch_long()) + 1L
net <- nn_module(
  "net",
  initialize = function() self$f <- nn_sequential(nn_linear(10, 32), nn_relu(), nn_linear(32, 2)),
  forward = function(x) self$f(x)
)
ready <- net %>% setup(nn_cross_entropy_loss(), optim_adam, metrics = list(luz_metric_accuracy()))
dl <- dataloader(tensor_dataset(x, y), batch_size = 32, shuffle = TRUE)

rates <- ready %>% lr_finder(dl, start_lr = 1e-5, end_lr = 1, steps = 40)
names(rates)
#> [1] "lr"   "loss"
nrow(rates)
#> [1] 40
format(rates$lr[c(1, 40)], digits = 3)
#> [1] "1.33e-05" "1.00e+00"

epochs <- 4
shown <- luz_callback("shown", on_epoch_end = function() {
  cat("epoch", ctx$epoch, "rate", format(ctx$opt$param_groups[[1]]$lr, digits = 4), "\n")
})
fitted <- ready %>%
  fit(dl, epochs = epochs, verbose = FALSE, callbacks = list(
    luz_callback_lr_scheduler(lr_one_cycle, max_lr = 0.05, epochs = epochs, steps_per_epoch = length(dl),
      call_on = "on_train_batch_end"),
    shown()))
#> epoch 1 rate 0.04943 
#> epoch 2 rate 0.0377 
#> epoch 3 rate 0.01111 
#> epoch 4 rate 0.0002457 
tail(get_metrics(fitted), 1)$value > 0.9
#> [1] TRUE
