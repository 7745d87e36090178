# Images a second from JPEG files to normalised batches of 128, turned, scaled and moved at random as in the chapter:
# workbench images.R FOLDER BATCHES THREADS
# prints: images/s of five passes over the same files (median, most).

library(torch)
library(torchvision)
args <- commandArgs(trailingOnly = TRUE)
batches <- as.integer(args[2])
torch_set_num_threads(as.integer(args[3]))
torch_manual_seed(1)

augment <- function(img) {
  img %>%
    transform_to_tensor() %>%
    transform_random_affine(degrees = c(-30, 30), translate = c(0.2, 0.2), scale = c(0.8, 1.2)) %>%
    transform_normalize(mean = c(0.485, 0.456, 0.406), std = c(0.229, 0.224, 0.225))
}
all <- image_folder_dataset(args[1], transform = augment)
some <- dataset_subset(all, as.integer(seq(1, length(all), length.out = batches * 128)))
loader <- dataloader(some, batch_size = 128, shuffle = TRUE)

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
