# Transfer learning: a residual net whose body is frozen and whose head is trained, on images that are drawn here.
library(torch)
library(torchvision)
library(luz)
set.seed(5)
torch_manual_seed(5)

folder <- tempfile("images-")
images <- function(split) {
  shapes_dataset(folder, classes = 3, per_class = 12, split = split,
    transform = . %>% transform_to_tensor() %>%
      transform_normalize(mean = c(0.485, 0.456, 0.406), std = c(0.229, 0.224, 0.225)))
}
train_dl <- dataloader(images("train"), batch_size = 12, shuffle = TRUE)
valid_dl <- dataloader(images("val"), batch_size = 12)

net <- nn_module(
  "net",
  initialize = function() {
    # pretrained = TRUE where the weights lie in the cache folder, or may be fetched
    self$model <- model_resnet18(pretrained = FALSE)
    for (par in self$parameters) par$requires_grad_(FALSE)
    self$model$fc <- nn_linear(self$model$fc$in_features, 3)
  },
  forward = function(x) self$model(x)
)
model <- net()
sum(sapply(model$parameters, function(p) p$numel()))
#> [1] 11178051
sum(sapply(Filter(function(p) p$requires_grad, model$parameters), function(p) p$numel()))
#> [1] 1539

fitted <- net %>%
  setup(nn_cross_entropy_loss(), optim_adam, metrics = list(luz_metric_accuracy())) %>%
  set_opt_hparams(lr = 0.002) %>%
  fit(train_dl, epochs = 2, valid_data = valid_dl, verbose = FALSE)
nrow(get_metrics(fitted))
#> [1] 8
dim(predict(fitted, valid_dl))
#> [1] 60  3
# The body is as it was: nothing of it has a gradient.
fitted$model$model$conv1$weight$grad
#> torch_tensor
#> [ Tensor (undefined) ]
