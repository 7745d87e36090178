import TestSupport
import Testing

/// Mistakes that once passed in silence, or were answered with words that did not help.
@Suite(.serialized) struct NewcomerMistakes {
    private static let prelude = """
        net <- nn_module("net", initialize = function() { self$conv <- nn_linear(2, 1) }, forward = function(x) self$cnv(x))
        good <- nn_module("good", initialize = function() { self$fc <- nn_linear(2, 1) }, forward = function(x) self$fc(x))
        ready <- good %>% setup(loss = nn_mse_loss(), optimizer = optim_sgd) %>% set_opt_hparams(lr = 0.1)

        """

    static let cases: [BadInput.Case] = [
        .init(
            "for over a dataloader", "for (b in dataloader(tensor_dataset(torch_ones(4)), batch_size = 2)) print(b)",
            "a dataloader is no vector or list: it hands out one batch after another",
            hint: "coro::loop(for (batch in dl) …), or coro::collect(dl) for a list of all batches"),
        .init(
            "lapply over a dataloader", "lapply(dataloader(tensor_dataset(torch_ones(4))), print)",
            "a dataloader is no vector or list: it hands out one batch after another"),
        .init(
            "fewer items than a batch", "fit(ready, list(torch_ones(4, 2), torch_ones(4, 1)), epochs = 1)",
            "the training data: 4 items make no batch of 32, as the short last batch is dropped",
            hint: "dataloader_options = list(batch_size = 4), or list(drop_last = FALSE)"),
        .init(
            "no items", "fit(ready, list(torch_zeros(0, 2), torch_zeros(0, 1)), epochs = 1)",
            "the training data has no items"),
        .init(
            "no items of validation",
            "fit(ready, list(torch_ones(40, 2), torch_ones(40, 1)), epochs = 1, valid_data = list(torch_zeros(0, 2), torch_zeros(0, 1)))",
            "`valid_data` has no items"),
        .init(
            "lr_finder without a batch", "lr_finder(ready, list(torch_ones(4, 2), torch_ones(4, 1)))",
            "the training data: 4 items make no batch of 32, as the short last batch is dropped"),
        .init(
            "tensors of different sizes", "tensor_dataset(x = torch_ones(2), y = torch_ones(3))",
            "the tensors of a tensor_dataset must have the same first size: `x` has 2 items, `y` has 3",
            hint: "items are taken along the first dimension"),
        .init(
            "lists of different sizes", "fit(ready, list(torch_ones(40, 2), torch_ones(10, 1)), epochs = 1)",
            "the tensors of a tensor_dataset must have the same first size: tensor 1 has 40 items, tensor 2 has 10"),
        .init(
            "no target", "fit(ready, torch_ones(40, 2), epochs = 1)",
            "the data has no target for the loss: its batches have one part only",
            hint: "list(x, y), or a data set whose items are list(x = …, y = …)"),
        .init("threads", "torch_set_num_threads(0)", "expected positive number of threads, but got 0"),
        .init("threads as text", "torch_set_num_threads(\"a\")", "`num_threads` must be one number, not \"a\""),
        .init(
            "probability", "transform_random_horizontal_flip(torch_ones(3, 4, 4), p = 2)",
            "`p` must be a probability, 0 … 1, not 2"),
        .init(
            "transform as text", "image_folder_dataset(\".\", transform = \"transform_to_tensor\")",
            "`transform` must be a function, not \"transform_to_tensor\"",
            hint: "without quotes: transform = transform_to_tensor"),
        .init(
            "image as text", "transform_to_tensor(\"a.jpg\")", "not implemented for character",
            hint: "an image is a tensor or an array: base_loader(file) reads one"),
        .init(
            "typo in forward", "net()(torch_ones(1, 2))", "attempt to apply non-function",
            hint: "<net> has no member `cnv`: did you mean `conv`?"),
        .init(
            "typo outside", "good()$fooo(1)", "attempt to apply non-function"),
        .init(
            "member that is no function", "m <- good(); m$training(1)", "attempt to apply non-function",
            hint: "m$training is of type 'logical', not a function"),
        .init(
            "optimizer as text", "setup(good, loss = nn_mse_loss(), optimizer = \"adam\")",
            "`optimizer` must be a function such as optim_adam, not \"adam\"",
            hint: "without quotes: optimizer = optim_adam"),
        .init(
            "unused tensor", "good()(torch_ones(1, 2), torch_ones(1))", "unused argument (<torch_tensor>)",
            hint: "arguments: x"),
        .init(
            "cat of a tensor", "cat(torch_ones(2))",
            "argument 1 (type 'environment') cannot be handled by 'cat'",
            hint: "as.numeric(x) or x$item() give its numbers; print(x) shows it"),
        .init(
            "condition of two", "if (torch_ones(2) > 0) 1", "the condition has length > 1",
            hint: "it is a torch_tensor; take one value of it, e.g. with $all()$item()"),
        .init(
            "cat along a dimension", "torch_cat(list(torch_ones(2, 2), torch_ones(3, 3)))",
            "Sizes of tensors must match except in dimension 1. Expected size 2 but got size 3 for tensor number 2 in the list.",
            hint: "the shapes are [2, 2] and [3, 3]"),
        .init(
            "gather", "torch_ones(2, 2)$gather(1, matrix(5L))", "index 5 is out of bounds for dimension 1 with size 2"),
        .init(
            "item of a data set", "tensor_dataset(torch_ones(2))[3]",
            "index 3 is out of bounds for dimension 1 with size 2"),
        .init(
            "unsqueeze", "torch_ones(2, 2)$unsqueeze(5)",
            "Dimension out of range (expected to be in range of [-3, 3], but got 5)"),
        .init("permute", "torch_ones(2, 2)$permute(c(1, 1))", "dim 1 appears multiple times in the list of dims"),
        .init(
            "permute, one", "torch_ones(2, 2)$permute(1)", "permute: 1 dimension for a tensor of 2",
            hint: "name each once; the tensor has shape [2, 2]"),
        .init(
            "sum", "torch_ones(2, 3) + torch_ones(2, 4)",
            "The size of tensor a (3) must match the size of tensor b (4) at non-singleton dimension 2"),
        .init(
            "one hot", "nnf_one_hot(torch_tensor(c(1L, 3L)), num_classes = 2)",
            "Class values must not be larger than num_classes: 3 > 2"),
        .init(
            "patience as text", "luz_callback_early_stopping(patience = \"a\")",
            "`patience` must be one number, not \"a\""),
        .init(
            "negative patience", "luz_callback_early_stopping(patience = -1)", "`patience` must be 0 or more, not -1"),
        .init(
            "negative epochs", "fit(ready, list(torch_ones(40, 2), torch_ones(40, 1)), epochs = -1)",
            "`epochs` must be one or two whole numbers, 0 or more, not -1"),
        .init("pretrained", "model_resnet18(pretrained = \"yes\")", "`pretrained` must be TRUE or FALSE, not \"yes\""),
        .init(
            "singular matrix", "torch_zeros(2, 2)$inverse()",
            "linalg.inv: the inversion could not be completed because the input matrix is singular"),
        .init(
            "einsum", "torch_einsum(\"ij,jk->ik\", list(torch_ones(2, 3), torch_ones(2, 3)))",
            "einsum(): \"j\" is 3 in one operand and 2 in operand 2", hint: "torch_einsum(\"ij,jk->ik\", list(a, b))"),
    ]

