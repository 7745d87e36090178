# Tensors: made, read, indexed from 1, views, types.
library(torch)
torch_manual_seed(1)

x <- torch_tensor(matrix(1:6, nrow = 2, byrow = TRUE))
x
#> torch_tensor
#>  1  2  3
#>  4  5  6
#> [ CPULongType{2,3} ]
x$shape
#> [1] 2 3
x$dtype
#> torch_Long
x[1, ]
#> torch_tensor
#>  1
#>  2
#>  3
#> [ CPULongType{3} ]
x[, 2:3]
#> torch_tensor
#>  2  3
#>  5  6
#> [ CPULongType{2,2} ]
x[.., -1]
#> torch_tensor
#>  3
#>  6
#> [ CPULongType{2} ]
x$t()$contiguous()
#> torch_tensor
#>  1  4
#>  2  5
#>  3  6
#> [ CPULongType{3,2} ]

# Arithmetic broadcasts; types are promoted.
x * torch_tensor(c(1, 0.5, 0.1))
#> torch_tensor
#>  1.0000  1.0000  0.3000
#>  4.0000  2.5000  0.6000
#> [ CPUFloatType{2,3} ]
(x > 2)$sum()
#> torch_tensor
#> 4
#> [ CPULongType{} ]
x$to(dtype = torch_float())$mean(dim = 2, keepdim = TRUE)
#> torch_tensor
#>  2
#>  5
#> [ CPUFloatType{2,1} ]

# A view shares its elements.
y <- torch_zeros(2, 3)
first <- y[1, ]
first$fill_(7)
#> torch_tensor
#>  7
#>  7
#>  7
#> [ CPUFloatType{3} ]
y
#> torch_tensor
#>  7  7  7
#>  0  0  0
#> [ CPUFloatType{2,3} ]

# Random numbers are those of R torch with the same seed.
torch_rand(3)
#> torch_tensor
#>  0.7576
#>  0.2793
#>  0.4031
#> [ CPUFloatType{3} ]
torch_randn(2, 2)
#> torch_tensor
#>  0.7244 -0.7022
#>  1.1661  0.2605
#> [ CPUFloatType{2,2} ]
torch_randperm(5)
#> torch_tensor
#>  4
#>  1
#>  0
#>  2
#>  3
#> [ CPULongType{5} ]

# Back to R.
as.numeric(x$to(dtype = torch_float())$flatten())
#> [1] 1 2 3 4 5 6
dim(as.array(torch_ones(2, 3, 4)))
#> [1] 2 3 4

# Sizes that do not go together are an error that names both.
try(torch_ones(2, 3)$mm(torch_ones(2, 3)))
