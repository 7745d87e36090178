import Session
import TestSupport
import Testing

/// What R's runtime, which has no tensors, leaves to those who have them.
@Suite struct TensorBoundaryTests {
    @Test(arguments: [
        ("options(workbench.winograd = 'abc')", "invalid value for 'workbench.winograd'"),
        ("options(workbench.fusion = c(TRUE, FALSE))", "invalid value for 'workbench.fusion'"),
        (
            "torch_randn(torch_ones(2, requires_grad = TRUE)$grad)",
            "`size` must be whole numbers, not an undefined tensor"
        ),
    ])
    func refuses(_ code: String, _ message: String) {
        let output = CapturedOutput()
        _ = makeSession(capturing: output).run(
            "library(torch); tryCatch(\(code), error = function(e) cat(conditionMessage(e)))")
        #expect(output.take().out == message)
    }

    /// An option that was refused stays as it was; NULL brings the default back.
    @Test func options() {
        let output = CapturedOutput()
        _ = makeSession(capturing: output).run(
            """
            library(torch)
            options(workbench.winograd = FALSE); try(options(workbench.winograd = "abc"), silent = TRUE)
            cat(getOption("workbench.winograd"), "")
            options(workbench.winograd = NULL); cat(is.null(getOption("workbench.winograd")))
            """)
        #expect(output.take().out == "FALSE TRUE")
    }

    /// A generator runs on a thread of its own, with the session's switch of gradients.
    @Test func generatorsSeeTheSwitch() {
        let output = CapturedOutput()
        _ = makeSession(capturing: output).run(
            """
            library(torch); library(coro)
            w <- torch_ones(2, requires_grad = TRUE)
            g <- generator(function() { with_no_grad({ y <- w * 2 }); yield(y$requires_grad); yield((w * 2)$requires_grad) })
            it <- g(); cat(it(), it())
            """)
        #expect(output.take().out == "FALSE TRUE")
    }
}
