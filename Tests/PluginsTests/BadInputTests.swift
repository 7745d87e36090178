import Glibc
import Session
import TestSupport
import Testing

/// What a user gets to read for the mistakes people make: one line with the values, a hint, and a session that goes on.
@Suite(.serialized) struct BadInput {
    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        let code: String
        let message: String
        var hint: String?
        var testDescription: String { name }

        init(_ name: String, _ code: String, _ message: String, hint: String? = nil) {
            self.name = name
            self.code = code
            self.message = message
            self.hint = hint
        }
    }

    static let layers: [Case] = [
        .init(
            "conv2d, channels", "nn_conv2d(3, 4, 3)(torch_ones(1, 2, 8, 8))",
            "Given groups=1, weight of size [4, 3, 3, 3], expected input[1, 2, 8, 8] to have 3 channels, but got 2 channels instead",
            hint: "the layer was made with in_channels = 3; the input is [batch, channels, height, width]"),
        .init(
            "conv2d, dimensions", "nn_conv2d(3, 4, 3)(torch_ones(8, 8))",
            "Expected 3D (unbatched) or 4D (batched) input to conv2d, but got input of size: [8, 8]"),
        .init(
            "conv2d, kernel", "nn_conv2d(3, 4, 9)(torch_ones(1, 3, 8, 8))",
            "Calculated padded input size per channel: (8 x 8). Kernel size: (9 x 9). Kernel size can't be greater than actual input size",
            hint: "use a smaller kernel, more padding, or larger images"),
        .init(
            "linear", "nn_linear(3, 4)(torch_ones(2, 5))", "mat1 and mat2 shapes cannot be multiplied (2x5 and 3x4)",
            hint: "the input has shape [2, 5]; its last size must be 3"),
        .init(
            "bilinear", "nn_bilinear(2, 3, 4)(torch_ones(5, 2), torch_ones(5, 2))",
            "bilinear(): inputs of shape [5, 2] and [5, 2] do not go with a weight of shape [4, 2, 3]",
            hint: "inputs are [*, in1] and [*, in2], the weight is [out, in1, in2]"),
        .init(
            "batch_norm1d, channels", "nn_batch_norm1d(3)(torch_ones(2, 5))",
            "<nn_batch_norm1d> was made for 3 channels, but the input has 5"),
        .init(
            "batch_norm1d, dimensions", "nn_batch_norm1d(3)(torch_ones(2, 3, 4, 5))",
            "expected 2D or 3D input (got 4D input)"),
        .init(
            "batch_norm1d, batch of one", "nn_batch_norm1d(3)(torch_ones(1, 3))",
            "Expected more than 1 value per channel when training, got input size [1, 3]",
            hint: "a batch of one cannot be normalised: use a larger batch, `drop_last = TRUE`, or `$eval()`"),
        .init(
            "batch_norm2d, dimensions", "nn_batch_norm2d(3)(torch_ones(2, 5))", "expected 4D input (got 2D input)"),
        .init(
            "batch_norm2d, channels", "nn_batch_norm2d(3)(torch_ones(2, 5, 4, 4))",
            "<nn_batch_norm2d> was made for 3 channels, but the input has 5"),
        .init(
            "embedding, range", "nn_embedding(3, 4)(torch_tensor(c(1L, 7L)))",
            "index 7 is out of range for an embedding of 3 rows", hint: "valid are 1 … 3"),
        .init(
            "embedding, type", "nn_embedding(3, 4)(torch_ones(2))",
            "Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got torch.Float instead",
            hint: "x$to(dtype = torch_long()) makes whole numbers"),
        .init(
            "max_pool2d, size", "nn_max_pool2d(3)(torch_ones(1, 1, 2, 2))",
            "calculated output size would be too small: a kernel of 3 on an input of 2 with padding 0",
            hint: "use a smaller kernel, more padding, or larger images"),
        .init(
            "max_pool2d, dimensions", "nn_max_pool2d(2)(torch_ones(4))",
            "max_pool2d: Expected 3D or 4D (batch mode) tensor, got shape [4]"),
        .init(
            "adaptive_avg_pool2d", "nn_adaptive_avg_pool2d(2)(torch_ones(4))",
            "adaptive_avg_pool2d: Expected 3D or 4D tensor and an output size of one or two numbers, got [4]"),
        .init(
            "flatten", "nn_flatten(5)(torch_ones(2, 2))",
            "Dimension out of range (expected to be in range of [-2, 2], but got 5)"),
        .init(
            "dropout", "nn_dropout(2)(torch_ones(2))", "dropout probability has to be between 0 and 1 but got 2"),
    ]

    static let language: [Case] = [
        .init(
            "label too large", "nnf_cross_entropy(torch_randn(2, 3), torch_tensor(c(1L, 4L)))",
            "Target 4 is out of bounds.", hint: "there are 3 classes: valid are 1 … 3; item 2 of the target is 4"),
        .init(
            "label from 0", "nnf_cross_entropy(torch_randn(2, 3), torch_tensor(c(0L, 1L)))",
            "Indexing starts at 1 but found a 0.",
            hint: "classes are counted from 1: valid are 1 … 3; item 1 of the target is 0"),
        .init(
            "argument of a callback", "luz_callback_early_stopping(monitr = \"x\")", "unused argument (monitr = \"x\")",
            hint: "did you mean `monitor`?"),
        .init(
            "argument of a layer", "nn_linear(3, out_featurs = 4)", "unused argument (out_featurs = 4)",
            hint: "did you mean `out_features`?"),
        .init(
            "argument of an optimizer", "optim_adam(list(), lrr = 1)", "unused argument (lrr = 1)",
            hint: "did you mean `lr`?"),
        .init(
            "function", "nn_liner(2, 2)", "could not find function \"nn_liner\"",
            hint: "did you mean `nn_linear` or `nnf_linear` or `nn_bilinear`?"),
        .init(
            "exported function", "luz::ftt()", "'ftt' is not an exported object from 'namespace:luz'",
            hint: "did you mean `fit`?"),
        .init(
            "method", "torch_ones(2)$sqeeze()", "a torch_tensor has no field or method `sqeeze`",
            hint: "did you mean `squeeze` or `squeeze_` or `unsqueeze`?"),
        .init(
            "endless recursion", "f <- function(n) f(n + 1); f(1)",
            "evaluation nested too deeply: infinite recursion / options(expressions=)?",
            hint: "a function calls itself without end, or options(expressions = ) is too small"),
        .init("vector", "numeric(1e12)", "cannot allocate vector of size 7450.6 Gb"),
        .init("vector beyond counting", "numeric(1e16)", "vector is too large"),
        .init("replicate", "replicate(1e12, 1)", "cannot allocate vector of size 14901.2 Gb"),
    ]

    /// Runs code in a session that has read `prelude`, and says what was written to standard error and whether the
    /// session goes on.
    static func outcome(_ code: String, in folder: String? = nil) -> (error: [String], goesOn: Bool) {
        let output = CapturedOutput()
        let session = makeSession(capturing: output, workingDirectory: folder)
        return session.onDeepStack {
            _ = session.run("library(torch); library(luz); library(torchvision); library(torchdatasets)")
            _ = output.take()
            _ = session.run(code)
            let error = output.take().error
            _ = session.run("cat(1 + 1)")
            return (
                error.split(separator: "\n").map { line in String(line.drop { $0 == " " }) }, output.take().out == "2"
            )
        }
    }

    static func expect(
        _ error: [String], _ message: String, hint: String?, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        // The message stands on a line of its own, or behind the call on the first.
        let said = error.contains { $0 == message || $0.hasSuffix(" : " + message) || $0 == "Error: " + message }
        #expect(said, "\(error)", sourceLocation: sourceLocation)
        if let hint { #expect(error.contains("hint: " + hint), "\(error)", sourceLocation: sourceLocation) }
    }

    @Test(arguments: layers + language) func endsInOneClearLine(_ bad: Case) {
        let (error, goesOn) = BadInput.outcome(bad.code)
        BadInput.expect(error, bad.message, hint: bad.hint)
        #expect(goesOn)
    }

    @Test func overflowOfIntegersIsMissingWithAWarning() {
        let run = runProgram("print(.Machine$integer.max + 1L)")
        #expect(run.out == "[1] NA\n")
        #expect(run.error.contains("NAs produced by integer overflow"))
        #expect(run.status == 0)
    }

    @Test func tensorTooLargeNamesBytesAndLimit() {
        let (error, goesOn) = BadInput.outcome("torch_ones(1e6, 1e6)")
        let start =
            "cannot allocate a tensor of shape [1000000, 1000000], type Float: 4000000000000 bytes are asked for and the limit is "
        #expect(error.contains { $0.hasPrefix(start) && Int($0.dropFirst(start.count)) != nil }, "\(error)")
        #expect(error.contains("hint: use a smaller size"))
        #expect(goesOn)
    }
}
