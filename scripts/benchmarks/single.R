# Milliseconds of one image of 64 pixels through ResNet-18, as at the prompt: single.R THREADS
# prints: milliseconds of 21 calls (median, least), of the first call.

library(torch)
library(torchvision)
torch_set_num_threads(as.integer(commandArgs(trailingOnly = TRUE)[1]))
folder <- Sys.getenv("WORKBENCH_BENCHMARKS", "scripts/benchmarks")
source(file.path(folder, "nets.R"))
torch_manual_seed(1)
model <- convnet("resnet")
model$eval()
x <- torch_randn(1, 3, 64, 64)
milliseconds <- function() {
  start <- as.numeric(Sys.time())
  as.numeric(model(x)[1, 1])
  1000 * (as.numeric(Sys.time()) - start)
}
first <- milliseconds()
times <- vapply(1:21, function(i) milliseconds(), 0)
cat(sprintf("one image %.1f %.1f %.1f\n", median(times), min(times), first))
