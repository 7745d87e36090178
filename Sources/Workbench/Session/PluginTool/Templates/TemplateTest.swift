/// The session script that `plugin new` writes with a plug-in, `tests/NAME.R`: plug-ins of a kind do the same in R and in
/// Swift. What differs stands in lines that begin with `[R]` or `[Swift]`.
enum TemplateTest {
    /// The lines of a script that are for one tier.
    static func lines(of script: String, isCompiled: Bool) -> String {
        let (mine, other) = isCompiled ? ("[Swift] ", "[R] ") : ("[R] ", "[Swift] ")
        return script.split(separator: "\n", omittingEmptySubsequences: false).filter { !$0.hasPrefix(other) }
            .map { $0.hasPrefix(mine) ? $0.dropFirst(mine.count) : $0 }.joined(separator: "\n")
    }

    static let layer = """
        library(torch)
        library(NAME)
        torch_manual_seed(1)
        layer <- FUNCTION(3)
        layer(torch_tensor(rbind(c(1, 2, 3), c(4, 5, 6))))
        #> torch_tensor
        #>  1  2  3
        #>  4  5  6
        #> [ CPUFloatType{2,3} ][ grad_fn = <AddBackward0> ]
        # Shapes, gradients against differences, copies:
        check_layer(layer, torch_randn(2, 3))
        #> layer: input [2, 3], output [2, 3]
        #>   the same twice in evaluation mode, and of a copy
        #>   gradients of the input and 2 parameters agree with differences
        net <- nn_sequential(nn_linear(4, 3), layer, nn_relu(), nn_linear(3, 1))
        dim(net(torch_randn(5, 4)))
        #> [1] 5 1
        tryCatch(FUNCTION(0), error = function(e) cat(conditionMessage(e), "\\n"))
        [Swift] #> `features` must be from 1 to 1000000, not 0 
        [R] #> `features` must be a whole number from 1, not 0 

        """

    static let transform = """
        library(torch)
        library(torchvision)
        library(NAME)
        torch_manual_seed(1)
        img <- torch_rand(3, 8, 8)
        noisy <- FUNCTION(img, sd = 0.2)
        dim(noisy)
        #> [1] 3 8 8
        torch_equal(FUNCTION(img, sd = 0), img)
        #> [1] TRUE
        [Swift] # The image stays as it is, the same seed gives the same result, also in a loader:
        [R] # The image stays as it is, the same seed gives the same result:
        noise <- FUNCTION
        check_transform(noise)
        #> noise: image [3, 16, 16], result [3, 16, 16]
        #>   the same with the same seeds
        [Swift] #>   loaders run it without the interpreter, with the same result
        tryCatch(FUNCTION(img, sd = -1), error = function(e) cat(conditionMessage(e), "\\n"))
        [Swift] #> `sd` must be 0 or more, not -1.0 
        [R] #> `sd` must be a number from 0, not -1 

        """

    static let scheduler = """
        library(torch)
        library(NAME)
        opt <- optim_sgd(list(torch_zeros(1, requires_grad = TRUE)), lr = 0.1)
        scheduler <- FUNCTION(opt, steps = 4)
        rates <- opt$param_groups[[1]]$lr
        for (step in 1:5) {
          scheduler$step()
          rates <- c(rates, opt$param_groups[[1]]$lr)
        }
        rates
        #> [1] 0.025 0.050 0.075 0.100 0.100 0.100
        # Finite rates for every group, and going on from its state:
        make <- function(optimizer) FUNCTION(optimizer, steps = 4)
        check_scheduler(make)
        #> make: rates of the first group: 0.025 at first, 0.025 to 0.1, 0.1 after 20 steps
        #>   goes on from its state
        tryCatch(FUNCTION(opt, steps = 0), error = function(e) cat(conditionMessage(e), "\\n"))
        [Swift] #> `steps` must be 1 or more, not 0 
        [R] #> `steps` must be a whole number from 1, not 0 

        """

    static let callback = """
        library(torch)
        library(luz)
        library(NAME)
        torch_manual_seed(1)
        x <- torch_randn(64, 3)
        y <- x$sum(dim = 2, keepdim = TRUE)
        [R] cb <- FUNCTION(every = 2)
        fitted <- nn_module("net", initialize = function() self$fc <- nn_linear(3, 1), forward = function(x) self$fc(x)) %>%
          setup(loss = nn_mse_loss(), optimizer = optim_sgd) %>%
          set_opt_hparams(lr = 0.1) %>%
        [Swift]   fit(list(x, y), epochs = 4, callbacks = list(FUNCTION(every = 2)), verbose = FALSE)
        [R]   fit(list(x, y), epochs = 4, callbacks = list(cb), verbose = FALSE)
        #> epoch 2: loss 0.985
        #> epoch 4: loss 0.125
        [R] cb$lines
        [R] #> [1] 2
        # Two epochs of a small fit; an error names the moment:
        rare <- FUNCTION(every = 3)
        check_callback(rare)
        #> rare: a fit of two epochs of three batches, and validation
        #>   listens to on_epoch_end
        tryCatch(FUNCTION(every = 0), error = function(e) cat(conditionMessage(e), "\\n"))
        [Swift] #> `every` must be 1 or more, not 0.0 
        [R] #> `every` must be a whole number from 1, not 0 

        """