    @Test(arguments: cases) func `ends in one clear line`(_ bad: BadInput.Case) {
        let (error, goesOn) = BadInput.outcome(NewcomerMistakes.prelude + bad.code)
        BadInput.expect(error, bad.message, hint: bad.hint)
        #expect(goesOn)
    }

    @Test func `private members of a module stay private`() {
        let run = runProgram(
            """
            library(torch)
            box <- nn_module("box", initialize = function() {}, private = list(secret = 42), open = function() private$secret)()
            print(box$secret); print(box$open())
            """)
        #expect(run.out == "NULL\n[1] 42\n", "\(run.error)")
    }

    @Test func `modules that nothing holds go in a loop at the prompt`() {
        let run = Subprocess(arguments: [
            "-e",
            """
            library(torch)
            net <- nn_module("net", initialize = function() self$fc <- nn_linear(1000, 1000), forward = function(x) self$fc(x))
            for (i in 1:60) { m <- net(); o <- optim_adam(m$parameters); m(torch_ones(1, 1000))$sum()$backward(); o$step() }
            # 16 MB a round: 960 MB if nothing went.
            cat(as.numeric(gsub("[^0-9]", "", grep("VmHWM", readLines("/proc/self/status"), value = TRUE))) < 4e5)
            """,
        ])
        #expect(run.output == "TRUE", "\(run.output) \(run.errors)")
    }

    @Test func `help of layers says what they do`() {
        let run = runProgram("library(torch); ?nn_linear; ??nn_dropout2d")
        #expect(run.out.contains("Usage:\n  nn_linear(in_features, out_features, bias = TRUE)"), "\(run.out)")
        #expect(run.out.contains("torch::nn_dropout2d  "), "\(run.out)")
        #expect(!run.out.hasPrefix("nn_linear\n\nnn_linear"))
    }
}
