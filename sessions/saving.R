# Saving a session with everything alive in it, and going on in another one.
library(torch)
library(luz)
set.seed(9)
torch_manual_seed(9)

x <- torch_randn(60, 3)
y <- x$sum(dim = 2, keepdim = TRUE)
dl <- dataloader(tensor_dataset(x, y), batch_size = 20, shuffle = TRUE)
net <- nn_module(
  "net",
  initialize = function() self$f <- nn_sequential(nn_linear(3, 8), nn_relu(), nn_dropout(0.1), nn_linear(8, 1)),
  forward = function(x) self$f(x)
)
fitted <- net %>%
  setup(nn_mse_loss(), optim_adam) %>%
  fit(dl, epochs = 2, verbose = FALSE)
counter <- local({ n <- 0; function() { n <<- n + 1; n } })
counter()
#> [1] 1

file <- file.path(tempdir(), "run.wb")
save_session(file, quiet = TRUE)
# What comes next without saving:
before <- list(predict(fitted, x)[1:3, 1], torch_rand(2), runif(2), counter())
before
#> [[1]]
#> torch_tensor
#>  0.1136
#>  0.1130
#>  0.1196
#> [ CPUFloatType{3} ]
#>
#> [[2]]
#> torch_tensor
#>  0.5424
#>  0.2435
#> [ CPUFloatType{2} ]
#>
#> [[3]]
#> [1] 0.22160140 0.02423391
#>
#> [[4]]
#> [1] 2
#>

# Somebody else's session: everything gone, other seeds.
rm(fitted, counter, net, x)
torch_manual_seed(1)
set.seed(1)
restore_session(file, quiet = TRUE)
after <- list(predict(fitted, x)[1:3, 1], torch_rand(2), runif(2), counter())
after
#> [[1]]
#> torch_tensor
#>  0.1136
#>  0.1130
#>  0.1196
#> [ CPUFloatType{3} ]
#>
#> [[2]]
#> torch_tensor
#>  0.5424
#>  0.2435
#> [ CPUFloatType{2} ]
#>
#> [[3]]
#> [1] 0.22160140 0.02423391
#>
#> [[4]]
#> [1] 2
#>

# One object at a time.
live <- file.path(tempdir(), "fitted.luz")
luz_save(fitted, live)
again <- luz_load(live)
as.logical(torch_allclose(predict(again, x), predict(fitted, x)))
#> [1] TRUE

# Weights alone, for other programs too: safetensors.
weights <- file.path(tempdir(), "weights.pt")
torch_save(fitted$model$state_dict(), weights)
names(torch_load(weights))
#> [1] "f.0.weight" "f.0.bias"   "f.3.weight" "f.3.bias"  

# A file that is no session says so, and nothing is changed.
try(restore_session(weights))
