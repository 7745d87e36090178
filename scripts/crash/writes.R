# Writes all the time, until it is killed: a fit of tiny epochs that logs to csv and saves checkpoints, new ones and over
# old ones, RDS files and tensors. What is complete is noted in `acknowledged`. Run in a folder of its own.
library(torch)
library(luz)
torch_manual_seed(1)
x <- torch_randn(8, 2)
data <- dataloader(tensor_dataset(x, x[, 1]), batch_size = 4)
net <- nn_module("net",
  initialize = function() {
    self$fc <- nn_linear(2, 1)
    self$ballast <- nn_buffer(torch_zeros(60000))
  },
  forward = function(x) self$fc(x)[, 1])
saves <- luz_callback("saves", on_epoch_end = function() {
  n <- ctx$epoch
  saveRDS(list(n = n, x = seq_len(20000)), "over.rds")
  saveRDS(list(n = n, x = seq_len(20000)), sprintf("first-%d.rds", n))
  torch_save(list(n = torch_tensor(n), x = torch_zeros(60000)), "over.pt")
  unlink(c(sprintf("first-%d.rds", n - 3), sprintf("ck/epoch-%d.pt", n - 3)))
})
acknowledge <- luz_callback("acknowledge", weight = Inf,
  on_epoch_end = function() cat(ctx$epoch, "\n", file = "acknowledged", append = TRUE))
fitted <- net %>%
  setup(loss = nn_mse_loss(), optimizer = optim_adam) %>%
  fit(data, epochs = 1000000, verbose = FALSE, callbacks = list(
    luz_callback_csv_logger("log.csv"),
    luz_callback_model_checkpoint("ck/epoch-{epoch}.pt", monitor = "train_loss"),
    luz_callback_model_checkpoint("last.pt", monitor = "train_loss"),
    saves(), luz_callback_auto_resume("state.pt", every = 1), acknowledge()))
