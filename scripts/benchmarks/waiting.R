# The share of a training phase spent waiting for batches, augmentation on: luz's fit of one of the chapter's nets.
# workbench waiting.R dropout|batchnorm|resnet FOLDER STEPS THREADS
# prints: KIND, seconds a step, waiting in percent of the phase.

library(torch)
library(torchvision)
library(luz)
args <- commandArgs(trailingOnly = TRUE)
folder <- Sys.getenv("WORKBENCH_BENCHMARKS", "scripts/benchmarks")
source(file.path(folder, "nets.R"))

kind <- args[1]
steps <- as.integer(args[3])
torch_set_num_threads(as.integer(args[4]))
torch_manual_seed(1)

augment <- function(img) {
  img %>%
    transform_to_tensor() %>%
    transform_random_affine(degrees = c(-30, 30), translate = c(0.2, 0.2), scale = c(0.8, 1.2)) %>%
    transform_normalize(mean = c(0.485, 0.456, 0.406), std = c(0.229, 0.224, 0.225))
}
all <- image_folder_dataset(args[2], transform = augment)
some <- dataset_subset(all, as.integer(seq(1, length(all), length.out = steps * 128)))
loader <- dataloader(some, batch_size = 128, shuffle = TRUE)

net <- nn_module(initialize = function() self$net <- convnet(kind), forward = function(x) self$net(x))
fitted <- net %>%
  setup(loss = nn_cross_entropy_loss(), optimizer = optim_adam) %>%
  set_opt_hparams(lr = 4e-4) %>%
  fit(loader, epochs = 1, verbose = FALSE)
seconds <- fitted$records$profile$train[[1]]
waiting <- fitted$records$profile$waiting[[1]]
cat(sprintf("%s %.3f %.2f\n", kind, seconds / steps, 100 * waiting / seconds))