    static let optimizer = """
        library(torch)
        library(NAME)
        p <- torch_tensor(c(1, -2, 3), requires_grad = TRUE)
        opt <- FUNCTION(list(p), lr = 0.5)
        (p^2)$sum()$backward()
        opt$step()
        as.numeric(p)
        #> [1]  0.5 -1.5  2.5
        # A sum of squares goes down, a tensor without gradient stays:
        make <- function(params) FUNCTION(params, lr = 0.02)
        check_optimizer(make)
        #> make: a sum of squares goes from 10 to 1.764 in 30 steps
        #>   both tensors are moved, by the rate of their group; a tensor without gradient stays
        tryCatch(FUNCTION(list(p), lr = -1), error = function(e) cat(conditionMessage(e), "\\n"))
        [Swift] #> `lr` must be 0 or more, not -1.0 
        [R] #> `lr` must be a number from 0, not -1 

        """

    static let metric = """
        library(torch)
        library(luz)
        library(NAME)
        metric <- FUNCTION(tolerance = 0.25)$new()
        metric$update(torch_tensor(c(1, 2, 3, 4)), torch_tensor(c(1.2, 2, 3.5, 4)))
        metric$compute()
        #> [1] 0.75
        # A number, and a new one begins anew:
        near <- FUNCTION(0.5)
        check_metric(near)
        #> near: Near is 0.625 of numbers and numbers
        #>   a new one begins anew, and computing changes nothing
        [Swift] tryCatch(FUNCTION(tolerance = -1), error = function(e) cat(conditionMessage(e), "\\n"))
        [Swift] #> `tolerance` must be 0 or more, not -1.0 
        [R] tryCatch(FUNCTION(tolerance = -1)$new(), error = function(e) cat(conditionMessage(e), "\\n"))
        [R] #> `tolerance` must be a number from 0, not -1 

        """

    static let dataset = """
        library(torch)
        library(luz)
        library(NAME)
        ds <- FUNCTION(items = 12, arms = 3)
        length(ds)
        #> [1] 12
        item <- ds[12]
        round(as.numeric(item$x), 4)
        #> [1] -0.500 -0.866
        item$y$item()
        #> [1] 3
        batch <- dataloader_next(dataloader_make_iter(dataloader(ds, batch_size = 4)))
        dim(batch$x)
        #> [1] 4 2
        as.integer(batch$y)
        #> [1] 1 2 3 1
        # A net learns from it:
        torch_manual_seed(1)
        fitted <- nn_module("net", initialize = function() self$fc <- nn_linear(2, 3), forward = function(x) self$fc(x)) %>%
          setup(loss = nn_cross_entropy_loss(), optimizer = optim_sgd) %>%
          set_opt_hparams(lr = 0.5) %>%
          fit(dataloader(ds, batch_size = 4), epochs = 3, verbose = FALSE)
        losses <- get_metrics(fitted)$value
        losses[3] < losses[1]
        #> [1] TRUE
        tryCatch(FUNCTION(items = 0), error = function(e) cat(conditionMessage(e), "\\n"))
        [Swift] #> `items` must be 1 or more, not 0 
        [R] #> `items` must be a whole number from 1, not 0 

        """

    static let model = """
        library(torch)
        library(luz)
        library(NAME)
        torch_manual_seed(1)
        x <- torch_randn(60, 4)
        y <- (x[, 1] > 0)$to(dtype = torch_long()) + 1L
        fitted <- FUNCTION %>%
          setup(loss = nn_cross_entropy_loss(), optimizer = optim_adam, metrics = list(luz_metric_accuracy())) %>%
          set_hparams(features = 4, classes = 2) %>%
          set_opt_hparams(lr = 0.05) %>%
          fit(tensor_dataset(x, y), epochs = 5, verbose = FALSE)
        losses <- subset(get_metrics(fitted), metric == "loss")$value
        losses[5] < losses[1]
        #> [1] TRUE
        # Shapes, gradients against differences, copies:
        model <- FUNCTION(4, 2)
        check_layer(model, torch_randn(3, 4))
        #> model: input [3, 4], output [3, 2]
        #>   the same twice in evaluation mode, and of a copy
        #>   gradients of the input and 4 parameters agree with differences
        tryCatch(FUNCTION(4, 2, hidden = 0), error = function(e) cat(conditionMessage(e), "\\n"))
        [Swift] #> `hidden` must be from 1 to 1000000, not 0 
        [R] #> `hidden` must be a whole number from 1, not 0 

        """
}
