import TestSupport
import Testing

/// Gradients that say nothing where a layer begins: behind a factor that is 0, or on one side of a kink.
@Suite struct BesideCheckTests {
    private func message(_ code: String) -> String {
        runProgram(
            """
            library(torch)
            torch_manual_seed(1)
            # The same value, a gradient of the wrong sign.
            flip <- function(b) b$detach() * 2 - b
            tryCatch({ \(code) }, error = function(e) cat(conditionMessage(e), "\\n", sep = ""))
            """
        ).out
    }

    /// x + gamma * branch, where gamma is 0 at first.
    private static func gated(_ branch: String) -> String {
        "check_layer(nn_module('r', initialize = function() { self$l <- nn_linear(4, 4); self$g <- nn_parameter(torch_zeros(4)) }, forward = function(x) x + self$g * \(branch))(), torch_randn(3, 4))"
    }

    /// A linear layer beside a product of two small matrices, the second of which is 0 at first.
    private static func lowRank(_ a: String) -> String {
        "check_layer(nn_module('lora', initialize = function() { self$W <- nn_linear(4, 4); self$A <- nn_parameter(torch_randn(4, 2)); self$B <- nn_parameter(torch_zeros(2, 4)) }, forward = function(x) self$W(x) + torch_matmul(torch_matmul(x, \(a)), self$B))(), torch_randn(3, 4))"
    }

    @Test func `a wrong branch behind a factor of 0 is found`() {
        let wrong = message(Self.gated("flip(torch_tanh(self$l(x)))"))
        #expect(wrong.contains(" is wrong where parameters and input are moved a little: "), "\(wrong)")
        let cut = message(Self.lowRank("self$A$detach()"))
        #expect(cut.contains("the gradient of parameter `A` is wrong where parameters and input are moved"), "\(cut)")
    }

    @Test(arguments: [
        gated("torch_tanh(self$l(x))"), lowRank("self$A"),
        "check_layer(nn_module('n', initialize = function() { self$a <- nn_linear(4, 4); self$bn <- nn_batch_norm1d(4); nn_init_zeros_(self$bn$weight) }, forward = function(x) nnf_relu(x + self$bn(self$a(x))))(), torch_randn(6, 4))",
        "check_layer(nn_module('d', initialize = function() { self$w <- nn_parameter(torch_ones(4)); self$unused <- nn_parameter(torch_ones(2)) }, forward = function(x) x * self$w)(), torch_randn(3, 4))",
        "check_layer(nn_module('dead', initialize = function() self$w <- nn_parameter(torch_full(4, -1)), forward = function(x) nnf_relu(self$w - 5 + 0 * x))(), torch_randn(3, 4))",
    ])
    func `a right layer whose gradients begin with 0 passes`(_ code: String) {
        #expect(message(code).hasSuffix("agree with differences\n"), "\(message(code))")
    }

    @Test func `the layer and the random numbers are as before`() {
        let run = message(
            """
            r <- nn_module("r", initialize = function() { self$l <- nn_linear(4, 4); self$g <- nn_parameter(torch_zeros(4)) },
              forward = function(x) x + self$g * torch_tanh(self$l(x)))()
            before <- lapply(r$state_dict(), function(x) x$clone())
            x <- torch_randn(3, 4)
            torch_manual_seed(3); a <- torch_rand(1)$item()
            torch_manual_seed(3); invisible(capture.output(check_layer(r, x))); b <- torch_rand(1)$item()
            c(all(mapply(torch_equal, before, r$state_dict())), a == b)
            """)
        #expect(run == "[1] TRUE TRUE\n", "\(run)")
    }

    @Test(arguments: [1, 2, 3, 7])
    func `one row that is never learned is found at a kink`(_ row: Int) {
        let run = message(
            """
            rows <- nn_module("rows", initialize = function() self$w <- nn_parameter(torch_zeros(10, 4)), forward = function(x) {
              y <- nnf_embedding(x, self$w)
              m <- (x == \(row))$unsqueeze(3)$to(dtype = y$dtype)
              nnf_relu(y * (1 - m) + (y * m)$detach())
            })
            check_layer(rows(), torch_tensor(matrix(c(1L, 2L, 3L, 7L), 2)))
            """)
        #expect(run.contains("the gradient of parameter `w` is wrong"), "\(run)")
    }
}
