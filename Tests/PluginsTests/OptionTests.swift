import TestSupport
import Testing

/// Options and types as R torch has them (the recordings of golden/surface say more).
@Suite struct OptionTests {
    @Test(arguments: [
        ("torch_clamp(torch_tensor(c(1L, 5L)), 2, 4)$dtype == torch_float()", "TRUE"),
        ("torch_clamp(torch_tensor(c(1L, 5L)), 2L, 4L)$dtype == torch_long()", "TRUE"),
        ("as.character(torch_tensor(5L)$floor_divide(2)$dtype)", "Float"),
        ("as.numeric(torch_sign(torch_tensor(c(NaN, 0, -3))))", "0 0 -1"),
        ("as.character(torch_tensor(NULL)$dtype)", "Bool"),
        ("as.numeric(rev(torch_tensor(1:3)))", "3 2 1"),
        ("c(is_nn_module(nn_linear), is_nn_module(nn_linear(1, 1)))", "FALSE TRUE"),
        ("names(nn_sequential(nn_sequential(nn_relu(), nn_relu()), nn_relu())$modules)", " 01 0.0 0.1 1"),
        (
            "class(optim_ignite_sgd(list(torch_ones(1)), lr = 1))",
            "optim_ignite_sgd optim_ignite OptimizerIgnite torch_optimizer R6"
        ),
        (
            "as.numeric(nn_adaptive_max_pool1d(2, return_indices = TRUE)(torch_tensor(c(1, 3, 2, 0))$reshape(c(1, 1, 4)))[[2]])",
            "2 3"
        ),
        (
            "{ w <- torch_tensor(rbind(c(3, 4), c(0.3, 0.4))); nnf_embedding(torch_tensor(c(1L, 2L)), w, max_norm = 1); round(as.numeric(w), 4) }",
            "0.6 0.3 0.8 0.4"
        ),
        (
            "{ w <- torch_ones(2, 1, requires_grad = TRUE); nnf_embedding(torch_tensor(c(1L, 1L, 2L)), w, scale_grad_by_freq = TRUE)$sum()$backward(); as.numeric(w$grad) }",
            "1 1"
        ),
        ("dim(nnf_interpolate(torch_ones(1, 1, 3, 5), scale_factor = 1.5, recompute_scale_factor = TRUE))", "1 1 4 7"),
        (
            "tryCatch(nnf_interpolate(torch_ones(1, 1, 2, 2), size = 3, mode = \"trilinear\"), error = conditionMessage)",
            "Got 4D input, but trilinear mode needs 5D input"
        ),
        ("torch_device(\"cuda\", 1)$index", "1"), ("as.character(torch_device(\"cuda:1\"))", "cuda:1"),
        ("torch_device(\"cuda\") == torch_device(\"cpu\")", "FALSE"),
        (
            "tryCatch(torch_ones(1, device = torch_device(\"mps\")), error = conditionMessage)",
            "there is no device \"mps\" here"
        ),
        (
            "tryCatch(torch_ones(1, dtype = torch_cfloat()), error = conditionMessage)",
            "tensors of type ComplexFloat are not supported"
        ),
        ("torch_half() == torch_float16()", "TRUE"),
        (
            "{ torch_set_default_dtype(torch_double()); r <- as.character(torch_tensor(1.5)$dtype); torch_set_default_dtype(torch_float()); r }",
            "Float"
        ),
    ])
    func `gives`(_ code: String, _ expected: String) {
        let run = runProgram("library(torch)\ncat(\(code))")
        #expect(run.out == expected)
    }
}
