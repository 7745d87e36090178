import Testing

@Suite struct MixupTests {
    @Test func `a batch is mixed with its permutation`() {
        let session = TrainingSession()
        #expect(
            session.out(
                """
                torch_manual_seed(3)
                x <- torch_tensor(matrix(as.numeric(1:8), 4)); y <- torch_tensor(c(1L, 2L, 3L, 4L)); w <- torch_tensor(c(0.5, 0.6, 0.7, 1))
                r <- nnf_mixup(x, y, w)
                cat(names(r), "|", names(r$y), "|", names(r$y$ys), "|", dim(r$y$weight), "\\n")
                p <- as.integer(r$y$ys$y2)
                cat(torch_allclose(r$x, x + w$unsqueeze(2) * (x[p, ] - x)), identical(as.integer(r$y$ys$y1), 1:4), identical(sort(p), 1:4), "\\n")
                """) == "x y | ys weight | y1 y2 | 4 1 \nTRUE TRUE TRUE \n")
    }

    @Test func `nn_mixup_loss mixes losses and leaves the reduction as it was`() {
        let session = TrainingSession()
        #expect(
            session.out(
                """
                l <- nn_mixup_loss(nn_mse_loss())
                p <- torch_tensor(c(1, 2)); a <- torch_tensor(c(1, 1)); b <- torch_tensor(c(3, 2)); w <- torch_tensor(c(0.5, 0.75))
                cat(l(p, list(list(a, b), w))$item(), l(p, a)$item(), l$loss$reduction, class(l), "\\n")
                """) == "1.125 0.5 mean nn_module \n")
    }

    @Test func `a fit trains on mixed batches and validates on plain ones`() {
        let session = TrainingSession()
        #expect(
            session.out(
                """
                set.seed(1); torch_manual_seed(1)
                x <- torch_randn(6, 2); d <- dataloader(tensor_dataset(x, x[, 1]), batch_size = 3)
                net <- nn_module("n", initialize = function() self$l <- nn_linear(2, 1), forward = function(x) self$l(x)[, 1])
                see <- luz_callback("see", on_train_batch_begin = function() cat(names(ctx$target), length(ctx$target$weight), all(as.numeric(ctx$target$weight) >= 0.5), ""),
                  on_valid_batch_begin = function() cat(class(ctx$target)[1], ""))
                for (loss in list(nn_mixup_loss(nn_mse_loss()), nn_mse_loss(reduction = "none"))) {
                  auto <- !inherits(loss$loss, "nn_module")
                  f <- net %>% setup(loss = loss, optimizer = optim_sgd) %>% set_opt_hparams(lr = 0.1) %>%
                    fit(d, epochs = 1, valid_data = d, verbose = FALSE, callbacks = list(luz_callback_mixup(auto_loss = auto), see()))
                  cat(is.finite(f$records$metrics$train[[1]]$loss), is.finite(f$records$metrics$valid[[1]]$loss), "\\n")
                }
                """)
                == String(
                    repeating: "ys weight 3 TRUE ys weight 3 TRUE torch_tensor torch_tensor TRUE TRUE \n", count: 2))
    }

    @Test(arguments: [
        ("nn_mixup_loss(nnf_cross_entropy)", "Loss must be a `nn_module`."),
        ("nn_mixup_loss(nn_linear(1, 1))", "The `reduction` attribute must be supported by the `nn_module`."),
        ("luz_callback_mixup(beta = 1)", "`...` must be empty."),
        ("luz_callback_mixup(alpha = 0)", "`alpha` must be above 0"),
        ("luz_callback_gradient_clip(max_norm = 1L)", "`max_norm` should be a numeric scalar value."),
        ("luz_callback_gradient_clip(max_norm = c(1, 2))", "`max_norm` should be a numeric scalar value."),
        ("luz_callback_gradient_clip(norm_type = \"inf\")", "`norm_type` should be a numeric scalar value."),
        ("luz_callback_mixed_precision()", "luz_callback_mixed_precision() needs a GPU"),
        ("luz_callback_tfevents()", "luz_callback_tfevents() is not supported"),
        ("luz_callback_auto_resume(path = 1)", "`path` must be one string, not 1"),
    ])
    func `wrong use and what is not there are errors`(_ code: String, _ message: String) {
        let error = TrainingSession().run(code).error
        #expect(error.contains(message), "\(error)")
    }

    @Test func `gradients are clipped before the step`() {
        let session = TrainingSession()
        #expect(
            session.out(
                """
                torch_manual_seed(1)
                x <- torch_randn(4, 2) * 100; d <- dataloader(tensor_dataset(x, x[, 1]), batch_size = 4)
                net <- nn_module("n", initialize = function() self$l <- nn_linear(2, 1), forward = function(x) self$l(x)[, 1])
                norm <- luz_callback("norm", weight = 5, on_train_batch_before_step = function() cat(signif(sqrt(sum(sapply(ctx$model$parameters, function(p) p$grad$pow(2)$sum()$item()))), 4)))
                f <- net %>% setup(loss = nn_mse_loss(), optimizer = optim_sgd) %>% set_opt_hparams(lr = 0) %>%
                  fit(d, epochs = 1, verbose = FALSE, callbacks = list(luz_callback_gradient_clip(max_norm = 0.5), norm()))
                """) == "0.5")
    }

    @Test func `the accelerator is the CPU`() {
        #expect(
            TrainingSession().out(
                "a <- accelerator(); cat(a$device, a$device_placement, class(a), a$prepare(3), length(a$prepare(1, 2)))"
            )
                == "cpu TRUE LuzAccelerator R6 3 2")
    }
}
