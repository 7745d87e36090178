# Tensors: made, read, indexed from 1, views, types.
library(torch)
torch_manual_seed(1)

x <- torch_tensor(matrix(1:6, nrow = 2, byrow = TRUE))
x
x$shape
x$dtype
x[1, ]
x[, 2:3]
x[.., -1]
x$t()$contiguous()

# Arithmetic broadcasts; types are promoted.
x * torch_tensor(c(1, 0.5, 0.1))
(x > 2)$sum()
x$to(dtype = torch_float())$mean(dim = 2, keepdim = TRUE)

# A view shares its elements.
y <- torch_zeros(2, 3)
first <- y[1, ]
first$fill_(7)
y

# Random numbers are those of R torch with the same seed.
torch_rand(3)
torch_randn(2, 2)
torch_randperm(5)

# Back to R.
as.numeric(x$to(dtype = torch_float())$flatten())
dim(as.array(torch_ones(2, 3, 4)))

# Sizes that do not go together are an error that names both.
try(torch_ones(2, 3)$mm(torch_ones(2, 3)))
