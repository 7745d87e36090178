import TestSupport
import Testing

/// Settings of a layer that are changed after it was made: it computes with them, its tensors stay.
@Suite struct LayerSettingTests {
    @Test(arguments: [
        ("m <- nn_dropout(0.5); m$p <- 0; cat(as.numeric(m(torch_ones(4))), m$p)", "1 1 1 1 0"),
        ("m <- nn_leaky_relu(); m$negative_slope <- 0.5; cat(as.numeric(m(torch_tensor(-2))))", "-1"),
        ("m <- nn_max_pool2d(2); m$stride <- 1; cat(dim(m(torch_ones(1, 1, 4, 4))))", "1 1 3 3"),
        ("m <- nn_softmax(1); m$dim <- 2; cat(as.numeric(m(torch_zeros(2, 4))$sum(dim = 2)))", "1 1"),
        ("m <- nn_flatten(); m$start_dim <- 1; cat(dim(m(torch_ones(2, 3))))", "6"),
        (
            "m <- nn_batch_norm1d(2); m$momentum <- 1; invisible(m(torch_tensor(matrix(c(1, 3, 5, 7), 2)))); cat(as.numeric(m$running_mean))",
            "2 6"
        ),
        (
            "m <- nn_conv2d(1, 1, 3); w <- m$weight$clone(); m$padding <- 1; cat(dim(m(torch_ones(1, 1, 5, 5))), torch_equal(w, m$weight))",
            "1 1 5 5 TRUE"
        ),
        (
            "library(torchvision); m <- model_resnet18(); m$conv1$stride <- c(1, 1); cat(dim(m$conv1(torch_ones(1, 3, 16, 16))))",
            "1 64 16 16"
        ),
        (
            "m <- nn_linear(2, 2); torch_manual_seed(3); a <- torch_rand(1); torch_manual_seed(3); m$in_features <- 2; cat(torch_equal(a, torch_rand(1)))",
            "TRUE"
        ),
        (
            "m <- nn_dropout(0.25); cat(tryCatch(m$p <- 2, error = conditionMessage), m$p)",
            "dropout probability has to be between 0 and 1 but got 2 0.25"
        ),
        ("m <- nn_dropout(0.5); m$p <- 0; k <- m$clone(deep = TRUE); cat(as.numeric(k(torch_ones(3))))", "1 1 1"),
        (
            "m <- nn_sequential(nn_dropout(0.5)); m[[1]]$p <- 0; f <- tempfile(); saveRDS(m, f); cat(as.numeric(readRDS(f)(torch_ones(3))))",
            "1 1 1"
        ),
    ])
    func `computes with it`(_ code: String, _ expected: String) {
        let run = runProgram("library(torch)\n" + code)
        #expect(run.out == expected && !run.error.contains("Error"), "\(run.error)")
    }
}
