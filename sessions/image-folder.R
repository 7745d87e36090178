# Images of one's own: a folder for each class, transforms, a loader.
library(torch)
library(torchvision)
set.seed(6)
torch_manual_seed(6)

folder <- file.path(tempdir(), "own")
invisible(shapes_dataset(folder, classes = 3, per_class = 4, split = "train"))
ds <- image_folder_dataset(file.path(folder, "shapes", "train"), transform = transform_to_tensor)
length(ds)
#> [1] 12
ds$classes
#> [1] "n00000001" "n00000002" "n00000003"
item <- ds[1]
dim(item$x)
#> [1]  3 64 64
item$y
#> n00000001 
#>         1 

# Augmentation runs natively and draws from the session's generators.
augmented <- image_folder_dataset(
  file.path(folder, "shapes", "train"),
  transform = . %>%
    transform_to_tensor() %>%
    transform_random_horizontal_flip() %>%
    transform_resize(c(32, 32)) %>%
    transform_normalize(mean = c(0.5, 0.5, 0.5), std = c(0.5, 0.5, 0.5))
)
dl <- dataloader(augmented, batch_size = 5, shuffle = TRUE)
length(dl)
#> [1] 3
coro::loop(for (b in dl) cat(dim(b$x), "|", as.integer(b$y), "\n"))
#> 5 3 32 32 | 1 3 2 1 2 
#> 5 3 32 32 | 1 3 3 2 1 
#> 2 3 32 32 | 2 3 

# A folder that is not there says so.
try(image_folder_dataset(file.path(folder, "nothing")))
