import TestSupport
import Testing

/// Messages that once blamed something else, denied what was given, or were not there at all.
@Suite(.serialized) struct MisleadingMessages {
    private static let net = """
        net <- nn_module("net", initialize = function() self$fc <- nn_linear(2, 1), forward = function(x) self$fc(x))
        data <- list(torch_ones(4, 2), torch_ones(4, 1)); four <- list(batch_size = 4)

        """

    static let settings: [BadInput.Case] = [
        .init(
            "padding of a convolution", "nn_conv2d(3, 4, 3, padding = 1e18)(torch_ones(1, 3, 8, 8))",
            "padding is too large: 1000000000000000000", hint: "it can be 1073741823 at most"),
        .init(
            "dilation of a convolution", "nn_conv2d(3, 4, 3, dilation = 1e18)(torch_ones(1, 3, 8, 8))",
            "dilation is too large: 1000000000000000000"),
        .init(
            "stride of a convolution", "nn_conv2d(3, 4, 3, stride = 1e12)(torch_ones(1, 3, 8, 8))",
            "stride is too large: 1000000000000"),
        .init(
            "kernel of pooling", "nn_max_pool2d(1e18)(torch_ones(1, 1, 4, 4))",
            "kernel_size is too large: 1000000000000000000"),
        .init(
            "adaptive pooling", "nn_adaptive_avg_pool2d(1e9)(torch_ones(1, 1, 4, 4))",
            "output_size is too large: 1000000000", hint: "it can be 16777215 at most"),
        .init(
            "interpolation", "nnf_interpolate(torch_ones(1, 1, 4, 4), size = 1e9)",
            "output size is too large: 1000000000"),
        .init("padding", "nnf_pad(torch_ones(2, 2), c(1e18, 1))", "padding is too large: 1000000000000000000"),
        .init(
            "repeating less than never", "torch_tensor(1:6)$`repeat`(-1)",
            "a tensor cannot be repeated -1 times: repeat [-1]"),
        .init(
            "workers", "dataloader(tensor_dataset(torch_ones(4)), num_workers = 1e6)",
            "num_workers must be 1024 at most, not 1000000",
            hint: "more workers than the processor has cores read no faster"),
    ]

    static let gradients: [BadInput.Case] = [
        .init(
            "a gradient of another size", "x <- torch_ones(3, requires_grad = TRUE); x$grad <- torch_ones(5)",
            "assigned grad has data of a different size", hint: "the tensor has shape [3], the gradient [5]"),
        .init(
            "a number as gradient", "x <- torch_ones(3, requires_grad = TRUE); x$grad <- 5",
            "a gradient is a tensor or NULL, not a value of type 'double'"),
        .init(
            "a hook that changes the size",
            "x <- torch_ones(3, requires_grad = TRUE); x$register_hook(function(g) torch_ones(7)); x$sum()$backward()",
            "a hook has changed the size of the gradient: from [3] to [7]"),
        .init(
            "an error in a hook",
            "x <- torch_ones(3, requires_grad = TRUE); x$register_hook(function(g) stop('no')); x$sum()$backward()",
            "no"),
        .init(
            "a rate that is text",
            "o <- optim_sgd(list(x <- torch_ones(1, requires_grad = TRUE)), lr = 1); x$sum()$backward(); o$param_groups[[1]]$lr <- 'a'; o$step()",
            "the optimizer's setting `lr` is not a number"),
        .init("a rate that is none from the start", "optim_sgd(torch_ones(1), lr = NaN)", "Invalid learning rate: NaN"),
        .init(
            "a rate that is none",
            "o <- optim_adam(list(x <- torch_ones(1, requires_grad = TRUE)), lr = 1); x$sum()$backward(); o$param_groups[[1]]$lr <- NaN; o$step()",
            "the optimizer's setting `lr` is not a number"),
        .init(
            "a state that is text",
            "m <- nn_linear(2, 2); s <- m$state_dict(); s[[1]] <- 'a'; m$load_state_dict(s)",
            "weight of the state_dict must be a tensor, not \"a\""),
        .init(
            "a moment of another size",
            "m <- nn_linear(2, 2); o <- optim_adam(m$parameters); m(torch_ones(2, 2))$sum()$backward(); o$step(); s <- o$state_dict(); s$state[[1]]$exp_avg <- torch_ones(5); o$load_state_dict(s)",
            "exp_avg of parameter 1 has shape [5] in the state_dict, the parameter [2, 2]"),
        .init(
            "a module in itself", "m <- nn_linear(1, 1); m$self <- m",
            "<nn_linear> cannot be a child of itself or of a module below it"),
        .init(
            "a module below itself", "m <- nn_sequential(nn_linear(1, 1)); m$add_module('n', nn_sequential(m))",
            "<nn_sequential> cannot be a child of itself or of a module below it"),
    ]

