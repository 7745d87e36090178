# Callbacks and metrics of one's own.
library(torch)
library(luz)
torch_manual_seed(4)

x <- torch_randn(80, 4)
y <- (x[, 1] + x[, 2] > 0)$to(dtype = torch_long()) + 1L

print_best <- luz_callback(
  "print_best",
  initialize = function(metric) {
    self$metric <- metric
    self$best <- Inf
  },
  on_epoch_end = function() {
    value <- ctx$get_metric(self$metric, "train", ctx$epoch)
    if (value < self$best) {
      self$best <- value
      cat("epoch", ctx$epoch, "is the best so far:", format(value, digits = 4), "\n")
    }
  },
  on_fit_end = function() cat("best", format(self$best, digits = 4), "\n")
)

share_of_ones <- luz_metric(
  "share_of_ones",
  abbrev = "Ones",
  initialize = function() self$seen <- c(0, 0),
  update = function(preds, target) {
    answers <- as.integer(preds$argmax(dim = 2))
    self$seen <- self$seen + c(sum(answers == 1), length(answers))
  },
  compute = function() self$seen[1] / self$seen[2]
)

net <- nn_module(
  "net",
  initialize = function() self$f <- nn_sequential(nn_linear(4, 8), nn_relu(), nn_linear(8, 2)),
  forward = function(x) self$f(x)
)
fitted <- net %>%
  setup(nn_cross_entropy_loss(), optim_adam, metrics = list(luz_metric_accuracy(), share_of_ones())) %>%
  set_opt_hparams(lr = 0.05) %>%
  fit(tensor_dataset(x, y), epochs = 3, callbacks = list(print_best("loss")), verbose = FALSE)
#> epoch 1 is the best so far: 0.6516 
#> epoch 2 is the best so far: 0.6038 
#> epoch 3 is the best so far: 0.5164 
#> best 0.5164 
get_metrics(fitted)
#>     set metric epoch     value
#> 1 train   loss     1 0.6515704
#> 2 train    acc     1 0.6562500
#> 3 train   ones     1 0.8906250
#> 4 train   loss     2 0.6037819
#> 5 train    acc     2 0.8125000
#> 6 train   ones     2 0.5625000
#> 7 train   loss     3 0.5163645
#> 8 train    acc     3 0.9062500
#> 9 train   ones     3 0.4843750

# A hook that does not exist is an error before the first epoch.
try(net %>% setup(nn_cross_entropy_loss(), optim_adam) %>%
  fit(tensor_dataset(x, y), epochs = 1, verbose = FALSE,
    callbacks = list(luz_callback("typo", on_batch_ends = function() 1)())))
