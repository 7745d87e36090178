# The model at the end is the mean of the models after epochs 2, 3 and 4.
library(torch)
library(luz)
library(averaging)
torch_manual_seed(1)
x <- torch_randn(24, 3)
y <- x$sum(dim = 2, keepdim = TRUE)
net <- nn_module(
  "net",
  initialize = function() self$fc <- nn_linear(3, 1),
  forward = function(x) self$fc(x)
)
seen <- list()
look <- luz_callback("look", on_epoch_end = function() {
  seen[[ctx$epoch]] <<- as.numeric(ctx$model$fc$weight)
})
swa <- luz_callback_swa(2)
fitted <- net %>%
  setup(loss = nn_mse_loss(), optimizer = optim_sgd) %>%
  set_opt_hparams(lr = 0.1) %>%
  fit(tensor_dataset(x, y), epochs = 4, callbacks = list(swa, look()), verbose = FALSE,
      dataloader_options = list(batch_size = 8))
swa$averaged
#> [1] 3
max(abs(as.numeric(fitted$model$fc$weight) - (seen[[2]] + seen[[3]] + seen[[4]]) / 3)) < 1e-6
#> [1] TRUE
check_callback(luz_callback_swa(start = 1))
#> luz_callback_swa(start = 1): a fit of two epochs of three batches, and validation
#>   listens to on_fit_begin, on_epoch_end, on_fit_end
tryCatch(luz_callback_swa("late"), error = function(e) cat(conditionMessage(e), "\n"))
#> `start` must be a whole number from 1, not "late" 
