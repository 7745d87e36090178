# The chapter's second net, with batch normalisation, in both forms of its schedule:
#   workbench sessions/chapter18-batchnorm.R [EPOCHS] [CLASSES] [WIDTH] [FOLDER]
# FOLDER is where tiny-imagenet-200 lies; without it the images are drawn (shapes_dataset). WIDTH 1 is the chapter's.
# What is recorded here is the small run without arguments.
library(torch)
library(torchvision)
library(torchdatasets)
library(luz)

args <- commandArgs(trailingOnly = TRUE)
argument <- function(i, default) if (length(args) >= i) as.numeric(args[i]) else default
epochs <- argument(1, 2)
classes <- argument(2, 4)
width <- argument(3, 1 / 8)
folder <- if (length(args) >= 4) args[4]
batch_size <- if (is.null(folder)) 32 else 128

out <- if (interactive()) "runs/batchnorm" else tempfile("chapter18-")
dir.create(out, recursive = TRUE, showWarnings = FALSE)
set.seed(777)
torch_manual_seed(777)

# Images ---------------------------------------------------------------------------------------------------------------
normalize <- . %>%
  transform_normalize(mean = c(0.485, 0.456, 0.406), std = c(0.229, 0.224, 0.225))
augment <- . %>%
  transform_to_tensor() %>%
  transform_random_affine(degrees = c(-30, 30), translate = c(0.2, 0.2)) %>%
  normalize()
plain <- . %>% transform_to_tensor() %>% normalize()

images <- function(split, transform) {
  if (is.null(folder)) {
    return(shapes_dataset(file.path(out, "images"), classes = classes, split = split, transform = transform))
  }
  all <- tiny_imagenet_dataset(folder, split = split, transform = transform)
  if (classes == 200) return(all)
  targets <- vapply(all$samples[[2]], as.numeric, 0)
  dataset_subset(all, which(targets <= classes))
}
train_dl <- dataloader(images("train", augment), batch_size = batch_size, shuffle = TRUE)
valid_dl <- dataloader(images("val", plain), batch_size = batch_size)
c(length(train_dl), length(valid_dl))
#> [1] 8 3

batch <- train_dl %>% dataloader_make_iter() %>% dataloader_next()
dim(batch[[1]])
#> [1] 32  3 64 64

# The net --------------------------------------------------------------------------------------------------------------
channels <- as.integer(c(64, 128, 256, 512, 1024) * width)
hidden <- as.integer(1024 * width)
block <- function(from, to, pool) {
  nn_sequential(nn_conv2d(from, to, kernel_size = 3, padding = 1), nn_batch_norm2d(to), nn_relu(), pool)
}
convnet <- nn_module(
  "convnet",
  initialize = function() {
    self$features <- nn_sequential(
      block(3, channels[1], nn_max_pool2d(kernel_size = 2)),
      block(channels[1], channels[2], nn_max_pool2d(kernel_size = 2)),
      block(channels[2], channels[3], nn_max_pool2d(kernel_size = 2)),
      block(channels[3], channels[4], nn_max_pool2d(kernel_size = 2)),
      block(channels[4], channels[5], nn_adaptive_avg_pool2d(c(1, 1)))
    )
    self$classifier <- nn_sequential(
      nn_linear(channels[5], hidden), nn_relu(), nn_batch_norm1d(hidden),
      nn_linear(hidden, hidden), nn_relu(), nn_batch_norm1d(hidden),
      nn_linear(hidden, classes)
    )
  },
  forward = function(x) self$classifier(torch_flatten(self$features(x), start_dim = 2))
)
model <- convnet %>%
  setup(loss = nn_cross_entropy_loss(), optimizer = optim_adam, metrics = list(luz_metric_accuracy()))

# The learning rate ----------------------------------------------------------------------------------------------------
rates_and_losses <- model %>% lr_finder(train_dl, steps = 20)
nrow(rates_and_losses)
#> [1] 20
png(file.path(out, "learning-rates.png"))
plot(rates_and_losses)
invisible(dev.off())

# As published: the scheduler is built and never stepped, the rate stays at max_lr / 25 -----------------------------------
train <- function(max_lr, call_on) {
  torch_manual_seed(778)
  model %>% fit(
    train_dl,
    epochs = epochs, valid_data = valid_dl,
    callbacks = list(
      luz_callback_early_stopping(patience = max(2, epochs %/% 3)),
      luz_callback_lr_scheduler(
        lr_one_cycle,
        max_lr = max_lr, epochs = epochs, steps_per_epoch = length(train_dl), call_on = call_on
      ),
      luz_callback_model_checkpoint(path = file.path(out, "checkpoints/")),
      luz_callback_csv_logger(file.path(out, "log.csv"))
    )
  )
}
published <- train(0.001, "on_batch_end")
get_metrics(published)[c("set", "metric", "epoch")]
#>     set metric epoch
#> 1 train   loss     1
#> 2 train    acc     1
#> 3 train   loss     2
#> 4 train    acc     2
#> 5 valid   loss     1
#> 6 valid    acc     1
#> 7 valid   loss     2
#> 8 valid    acc     2
all(is.finite(get_metrics(published)$value))
#> [1] TRUE

# One cycle in earnest: a step after each batch, up to a rate at which the finder's losses still fall -----------------------
cycle <- train(0.01, "on_train_batch_end")
get_metrics(cycle)[c("set", "metric", "epoch")]
#>     set metric epoch
#> 1 train   loss     1
#> 2 train    acc     1
#> 3 train   loss     2
#> 4 train    acc     2
#> 5 valid   loss     1
#> 6 valid    acc     1
#> 7 valid   loss     2
#> 8 valid    acc     2
all(is.finite(get_metrics(cycle)$value))
#> [1] TRUE
unique(sub("loss-.*", "loss", list.files(file.path(out, "checkpoints"))))
#> [1] "epoch-01-valid_loss" "epoch-02-valid_loss"

# What it learned ------------------------------------------------------------------------------------------------------
evaluation <- cycle %>% evaluate(valid_dl)
predictions <- cycle %>% predict(valid_dl)
dim(predictions)
#> [1] 80  4
