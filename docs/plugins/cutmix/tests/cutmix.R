# CutMix in a fit of small images.
library(torch)
library(luz)
library(cutmix)
torch_manual_seed(1)
set.seed(1)
x <- torch_randn(16, 3, 8, 8)
y <- torch_tensor(rep(1:2, 8), dtype = torch_long())
net <- nn_module(
  "net",
  initialize = function() self$fc <- nn_linear(3 * 8 * 8, 2),
  forward = function(x) self$fc(torch_flatten(x, start_dim = 2))
)
# How many of the numbers of the images come from others, after each batch:
images <- as.array(x)
seen <- NULL
look <- luz_callback("look", on_train_batch_after_pred = function() {
  own <- as.array(ctx$input)
  seen <<- c(seen, mean(!(own %in% images)), mean(own == 0))
})
fit_with <- function(callbacks) {
  torch_manual_seed(2)
  set.seed(2)
  net %>%
    setup(loss = nn_cross_entropy_loss(), optimizer = optim_sgd, metrics = list(luz_metric_accuracy())) %>%
    set_opt_hparams(lr = 0.01) %>%
    fit(tensor_dataset(x, y), epochs = 2, valid_data = tensor_dataset(x, y), verbose = FALSE,
        dataloader_options = list(batch_size = 8), callbacks = callbacks)
}
fitted <- fit_with(list(luz_callback_cutmix(), look()))
# Every number is one of the images', only in other places:
all(seen == 0)
#> [1] TRUE
# Nothing is mixed with p = 0, and the losses of training differ from those with p = 1:
never <- get_metrics(fit_with(list(luz_callback_cutmix(p = 0))))
plain <- get_metrics(fit_with(list()))
c(all.equal(never, plain), isTRUE(all.equal(get_metrics(fitted), plain)))
#> [1]  TRUE FALSE
check_callback(luz_callback_cutmix(alpha = 0.5), input = c(4, 3, 8, 8))
#> luz_callback_cutmix(alpha = 0.5): a fit of two epochs of three batches, and validation
#>   listens to on_train_begin, on_train_batch_begin, on_valid_begin, on_epoch_end, on_fit_end
tryCatch(luz_callback_cutmix(alpha = 0), error = function(e) cat(conditionMessage(e), "\n"))
#> `alpha` must be above 0 
