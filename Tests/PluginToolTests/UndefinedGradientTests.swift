import TestSupport
import Testing

/// Gradients that are not finite where the output is.
@Suite struct UndefinedGradientTests {
    private func check(_ initialize: String, _ forward: String, _ input: String = "torch_randn(5, 4)") -> String {
        runProgram(
            """
            library(torch); torch_manual_seed(2)
            own <- nn_module("own", initialize = function() { \(initialize) }, forward = function(x) { \(forward) })()
            tryCatch(check_layer(own, \(input)), error = function(e) cat(conditionMessage(e), "\\n", sep = ""))
            """
        ).out
    }

    @Test(arguments: [
        ("x * torch_sqrt(torch_abs(self$w))", "NaN"), ("x * (1 + torch_sqrt(torch_abs(self$w + 0)))", "NaN"),
        ("if (self$training) x * (1 + self$w) else x * torch_sqrt(torch_abs(self$w))", "NaN"),
    ])
    func `of the weights a layer begins with`(_ forward: String, _ value: String) {
        let run = check("self$w <- nn_parameter(torch_zeros(4))", forward)
        #expect(
            run.hasPrefix("own: the gradient of parameter `w` is not finite at the weights that the layer begins with"),
            "\(run)")
        #expect(run.hasSuffix(", where the output is: \(value) at element 1, 4 of 4 in all\n"), "\(run)")
        #expect(run.contains(" in evaluation mode") == forward.hasPrefix("if"), "\(run)")
    }

    @Test(arguments: [
        ("torch_where(x > 0, torch_sqrt(x), torch_zeros_like(x))", "torch_randn(5, 4)"),
        ("torch_sqrt((x^2)$sum(dim = 2))", "torch_cat(list(torch_zeros(1, 4), torch_randn(2, 4)))"),
        (
            "autograd_function(forward = function(ctx, x) x * 2, backward = function(ctx, g) list(x = g * NaN))(x)",
            "torch_randn(3, 4)"
        ),
    ])
    func `of the input`(_ forward: String, _ input: String) {
        let run = check("", forward, input)
        #expect(
            run.hasPrefix("own: the gradient of the input is not finite for this input, where the output is: NaN at"),
            "\(run)")
    }

    @Test(arguments: [
        "s <- torch_matmul(x, x$t()); s <- s$masked_fill(torch_triu(torch_ones_like(s), 1)$to(dtype = torch_bool()), -Inf); torch_matmul(nnf_softmax(s, 2), x) * self$w",
        "torch_where(x > 0, torch_sqrt(torch_clamp(x, min = 1e-6)), torch_zeros_like(x)) + self$w",
        "x / (x$std(dim = 2, keepdim = TRUE) + 1e-5) * self$w", "nnf_relu(x) * torch_abs(self$w)",
    ])
    func `finite ones of layers with infinities inside pass`(_ forward: String) {
        let run = check("self$w <- nn_parameter(torch_zeros(4))", forward)
        #expect(!run.contains("not finite"), "\(run)")
        #expect(run.hasPrefix("own: input [5, 4]") || run.contains("first size"), "\(run)")
    }
}
