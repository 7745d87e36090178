import TestSupport
import Testing

/// What PyTorch 2.13 gives for calls in which this was another.
@Suite struct TorchAgreementTests {
    @Test(arguments: [
        ("v <- torch_zeros(3); v[2] <- torch_tensor(5); as.numeric(v)", "[1] 0 5 0\n"),
        (
            "x <- torch_zeros(2, 2, 2); x[1, , ] <- torch_ones(1, 2, 2); as.numeric(x$sum(c(2, 3)))", "[1] 4 0\n"
        ),
        (
            "x <- torch_zeros(3, 2); x[torch_tensor(c(1L, 3L)), 1] <- torch_ones(1, 2); as.numeric(x[, 1])",
            "[1] 1 0 1\n"
        ),
        ("x <- torch_zeros(2, 2); x[2, 2] <- matrix(7); as.numeric(x)", "[1] 0 0 0 7\n"),
        (
            "x <- torch_tensor(c(1, 2, 3, 4, 10)); sapply(c('linear', 'lower', 'higher', 'nearest', 'midpoint'), function(i) round(x$quantile(0.3, interpolation = i)$item(), 4))",
            "  linear    lower   higher  nearest midpoint \n     2.2      2.0      3.0      2.0      2.5 \n"
        ),
        (
            "c(torch_tensor(c(NaN, 1, 2, 0))$quantile(0.5)$item(), as.numeric(torch_tensor(matrix(c(1, NaN, 2, 3), 2))$quantile(0.5, dim = 2)))",
            "[1] NaN 1.5 NaN\n"
        ),
        ("as.numeric(torch_tensor(rep(3L, 39))$prod() %% 1000L)", "[1] 267\n"),
        ("as.numeric(torch_tensor(matrix(1:6, 2))$prod(dim = 2))", "[1] 15 48\n"),
        ("dim(torch_ones(2, 3, dtype = torch_long())$prod(dim = 1, keepdim = TRUE))", "[1] 1 3\n"),
        (
            "as.numeric(torch_tensor(rep(2^62, 4), dtype = torch_long())$cumsum(1) / 2^62)", "[1]  1 -2 -1  0\n"
        ),
        ("as.numeric(torch_tensor(c(2L, 3L, 4L))$cumprod(1))", "[1]  2  6 24\n"),
        (
            "x <- torch_ones(2, 2); w <- torch_tensor(2, requires_grad = TRUE); y <- (x * w)$masked_fill(x > 0, w$squeeze())$sum() + w$sum(); y$backward(); as.numeric(w$grad)",
            "[1] 5\n"
        ),
        (
            "a <- torch_tensor(0.3); t <- torch_tensor(0.6, requires_grad = TRUE); l <- nnf_binary_cross_entropy(a, t) + t$sum(); l$backward(); round(as.numeric(t$grad), 4)",
            "[1] 1.8473\n"
        ),
    ]) func `agrees`(_ code: String, _ output: String) {
        let run = runProgram("library(torch); " + code)
        #expect(run.out == output, "\(code): \(run.error)")
    }

    @Test func `with_detect_anomaly() names what gives NaN`() {
        let run = runProgram(
            """
            library(torch); x <- torch_tensor(-1, requires_grad = TRUE)
            f <- function() { y <- x$sqrt()$sum(); y$backward(); "no error" }
            tryCatch(with_detect_anomaly(f()), error = function(e) cat(conditionMessage(e), "\\n"))
            f(); with_detect_anomaly({ z <- (x * 2)$sum(); z$backward(); "fine" })
            """)
        #expect(
            run.out
                == "Function 'SqrtBackward0' returned nan values in its 0th output. \n[1] \"no error\"\n[1] \"fine\"\n",
            "\(run.error)")
    }

    @Test func `an interpolation that there is not is named`() {
        #expect(
            runProgram("library(torch); torch_ones(3)$quantile(0.5, interpolation = 'nope')").error.contains(
                "quantile() interpolation must be one of linear, lower, higher, midpoint or nearest, but got nope"))
    }
}
