# Batches of 128 from a folder of images, turned, scaled and moved at random as in the chapter.

augmented_loader <- function(folder, batches) {
  augment <- function(img) {
    img %>%
      transform_to_tensor() %>%
      transform_random_affine(degrees = c(-30, 30), translate = c(0.2, 0.2), scale = c(0.8, 1.2)) %>%
      transform_normalize(mean = c(0.485, 0.456, 0.406), std = c(0.229, 0.224, 0.225))
  }
  all <- image_folder_dataset(folder, transform = augment)
  some <- dataset_subset(all, as.integer(seq(1, length(all), length.out = batches * 128)))
  dataloader(some, batch_size = 128, shuffle = TRUE)
}
