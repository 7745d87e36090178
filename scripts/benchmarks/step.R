# Seconds of a training step and of a forward pass in evaluation, and the most memory:
# workbench step.R dropout|batchnorm|resnet BATCH WIDTH THREADS STEPS
# prints: KIND BATCH WIDTH THREADS, then seconds a step (median, least), a forward pass (median), memory in MB.

library(torch)
library(torchvision)
args <- commandArgs(trailingOnly = TRUE)
folder <- Sys.getenv("WORKBENCH_BENCHMARKS", "scripts/benchmarks")
source(file.path(folder, "nets.R"))

kind <- args[1]
batch <- as.integer(args[2])
width <- as.numeric(args[3])
threads <- as.integer(args[4])
steps <- as.integer(args[5])

torch_set_num_threads(threads)
torch_manual_seed(1)
model <- convnet(kind, width)
optimizer <- optim_adam(model$parameters, lr = 4e-4)
loss <- nn_cross_entropy_loss()
x <- torch_randn(batch, 3, 64, 64)
y <- torch_randint(1, 201, batch, dtype = torch_long())

now <- function() as.numeric(Sys.time())
train <- function() {
  start <- now()
  optimizer$zero_grad()
  value <- loss(model(x), y)
  value$backward()
  optimizer$step()
  now() - start
}
forward <- function() {
  start <- now()
  with_no_grad(model(x))
  now() - start
}

for (i in 1:2) train()
training <- vapply(seq_len(steps), function(i) train(), 0)
model$eval()
invisible(forward())
evaluation <- vapply(seq_len(steps), function(i) forward(), 0)
status <- readLines("/proc/self/status")
peak <- as.numeric(gsub("[^0-9]", "", grep("^VmHWM", status, value = TRUE))) / 1024
cat(sprintf("%s %d %g %d  %.3f %.3f  %.3f  %.0f\n",
  kind, batch, width, threads, median(training), min(training), median(evaluation), peak))
