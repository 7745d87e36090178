# What is erased, and what stays.
library(torch)
library(torchvision)
library(erasing)
torch_manual_seed(1)
img <- torch_rand(3, 16, 16)
erased <- transform_erase_block(img, p = 1, value = -1)
share <- (erased == -1)$to(dtype = torch_float())$mean()$item()
share >= 0.01 && share <= 0.4
#> [1] TRUE
torch_equal(erased[erased > -1], img[erased > -1])
#> [1] TRUE
torch_equal(transform_erase_block(img, p = 0), img)
#> [1] TRUE
dim(transform_erase_block(torch_rand(2, 3, 8, 8), p = 1))
#> [1] 2 3 8 8
check_transform(transform_erase_block)
#> transform_erase_block: image [3, 16, 16], result [3, 16, 16]
#>   the same with the same seeds

# In a chain of a data set.
chain <- . %>% transform_horizontal_flip_of() %>% transform_erase_block(p = 1)
transform_horizontal_flip_of <- function(img) transform_hflip(img)
dim(chain(img))
#> [1]  3 16 16
tryCatch(transform_erase_block(img, p = 2), error = function(e) cat(conditionMessage(e), "\n"))
#> `p` must be a number from 0 to 1, not 2 
tryCatch(transform_erase_block("img"), error = function(e) cat(conditionMessage(e), "\n"))
#> `img` must be a tensor, not "img" 
