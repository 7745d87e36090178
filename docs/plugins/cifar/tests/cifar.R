# Two small files in CIFAR-10's binary format, written here, read, and learned from.
library(torch)
library(cifar)
root <- file.path(tempdir(), "cifar-10-batches-bin")
dir.create(root)
record <- function(class, red) as.raw(c(class, rep(red, 1024), rep(128, 1024), rep(7, 1024)))
writeBin(c(record(0, 0), record(9, 255), record(3, 51)), file.path(root, "data_batch_1.bin"))
writeBin(c(record(1, 20)), file.path(root, "test_batch.bin"))
writeLines(c("airplane", "automobile", "bird", "cat"), file.path(root, "batches.meta.txt"))

ds <- cifar10_binary_dataset(root)
length(ds)
#> [1] 3
ds$classes
#> [1] "airplane"   "automobile" "bird"       "cat"       
item <- ds[3]
item$y
#> [1] 4
item$x$shape
#> [1]  3 32 32
as.numeric(item$x[1, 1, 1]$item())
#> [1] 0.2
as.numeric(item$x[2, 32, 32]$item()) * 255
#> [1] 128

half <- cifar10_binary_dataset(root, train = FALSE, transform = function(img) img * 0.5)
length(half)
#> [1] 1
half[1]$x[1, 5, 5]$item() * 255
#> [1] 10

batch <- dataloader_next(dataloader_make_iter(dataloader(ds, batch_size = 2)))
batch$x$shape
#> [1]  2  3 32 32
batch$y
#> torch_tensor
#>   1
#>  10
#> [ CPULongType{2} ]

writeBin(as.raw(1:100), file.path(root, "data_batch_2.bin"))
tryCatch(cifar10_binary_dataset(root), error = function(e) cat(sub(root, "ROOT", conditionMessage(e), fixed = TRUE), "\n"))
#> 'ROOT/data_batch_2.bin' has 100 bytes, not a multiple of 3073 
tryCatch(ds[4], error = function(e) cat(conditionMessage(e), "\n"))
#> subscript out of bounds: item 4 of a data set of 3 items 
