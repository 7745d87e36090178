# One fit of a small net with everything that has a state, killed and begun again until it is done: fit.R NET IMAGES EPOCHS
# writes weights.pt, optimizer.pt and log.csv.
library(torch)
library(torchvision)
library(luz)
args <- commandArgs(trailingOnly = TRUE)
net <- args[1]
epochs <- as.integer(args[3])
set.seed(777)
torch_manual_seed(777)
normalize <- . %>% transform_normalize(mean = c(0.485, 0.456, 0.406), std = c(0.229, 0.224, 0.225))
augment <- . %>%
  transform_to_tensor() %>%
  transform_random_affine(degrees = c(-30, 30), translate = c(0.2, 0.2)) %>%
  transform_random_horizontal_flip() %>%
  normalize()
plain <- . %>% transform_to_tensor() %>% normalize()
images <- function(split, transform)
  shapes_dataset(args[2], classes = 3, per_class = 16, val_per_class = 8, split = split, transform = transform)
train_dl <- dataloader(images("train", augment), batch_size = 4, shuffle = TRUE)
valid_dl <- dataloader(images("val", plain), batch_size = 4)
block <- nn_module("block",
  initialize = function(channels) {
    self$conv1 <- nn_conv2d(channels, channels, 3, padding = 1)
    self$bn1 <- nn_batch_norm2d(channels)
    self$conv2 <- nn_conv2d(channels, channels, 3, padding = 1)
    self$bn2 <- nn_batch_norm2d(channels)
  },
  forward = function(x) nnf_relu(x + self$bn2(self$conv2(nnf_relu(self$bn1(self$conv1(x)))))))
features <- list(
  dropout = function() nn_sequential(
    nn_conv2d(3, 8, 3, padding = 1), nn_relu(), nn_max_pool2d(4), nn_dropout2d(0.1),
    nn_conv2d(8, 8, 3, padding = 1), nn_relu(), nn_max_pool2d(4), nn_dropout2d(0.1)),
  batchnorm = function() nn_sequential(
    nn_conv2d(3, 8, 3, padding = 1), nn_batch_norm2d(8), nn_relu(), nn_max_pool2d(4),
    nn_conv2d(8, 8, 3, padding = 1), nn_batch_norm2d(8), nn_relu(), nn_max_pool2d(4)),
  resnet = function() nn_sequential(
    nn_conv2d(3, 8, 7, stride = 4, padding = 3), nn_batch_norm2d(8), nn_relu(), block(8), block(8), nn_max_pool2d(4)))
model <- nn_module("convnet",
  initialize = function() {
    self$features <- features[[net]]()
    self$head <- nn_sequential(nn_dropout(0.1), nn_linear(8 * 4 * 4, 3))
  },
  forward = function(x) self$head(torch_flatten(self$features(x), start_dim = 2)))
keep <- luz_callback("keep", on_fit_end = function() torch_save(ctx$optimizers$opt$state_dict(), "optimizer.pt"))
fitted <- model %>%
  setup(loss = nn_cross_entropy_loss(), optimizer = optim_adam, metrics = luz_metric_accuracy()) %>%
  fit(train_dl, epochs = epochs, valid_data = valid_dl, verbose = FALSE, callbacks = list(
    luz_callback_early_stopping(patience = 4),
    luz_callback_lr_scheduler(lr_one_cycle, max_lr = 0.02, epochs = epochs, steps_per_epoch = length(train_dl),
      call_on = "on_train_batch_end"),
    luz_callback_model_checkpoint("checkpoints/", save_best_only = TRUE),
    luz_callback_csv_logger("log.csv"), keep(),
    luz_callback_auto_resume("state.pt", every = 2)))
luz_save_model_weights(fitted, "weights.pt")
