# Gradients: of a formula, accumulated, switched off, of one's own function.
library(torch)

w <- torch_tensor(c(1, 2, 3), requires_grad = TRUE)
loss <- (w^2)$sum()
loss
#> torch_tensor
#> 14
#> [ CPUFloatType{} ][ grad_fn = <SumBackward0> ]
loss$backward()
w$grad
#> torch_tensor
#>  2
#>  4
#>  6
#> [ CPUFloatType{3} ]

# A second backward adds.
(w * 10)$sum()$backward()
w$grad
#> torch_tensor
#>  12
#>  14
#>  16
#> [ CPUFloatType{3} ]

# Nothing is recorded here.
with_no_grad({
  w$sub_(0.1 * w$grad)
  w$grad$zero_()
})
#> torch_tensor
#>  0
#>  0
#>  0
#> [ CPUFloatType{3} ]
w
#> torch_tensor
#> -0.2000
#>  0.6000
#>  1.4000
#> [ CPUFloatType{3} ][ requires_grad = TRUE ]
(w * 2)$detach()$requires_grad
#> [1] FALSE

# Gradients as values, a second derivative among them.
x <- torch_tensor(2, requires_grad = TRUE)
y <- x^3
first <- autograd_grad(y, x, create_graph = TRUE)[[1]]
first
#> torch_tensor
#>  12
#> [ CPUFloatType{1} ][ grad_fn = <MulBackward0> ]
autograd_grad(first, x)[[1]]
#> torch_tensor
#>  12
#> [ CPUFloatType{1} ]

# A function with a gradient of one's own.
clipped <- autograd_function(
  forward = function(ctx, input) {
    ctx$save_for_backward(input = input)
    input$clamp(-1, 1)
  },
  backward = function(ctx, grad_output) {
    list(input = grad_output * (ctx$saved_variables$input$abs() <= 1))
  }
)
z <- torch_tensor(c(-2, 0.5, 3), requires_grad = TRUE)
clipped(z)
#> torch_tensor
#> -1.0000
#>  0.5000
#>  1.0000
#> [ CPUFloatType{3} ][ grad_fn = <CppNode> ]
clipped(z)$sum()$backward()
z$grad
#> torch_tensor
#>  0
#>  1
#>  0
#> [ CPUFloatType{3} ]
