# A training loop by hand, without luz.
library(torch)
torch_manual_seed(8)

x <- torch_randn(120, 2)
y <- (x$pow(2)$sum(dim = 2) > 1.4)$to(dtype = torch_long()) + 1L
dl <- dataloader(tensor_dataset(x, y), batch_size = 40, shuffle = TRUE)

model <- nn_sequential(nn_linear(2, 16), nn_relu(), nn_linear(16, 2))
optimizer <- optim_adam(model$parameters, lr = 0.02)
scheduler <- lr_step(optimizer, step_size = 10, gamma = 0.5)

for (epoch in 1:20) {
  model$train()
  losses <- c()
  coro::loop(for (b in dl) {
    optimizer$zero_grad()
    loss <- nnf_cross_entropy(model(b[[1]]), b[[2]])
    loss$backward()
    optimizer$step()
    losses <- c(losses, loss$item())
  })
  scheduler$step()
  if (epoch %% 5 == 0) cat(sprintf("epoch %d, loss %.4f, rate %g\n", epoch, mean(losses), scheduler$get_last_lr()[[1]]))
}
#> epoch 5, loss 0.5269, rate 0.02
#> epoch 10, loss 0.3526, rate 0.01
#> epoch 15, loss 0.2773, rate 0.01
#> epoch 20, loss 0.2293, rate 0.005

model$eval()
accuracy <- with_no_grad((model(x)$argmax(dim = 2) == y)$to(dtype = torch_float())$mean()$item())
accuracy > 0.85
#> [1] TRUE
