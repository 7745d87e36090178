# The loss against its definition, and in a fit.
library(torch)
library(luz)
library(smoothing)
torch_manual_seed(1)
scores <- torch_randn(5, 3, requires_grad = TRUE)
classes <- torch_tensor(c(1, 3, 2, 2, 1), dtype = torch_long())

# By hand: each row's target distribution against the log probabilities.
logs <- as.matrix(nnf_log_softmax(scores, dim = 2))
wanted <- matrix(0.2 / 3, 5, 3)
wanted[cbind(1:5, c(1, 3, 2, 2, 1))] <- 1 - 0.2 + 0.2 / 3
by_hand <- mean(-rowSums(wanted * logs))
loss <- nn_label_smoothing_loss(epsilon = 0.2)(scores, classes)
abs(loss$item() - by_hand) < 1e-6
#> [1] TRUE

# Nothing smoothed is cross entropy.
abs(label_smoothing_loss(scores, classes, 0)$item() - nnf_cross_entropy(scores, classes)$item()) < 1e-6
#> [1] TRUE
loss$backward()
dim(scores$grad)
#> [1] 5 3

fitted <- nn_module("net", initialize = function() self$fc <- nn_linear(4, 3), forward = function(x) self$fc(x)) %>%
  setup(loss = nn_label_smoothing_loss(), optimizer = optim_adam, metrics = luz_metric_accuracy()) %>%
  set_opt_hparams(lr = 0.05) %>%
  fit(list(torch_randn(60, 4), torch_tensor(rep(1:3, 20), dtype = torch_long())), epochs = 2, verbose = FALSE)
nrow(get_metrics(fitted))
#> [1] 4

tryCatch(label_smoothing_loss(scores, classes, 2), error = function(e) cat(conditionMessage(e), "\n"))
#> `epsilon` must be a number from 0 to 1, not 2 
tryCatch(nn_label_smoothing_loss(epsilon = -1), error = function(e) cat(conditionMessage(e), "\n"))
#> `epsilon` must be a number from 0 to 1, not -1 
