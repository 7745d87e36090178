# Random erasing: a rectangle of the image is filled with one value.

#' Erases a random rectangle of an image
#'
#' Zhong et al., "Random Erasing Data Augmentation" (2020). The rectangle's area is a share of the image's between the two
#' numbers of `scale`, its height to width between those of `ratio`; ten are drawn at most, and if none fits the image
#' stays as it is.
#' @param img tensor: image [C, H, W] or a batch of them [N, C, H, W]
#' @param p number from 0 to 1: probability that something is erased
#' @param scale smallest and largest share of the area
#' @param ratio smallest and largest height to width
#' @param value number: what is put there
#' @return a new tensor of the same shape
transform_erase_block <- function(img, p = 0.5, scale = c(0.02, 0.33), ratio = c(0.3, 3.3), value = 0) {
  result <- img$clone()
  if (.draw() >= p) return(result)
  size <- tail(dim(img), 2)
  for (attempt in 1:10) {
    area <- prod(size) * .draw(scale[1], scale[2])
    shape <- exp(.draw(log(ratio[1]), log(ratio[2])))
    height <- round(sqrt(area * shape))
    width <- round(sqrt(area / shape))
    if (height >= 1 && width >= 1 && height < size[1] && width < size[2]) {
      top <- floor(.draw(0, size[1] - height + 1))
      left <- floor(.draw(0, size[2] - width + 1))
      rows <- (top + 1):(top + height)
      columns <- (left + 1):(left + width)
      if (img$dim() == 4) result[, , rows, columns] <- value else result[, rows, columns] <- value
      return(result)
    }
  }
  result
}

# From torch's stream, as the other random transforms.
.draw <- function(low = 0, high = 1) torch_rand(1)$item() * (high - low) + low
