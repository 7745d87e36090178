# The three convnets of the chapter at a share of their width.

convnet <- function(kind, width = 1, classes = 200) {
  if (kind == "resnet") return(resnet_net(width, classes))
  channels <- as.integer(c(64, 128, 256, 512, 1024) * width)
  hidden <- as.integer(1024 * width)
  layers <- list()
  before <- 3
  for (i in seq_along(channels)) {
    layers <- c(layers, list(nn_conv2d(before, channels[i], kernel_size = 3, padding = 1)))
    if (kind == "batchnorm") layers <- c(layers, list(nn_batch_norm2d(channels[i])))
    layers <- c(layers, list(nn_relu()))
    last <- i == length(channels)
    layers <- c(layers, list(if (last) nn_adaptive_avg_pool2d(c(1, 1)) else nn_max_pool2d(kernel_size = 2)))
    if (kind == "dropout") layers <- c(layers, list(nn_dropout2d(p = 0.05)))
    before <- channels[i]
  }
  between <- function() if (kind == "batchnorm") nn_batch_norm1d(hidden) else nn_dropout(p = 0.05)
  features <- do.call(nn_sequential, layers)
  classifier <- nn_sequential(
    nn_linear(before, hidden), nn_relu(), between(),
    nn_linear(hidden, hidden), nn_relu(), between(),
    nn_linear(hidden, classes)
  )
  net <- nn_module(
    "convnet",
    initialize = function() {
      self$features <- features
      self$classifier <- classifier
    },
    forward = function(x) self$classifier(self$features(x)$squeeze())
  )
  net()
}

resnet_net <- function(width, classes) {
  hidden <- as.integer(1024 * width)
  net <- nn_module(
    "resnet_net",
    initialize = function() {
      self$model <- model_resnet18(pretrained = FALSE)
      for (par in self$parameters) par$requires_grad_(FALSE)
      self$model$fc <- nn_sequential(
        nn_linear(self$model$fc$in_features, hidden), nn_relu(),
        nn_linear(hidden, hidden), nn_relu(),
        nn_linear(hidden, classes)
      )
    },
    forward = function(x) self$model(x)
  )
  net()
}