    static let fits: [BadInput.Case] = [
        .init(
            "a setting of the optimizer",
            net
                + "net %>% setup(nn_mse_loss(), optim_adam) %>% set_opt_hparams(lr = 0.1, momentum = 0.9) %>% fit(data, epochs = 1)",
            "unused argument (momentum = 0.9)", hint: "arguments: params, lr, betas, eps, weight_decay, amsgrad"),
        .init(
            "a loss that is a number",
            net + "net %>% setup(function(i, t) 5, optim_adam) %>% fit(data, epochs = 1, dataloader_options = four)",
            "the loss function must return a tensor, not 5"),
        .init(
            "a loss cut off",
            net
                + "net %>% setup(function(i, t) torch_tensor(5), optim_adam) %>% fit(data, epochs = 1, dataloader_options = four)",
            "element 0 of tensors does not require grad and does not have a grad_fn",
            hint:
                "the loss does not come from the predictions: $detach(), $item(), as.array() and with_no_grad() cut it off"
        ),
        .init(
            "a model without anything to learn",
            net
                + "frozen <- nn_module('frozen', inherit = net, initialize = function() { super$initialize(); for (p in self$parameters) p$requires_grad_(FALSE) })\n"
                + "frozen %>% setup(nn_mse_loss(), optim_adam) %>% fit(data, epochs = 1, dataloader_options = four)",
            "element 0 of tensors does not require grad and does not have a grad_fn",
            hint: "no parameter of the model requires a gradient: requires_grad_(TRUE) for those to be trained"),
        .init(
            "a metric of two numbers",
            net
                + "two <- luz_metric('two', abbrev = 'Two', update = function(preds, target) {}, compute = function() c(1, 2))\n"
                + "net %>% setup(nn_mse_loss(), optim_adam, metrics = list(two())) %>% fit(data, epochs = 1, dataloader_options = four)",
            "! compute() of the metric Two must give one number, not 2",
            hint: "a list with names gives each a place of its own: list(a = 1, b = 2)"),
        .init(
            "items of different length",
            "d <- dataset('d', .getitem = function(i) list(x = 1:i), .length = function() 3); coro::collect(dataloader(d(), 3))",
            "Can't collate data of class: 'integer' with data of class 'integer'",
            hint: "item 1 of the batch has one number, item 2 has 2: items of one batch must have one size"),
    ]

    static let files: [BadInput.Case] = [
        .init(
            "torch_load() of a session", "x <- 1; save_session('p.wb', quiet = TRUE); torch_load('p.wb')",
            "'p.wb' is a saved session, not a file of torch_save()", hint: "restore_session() reads it"),
        .init(
            "torch_load() of a model", "suppressMessages(saveRDS(nn_linear(1, 1), 'm.rds')); torch_load('m.rds')",
            "'m.rds' is a saved object, not a file of torch_save()", hint: "readRDS() or luz_load() reads it"),
        .init(
            "load() of a session", "x <- 1; save_session('p.wb', quiet = TRUE); load('p.wb')",
            "bad restore file magic number (file may be corrupted) -- no data loaded",
            hint: "restore_session() reads a saved session, readRDS() a saved object"),
        .init(
            "an error in a transform",
            "d <- shapes_dataset('s', classes = 2, per_class = 1, val_per_class = 1, transform = function(img) stop('no')); d[1]",
            "no"),
    ]

    @Test(arguments: settings + gradients + fits) func `says what is wrong`(_ bad: BadInput.Case) {
        let (error, goesOn) = BadInput.outcome(bad.code)
        BadInput.expect(error, bad.message, hint: bad.hint)
        #expect(!error.contains { $0.hasPrefix("Error in FUN()") }, "\(error)")
        #expect(goesOn)
    }

    @Test func `data of unequal size is named, not what checks it`() {
        let code =
            Self.net + "net %>% setup(nn_mse_loss(), optim_adam) %>% fit(list(torch_ones(4, 2), torch_ones(3, 1)))"
        let (error, _) = BadInput.outcome(code)
        #expect(error.first?.hasPrefix("Error in tensor_dataset(data) :") == true, "\(error)")
    }

    @Test(arguments: files) func `says what a file is`(_ bad: BadInput.Case) {
        let (error, goesOn) = BadInput.outcome(bad.code, in: makeTemporaryFolder())
        BadInput.expect(error, bad.message, hint: bad.hint)
        #expect(!error.contains { $0.hasPrefix("Error in FUN()") }, "\(error)")
        #expect(goesOn)
    }
}
