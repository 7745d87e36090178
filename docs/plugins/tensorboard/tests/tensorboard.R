# Two epochs of metrics in event files; scripts/check-tensorboard reads them with TensorBoard itself.
library(torch)
library(luz)
library(tensorboard)
torch_manual_seed(1)
x <- torch_randn(32, 4)
y <- x$sum(dim = 2, keepdim = TRUE)
net <- nn_module(
  "net",
  initialize = function() {
    self$fc <- nn_linear(4, 1)
    self$scale <- nn_parameter(torch_ones(1))
  },
  forward = function(x) self$fc(x) * self$scale
)
logdir <- Sys.getenv("TENSORBOARD_LOGDIR", file.path(tempdir(), "runs"))
fitted <- net %>%
  setup(loss = nn_mse_loss(), optimizer = optim_sgd, metrics = list(luz_metric_mae())) %>%
  set_opt_hparams(lr = 0.1) %>%
  fit(tensor_dataset(x, y), epochs = 2, valid_data = tensor_dataset(x, y), verbose = FALSE,
      callbacks = list(luz_callback_tensorboard(logdir, histograms = TRUE)))
list.files(logdir)
#> [1] "train" "valid"
sub("tfevents.*", "tfevents", list.files(file.path(logdir, "train")))
#> [1] "events.out.tfevents"
file.info(list.files(file.path(logdir, "valid"), full.names = TRUE))$size > 100
#> [1] TRUE
write.csv(get_metrics(fitted), file.path(logdir, "metrics.csv"), row.names = FALSE)
check_callback(luz_callback_tensorboard(file.path(tempdir(), "other")))
#> luz_callback_tensorboard(file.path(tempdir(), "other")): a fit of two epochs of three batches, and validation
#>   listens to on_epoch_end
