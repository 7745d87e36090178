# Gradients: of a formula, accumulated, switched off, of one's own function.
library(torch)

w <- torch_tensor(c(1, 2, 3), requires_grad = TRUE)
loss <- (w^2)$sum()
loss
loss$backward()
w$grad

# A second backward adds.
(w * 10)$sum()$backward()
w$grad

# Nothing is recorded here.
with_no_grad({
  w$sub_(0.1 * w$grad)
  w$grad$zero_()
})
w
(w * 2)$detach()$requires_grad

# Gradients as values, a second derivative among them.
x <- torch_tensor(2, requires_grad = TRUE)
y <- x^3
first <- autograd_grad(y, x, create_graph = TRUE)[[1]]
first
autograd_grad(first, x)[[1]]

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
clipped(z)$sum()$backward()
z$grad
