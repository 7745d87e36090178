import TestSupport
import Testing

/// What the prompt says of classes written in R: their contract, and what they and their objects are.
@Suite struct ContractHelpTests {
    @Test(arguments: [
        ("luz_callback", ["on_train_batch_after_loss", "on_early_stopping", "ctx$epoch", "check_callback(NAME)"]),
        ("lr_scheduler", ["get_lr()", "self$base_lrs", "check_scheduler(NAME)"]),
        ("optimizer", ["step_helper", "group$lr", "check_optimizer("]),
        ("luz_metric", ["update()", "changes nothing", "check_metric(NAME())"]),
    ])
    func `help lists what must be written`(_ name: String, _ words: [String]) {
        let page = runProgram("library(torch); library(luz); ?\(name)").out
        for word in words { #expect(page.contains(word), "\(page)") }
    }

    @Test func `a class of optimizers says what it is`() {
        let run = runProgram(
            """
            library(torch)
            optimizer("o", initialize = function(params, lr = 0.05) super$initialize(params, list(lr = lr)), step = function() 1)
            """)
        #expect(run.out == "<o> object generator\n  o(params, lr = 0.05)\n", "\(run.error)")
    }

    @Test func `an object is printed whatever its class did last`() {
        let run = runProgram(
            """
            library(torch)
            net <- nn_module("net", initialize = function() self$n <- 1, forward = function(x) y <- x * 2)
            net()
            net()(torch_tensor(2))
            d <- dataset("d", initialize = function() self$n <- 3, .getitem = function(i) i, .length = function() 3)
            v <- net()
            invisible(net())
            """)
        #expect(
            run.out == """
                An `nn_module` containing 0 parameters.
                torch_tensor
                 4
                [ CPUFloatType{1} ]

                """, "\(run.error)")
    }
}
