import TestSupport
import Testing

/// Indices of tensors are read from the code, with one index as with many, in reading and in assigning.
@Suite struct TensorIndexTests {
    @Test(arguments: [
        // One index.
        ("x[1:6:2]", "1 3 5"), ("x[2:N]", "2 3 4 5 6"), ("x[-2:N]", "5 6"), ("x[5:9]", "5 6"), ("x[N]", "6"),
        ("x[2:1]", ""), ("x[N:N]", "6"), ("x[2:-2]", "2 3 4 5"), ("x[c(1, 3)]", "1 3"), ("i <- 1:3; x[i]", "1 2 3"),
        ("x[slc(1, 6, 2)]", "1 3 5"), ("x[x > 4]", "5 6"), ("(x + 1)[2:N]", "3 4 5 6 7"), ("l$x[2:N:2]", "2 4 6"),
        ("f <- function(t, i) t[i]; f(x, 2:3)", "2 3"), ("n <- 3; x[n:N]", "3 4 5 6"),
        ("sapply(1:2, function(k) as.numeric(x[k:N:4]))[, 2]", "2 6"),
        // Assignments.
        ("x[1:6:2] <- 9; x", "9 2 9 4 9 6"), ("x[5:9] <- 1; x", "1 2 3 4 1 1"), ("x[2:N] <- 0; x", "1 0 0 0 0 0"),
        ("x[N] <- 0; x", "1 2 3 4 5 0"), ("x[-2:N] <- 0; x", "1 2 3 4 0 0"),
        ("m[1:4:2, ] <- 1; m$flatten()", "1 1 0 0 1 1 0 0"),
        ("m[2:N, 1] <- 5; m$flatten()", "0 0 5 0 5 0 5 0"), ("l$x[2:N] <- 0; l$x", "1 0 0 0 0 0"),
        ("l[[\"x\"]][1:6:3] <- 0; x", "0 2 3 0 5 6"), ("e$x[1:6:2] <- 0; x", "0 2 0 4 0 6"),
        ("e[[\"x\"]][2:N] <- 0; x", "1 0 0 0 0 0"),
        ("h <- function(t) { t[1:N:5] <- 0; t }; h(x)", "0 2 3 4 5 0"), ("x[] <- 2; x", "2 2 2 2 2 2"),
        ("o <- list(list(t = x)); o[[1]]$t[2:N] <- 7; x", "1 7 7 7 7 7"),
        // Slices are views.
        ("x[2:3]$mul_(5); x", "1 10 15 4 5 6"), ("x[1:N:2]$fill_(0); x", "0 2 0 4 0 6"),
        ("x[2]$add_(10); x", "1 12 3 4 5 6"),
        ("with_no_grad(w[2:3]$fill_(5)); w", "0 5 5 0"), ("rev(x)", "6 5 4 3 2 1"),
    ])
    func `reads what is written`(_ code: String, _ expected: String) {
        let run = runProgram(
            """
            library(torch)
            x <- torch_arange(1, 6); m <- torch_zeros(4, 2); w <- torch_zeros(4, requires_grad = TRUE)
            l <- list(x = x, a = 1:3); e <- new.env(); e$x <- x
            cat(as.numeric({ \(code) }))
            """)
        #expect(run.out == expected, "\(run.error)")
    }

    @Test func `errors name the index`() {
        let (error, _) = BadInput.outcome("x <- torch_arange(1, 6); x[7]")
        BadInput.expect(error, "index 7 is out of bounds for dimension 1 with size 6", hint: nil)
        let (other, _) = BadInput.outcome("x <- torch_ones(2, 2); rev(x)")
        BadInput.expect(
            other, "rev() takes a tensor of one dimension, not of shape [2, 2]",
            hint: "x$flip(1) turns the order along a dimension")
    }
}
