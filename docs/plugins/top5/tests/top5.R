# Top-1, top-2 and top-5 of the same scores.
library(torch)
library(luz)
library(top5)
scores <- torch_tensor(rbind(c(0.9, 0.5, 0.1, 0, 0, 0, 0), c(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7), c(3, 2, 1, 0, -1, -2, -3)))
classes <- torch_tensor(c(1, 6, 7), dtype = torch_long())
for (k in c(1, 2, 5, 7)) {
  metric <- luz_metric_top_k(k)$new()
  metric$update(scores, classes)
  cat(metric$abbrev, metric$compute(), "\n")
}
#> Top1 0.3333333 
#> Top2 0.6666667 
#> Top5 0.6666667 
#> Top7 1 
check_metric(luz_metric_top_k(5))
#> luz_metric_top_k(5): Top5 is 0.625 of scores and classes
#>   a new one begins anew, and computing changes nothing

torch_manual_seed(1)
fitted <- nn_module("net", initialize = function() self$fc <- nn_linear(4, 7), forward = function(x) self$fc(x)) %>%
  setup(loss = nn_cross_entropy_loss(), optimizer = optim_sgd, metrics = list(luz_metric_top_k())) %>%
  set_opt_hparams(lr = 0.01) %>%
  fit(list(torch_randn(70, 4), torch_tensor(rep(1:7, 10), dtype = torch_long())), epochs = 1, verbose = FALSE)
get_metrics(fitted)$metric
#> [1] "loss" "top5"
tryCatch(luz_metric_top_k(k = 1.5)$new(), error = function(e) cat(conditionMessage(e), "\n"))
#> `k` must be a whole number from 1, not 1.5 
