# The share of a training phase spent waiting for batches, augmentation on: luz's fit of one of the chapter's nets.
# workbench waiting.R dropout|batchnorm|resnet FOLDER STEPS THREADS
# prints: KIND, seconds a step, waiting in percent of the phase.

library(torch)
library(torchvision)
library(luz)
args <- commandArgs(trailingOnly = TRUE)
folder <- Sys.getenv("WORKBENCH_BENCHMARKS", "scripts/benchmarks")
source(file.path(folder, "nets.R"))
source(file.path(folder, "loader.R"))

kind <- args[1]
steps <- as.integer(args[3])
torch_set_num_threads(as.integer(args[4]))
torch_manual_seed(1)

loader <- augmented_loader(args[2], steps)

net <- nn_module(initialize = function() self$net <- convnet(kind), forward = function(x) self$net(x))
fitted <- net %>%
  setup(loss = nn_cross_entropy_loss(), optimizer = optim_adam) %>%
  set_opt_hparams(lr = 4e-4) %>%
  fit(loader, epochs = 1, verbose = FALSE)
seconds <- fitted$records$profile$train[[1]]
waiting <- fitted$records$profile$waiting[[1]]
cat(sprintf("%s %.3f %.2f\n", kind, seconds / steps, 100 * waiting / seconds))
