# Four batches of 8 with one step move the weights as one batch of 32 does.
library(torch)
library(luz)
library(accumulation)

net <- nn_module(
  "net",
  initialize = function() self$fc <- nn_linear(3, 1),
  forward = function(x) self$fc(x)
)
torch_manual_seed(1)
x <- torch_randn(32, 3)
y <- x$sum(dim = 2, keepdim = TRUE)
train <- function(batch_size, callbacks) {
  torch_manual_seed(2)
  net %>%
    setup(loss = nn_mse_loss(), optimizer = optim_sgd) %>%
    set_opt_hparams(lr = 0.1) %>%
    fit(tensor_dataset(x, y), epochs = 3, callbacks = callbacks, verbose = FALSE,
        dataloader_options = list(batch_size = batch_size, shuffle = FALSE))
}
few <- luz_callback_gradient_accumulation(4)
accumulated <- train(8, list(few))
large <- train(32, list())
few$steps
#> [1] 3
torch_allclose(accumulated$model$fc$weight, large$model$fc$weight, atol = 1e-6)
#> [1] TRUE

# 4 batches, 3 to a step: the last one makes a step of its own.
rest <- luz_callback_gradient_accumulation(3)
fitted <- train(8, list(rest))
rest$steps
#> [1] 6
check_callback(luz_callback_gradient_accumulation(2))
#> luz_callback_gradient_accumulation(2): a fit of two epochs of three batches, and validation
#>   listens to on_fit_begin, on_train_begin, on_train_end, on_fit_end
tryCatch(luz_callback_gradient_accumulation(0), error = function(e) cat(conditionMessage(e), "\n"))
#> `batches` must be a whole number from 1, not 0 
