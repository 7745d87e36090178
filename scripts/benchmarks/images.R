# Images a second from JPEG files to normalised batches of 128, turned, scaled and moved at random as in the chapter:
# workbench images.R FOLDER BATCHES THREADS
# prints: images/s of five passes over the same files (median, most).

library(torch)
library(torchvision)
args <- commandArgs(trailingOnly = TRUE)
source(file.path(Sys.getenv("WORKBENCH_BENCHMARKS", "scripts/benchmarks"), "loader.R"))
batches <- as.integer(args[2])
torch_set_num_threads(as.integer(args[3]))
torch_manual_seed(1)

loader <- augmented_loader(args[1], batches)

now <- function() as.numeric(Sys.time())
pass <- function() {
  start <- now()
  batch <- dataloader_make_iter(loader)
  for (i in seq_len(batches)) dataloader_next(batch)
  batches * 128 / (now() - start)
}
invisible(pass())  # files come into the system's cache
rates <- vapply(1:5, function(i) pass(), 0)
cat(sprintf("images %.0f %.0f\n", median(rates), max(rates)))
