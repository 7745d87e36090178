import Diagnostics
import Tensors

extension Checks {
    /// Checks a callback in a small fit: two epochs of three batches of four items with validation.
    ///
    /// Nothing it does may end in an error, and its hooks must be those of luz. What it writes goes where it was told.
    /// - Parameters:
    ///   - callback: The callback.
    ///   - input: Shape of a batch, the first size is ignored: images [4, 3, 8, 8] are classified into three classes with
    ///     `nn_mixup_loss(nn_cross_entropy_loss())`, which takes targets of one and of two parts; nil for four numbers that say one, with `nn_mse_loss()`.
    /// - Throws: an error of kind `.plugin`; it names the event, epoch and batch.
    @discardableResult
    public func callback(_ callback: Callback, input: [Int]? = nil, as subject: String) throws -> Report {
        try running(subject) {
            let item = input.map { Array($0.dropFirst()) } ?? [4]
            guard !item.isEmpty, isSmall(item, sizes: 1...256, elements: 1 << 16) else {
                throw fail(
                    subject,
                    "an item of a batch must have sizes from 1 to 256 and at most 65536 elements, not the shape \(text(item))",
                    hint: "input = c(4, 3, 8, 8) is a batch of items [3, 8, 8]")
            }
            let heard = TrainingEvent.allCases.filter { callback.listens(to: $0) }
            note("\(subject): a fit of two epochs")
            _ = try value(
                of: input == nil
                    ? Checks.fit(loss: "torch::nn_mse_loss()", target: "torch::torch_randn(12, 1)", outputs: 1)
                    : Checks.fit(
                        loss: "luz::nn_mixup_loss(torch::nn_cross_entropy_loss())",
                        target: "torch::torch_tensor(rep(1:3, 4), dtype = torch::torch_long())", outputs: 3),
                [("callback", .object(callback)), ("shape", .ints([12] + item))])
            let names =
                heard.count == TrainingEvent.allCases.count
                ? "all events" : heard.map { $0.rawValue }.joined(separator: ", ")
            return Report(
                subject: subject,
                facts: [
                    "a fit of two epochs of three batches, and validation",
                    "listens to \(names.isEmpty ? "nothing" : names)",
                ])
        }
    }

    private static func fit(loss: String, target: String, outputs: Int) -> String {
        """
        x <- torch::torch_randn(shape)
        y <- \(target)
        net <- torch::nn_module("check",
          initialize = function(n, k) self$fc <- torch::nn_linear(n, k),
          forward = function(x) self$fc(torch::torch_flatten(x, start_dim = 2)))
        model <- luz::setup(net, loss = \(loss), optimizer = torch::optim_sgd)
        model <- luz::set_hparams(model, n = prod(shape[-1]), k = \(outputs))
        model <- luz::set_opt_hparams(model, lr = 0.01)
        luz::fit(model, torch::tensor_dataset(x, y), epochs = 2, valid_data = torch::tensor_dataset(x, y),
          dataloader_options = list(batch_size = 4), callbacks = list(callback), verbose = FALSE)
        """
    }
}
