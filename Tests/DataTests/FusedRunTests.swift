import TestSupport
import Testing

/// `nn_sequential()` with neighbours computed together, seen from R.
@Suite struct FusedRunTests {
    @Test(arguments: [
        "nn_conv2d(16, 24, 3, padding = 1), nn_relu(), nn_max_pool2d(2), nn_dropout2d(0.3)",
        "nn_conv2d(16, 24, 3, padding = 1), nn_batch_norm2d(24), nn_relu(), nn_max_pool2d(2), nn_dropout(0.2)",
        "nn_batch_norm2d(16), nn_relu(), nn_conv2d(16, 24, 3, padding = 1), nn_relu(inplace = TRUE), nn_max_pool2d(2)",
        "nn_relu(), nn_max_pool2d(kernel_size = 2), nn_conv2d(16, 24, 3, padding = 'same')",
        "nn_sequential(nn_conv2d(16, 24, 3, padding = 1), nn_relu()), nn_max_pool2d(2)",
        "nn_conv2d(16, 24, 3, padding = 1), nn_batch_norm2d(24), nn_max_pool2d(2)",
        "nn_flatten(), nn_linear(1024, 384), nn_relu(), nn_dropout(0.4)",
        "nn_conv2d(16, 24, 3, padding = 1), nn_batch_norm2d(24), nn_relu(inplace = TRUE), nn_relu(inplace = TRUE), nn_max_pool2d(2)",
        "nn_conv2d(16, 24, 3, padding = 1), nn_relu(), nn_max_pool2d(2), nn_relu(inplace = TRUE)",
        "nn_batch_norm2d(16), nn_relu(), nn_dropout(0), nn_relu(inplace = TRUE), nn_flatten(), nn_linear(1024, 384)",
        "nn_batch_norm2d(16), nn_relu(inplace = TRUE), nn_flatten(), nn_relu(inplace = TRUE), nn_linear(1024, 384)",
    ])
    func trainsAsOneAfterTheOther(layers: String) {
        let program = """
            run <- function(fusion) {
              old <- options(workbench.fusion = fusion); on.exit(options(old))
              torch_manual_seed(3)
              net <- nn_sequential(\(layers), nn_flatten(), nn_linear(24 * 4 * 4, 3))
              x <- torch_randn(40, 16, 8, 8)
              optimizer <- optim_sgd(net$parameters, lr = 0.01)
              losses <- c()
              for (i in 1:2) {
                optimizer$zero_grad(); loss <- net(x)$square()$mean(); loss$backward(); optimizer$step()
                losses <- c(losses, loss$item())
              }
              net$eval()
              list(losses, lapply(net$state_dict(), as.numeric), as.numeric(with_no_grad(net(x))))
            }
            a <- run(TRUE); b <- run(FALSE)
            near <- function(p, q) max(abs(p - q)) <= 1e-5 * max(abs(q), 1e-3)
            cat(near(a[[1]], b[[1]]), all(mapply(near, a[[2]], b[[2]])), near(a[[3]], b[[3]]))
            """
        #expect(printed(program) == "TRUE TRUE TRUE")
    }

    /// As in torch, where the mean and the variance of a batch that is not finite are kept.
    @Test(arguments: ["nn_batch_norm2d(16)", "nn_conv2d(16, 16, 1), nn_batch_norm2d(16), nn_relu()"])
    func statisticsThatAreNotFiniteAreKept(layers: String) {
        let program = """
            for (fusion in c(TRUE, FALSE)) for (spoil in c(NaN, Inf)) {
              old <- options(workbench.fusion = fusion)
              net <- nn_sequential(\(layers)); x <- torch_randn(32, 16, 8, 8); x[2, 3, 4, 5] <- spoil; y <- net(x)
              options(old)
              norm <- Filter(function(m) inherits(m, "nn_batch_norm2d"), net$children)[[1]]
              cat(all(is.nan(as.numeric(norm$running_var)[3])), "")
            }
            """
        #expect(printed(program) == "TRUE TRUE TRUE TRUE ")
    }

    /// As in torch: a setting that is changed later counts in training; evaluation uses what is there.
    @Test func runningStatisticsStayWhenTheyAreSwitchedOff() {
        let program = """
            bn <- nn_batch_norm2d(2); x <- torch_ones(4, 2, 3, 3) * 5
            bn$track_running_stats <- FALSE; y <- bn(x); cat(as.numeric(bn$running_mean), as.numeric(bn$num_batches_tracked), "")
            bn$track_running_stats <- TRUE; y <- bn(x); cat(as.numeric(bn$running_mean), as.numeric(bn$num_batches_tracked))
            """
        #expect(printed(program) == "0 0 0 0.5 0.5 1")
    }

    /// The gradient of a linear map, ReLU and dropout does not need the result.
    @Test func aResultMayBeChangedInPlace() {
        let program = """
            run <- function(fusion) {
              old <- options(workbench.fusion = fusion); on.exit(options(old))
              torch_manual_seed(1); net <- nn_sequential(nn_linear(4, 3), nn_relu(), nn_dropout(0.5))
              y <- net(torch_randn(2, 4)); y$mul_(2); y$sum()$backward(); as.numeric(net[[1]]$bias$grad)
            }
            cat(run(TRUE), run(FALSE))
            """
        #expect(printed(program) == "4 8 8 4 8 8")
    }

    @Test func errorsNameTheChildTheyComeFrom() {
        let program = """
            f <- function(fusion, net, x) {
              old <- options(workbench.fusion = fusion); on.exit(options(old))
              tryCatch(net(x), error = conditionMessage)
            }
            same <- function(net, ...) identical(f(TRUE, net, torch_randn(...)), f(FALSE, net, torch_randn(...)))
            a <- nn_sequential(nn_conv2d(16, 16, 3), nn_relu(), nn_max_pool2d(2))
            b <- nn_sequential(nn_conv2d(16, 16, 3), nn_batch_norm2d(17), nn_relu(), nn_max_pool2d(2))
            cat(same(a, 40, 15, 8, 8), same(a, 40, 16, 2, 2), same(a, 40, 16, 3, 3), same(b, 40, 16, 8, 8))
            cat(same(nn_sequential(nn_batch_norm2d(4), nn_relu()), 1, 4, 1, 1), "")
            cat(tryCatch(options(workbench.fusion = NA), error = conditionMessage))
            """
        #expect(printed(program) == "TRUE TRUE TRUE TRUETRUE invalid value for 'workbench.fusion'")
    }

    /// A layer of a user's own, a subclass and pooling with places are run by themselves.
    @Test func strangersKeepToThemselves() {
        let program = """
            calls <- 0
            mine <- nn_module("mine", inherit = nn_relu, forward = function(x) { calls <<- calls + 1; super$forward(x) })
            net <- nn_sequential(nn_conv2d(16, 16, 3, padding = 1), mine(), nn_max_pool2d(2))
            y <- net(torch_randn(40, 16, 8, 8))
            z <- nn_sequential(nn_relu(), nn_max_pool2d(2, return_indices = TRUE))(torch_randn(2, 3, 4, 4))
            x <- torch_tensor(array(-1, c(1, 1, 2, 2)))
            w <- nn_sequential(nn_relu(inplace = TRUE), nn_max_pool2d(2))(x)
            cat(calls, dim(y), length(z), as.numeric(x))
            """
        #expect(printed(program) == "1 40 16 4 4 2 0 0 0 0")
    }
}
