# Runs on record: three fits, what is kept of them, and which settings made the difference.
library(torch)
library(luz)

# A file of this script's own; without this line runs go into the file of the user, and replays keep none.
options(workbench.runs = file.path(tempdir(), "runs.sqlite"), width = 100)

torch_manual_seed(777)
x <- torch_randn(64, 3)
y <- x[, 1] - 2 * x[, 2]
net <- nn_module("regression",
  initialize = function(hidden) {
    self$first <- nn_linear(3, hidden)
    self$second <- nn_linear(hidden, 1)
  },
  forward = function(x) self$second(nnf_relu(self$first(x)))[, 1])

train <- function(hidden, lr, epochs = 4, callbacks = list()) {
  torch_manual_seed(1)
  set.seed(1) # chooses what is set aside for validation
  net %>%
    setup(loss = nn_mse_loss(), optimizer = optim_adam, metrics = luz_metric_mae()) %>%
    set_hparams(hidden = hidden) %>%
    set_opt_hparams(lr = lr) %>%
    fit(list(x, y), epochs = epochs, valid_data = 0.25, verbose = FALSE, callbacks = callbacks)
}

small <- train(hidden = 4, lr = 0.01)
large <- train(hidden = 16, lr = 0.05)
stopped <- train(hidden = 16, lr = 0.5, epochs = 20, callbacks = list(luz_callback_early_stopping(patience = 1)))

r <- runs()
r[, c("id", "net", "parameters", "epochs", "planned", "valid_loss", "best_epoch", "status")]
#>  id        net parameters epochs planned valid_loss best_epoch   status
#>   1 regression         21      4       4       4.38          4 finished
#>   2 regression         81      4       4       2.65          4 finished
#>   3 regression         81      2      20      26.98          1  stopped
r$note[3]
#> [1] "in epoch 2 of 20"
r$seed
#> [1] 1 1 1

# The best of them, with all that is known of it.
best <- get_run(r$id[which.min(r$best_loss)])
best$hyperparameters$hidden
#> [1] "16"
best$metrics[best$metrics$metric == "loss" & best$metrics$set == "valid", ]
#>     set metric epoch     value
#> 5 valid   loss     1  1.649477
#> 7 valid   loss     2 26.977528
all.equal(best$metrics, get_metrics(list(small, large, stopped)[[which.min(r$best_loss)]]))
#> [1] TRUE

# What differs between two.
k <- compare_runs(1, 2)
k$hyperparameters[k$hyperparameters$differs, ]
#>     name differs    1    2
#> 2 hidden    TRUE    4   16
#> 4     lr    TRUE 0.01 0.05
k$runs$fingerprint[1] == k$runs$fingerprint[2]
#> [1] TRUE

# A fit that fails is on record, too.
fails <- luz_callback("fails", on_epoch_end = function() if (ctx$epoch == 2) stop("out of luck"))
tryCatch(train(4, 0.01, callbacks = list(fails())), error = function(e) cat("failed\n"))
#> failed
runs(last = 1)[, c("id", "epochs", "status", "note")]
#>  id epochs status                                                    note
#>   4      2 failed in epoch 2, batch 1 of the validation data: out of luck

# And one that is not to be kept is not.
options(workbench.runs = FALSE)
invisible(train(4, 0.01))
options(workbench.runs = file.path(tempdir(), "runs.sqlite"))
nrow(runs())
#> [1] 4
