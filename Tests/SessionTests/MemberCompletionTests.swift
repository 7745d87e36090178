import PluginAPI
import Session
import TestSupport
import Testing

@testable import Shell

/// What is offered behind `$`, for every kind of object.
@Suite struct MemberCompletionTests {
    private static let prelude = """
        library(torch); library(luz); library(R6)
        x <- torch_ones(2, 3)
        net <- nn_module("net",
          initialize = function(width) {
            self$fc <- nn_linear(3, width); self$scale <- nn_parameter(torch_ones(1)); self$mean <- nn_buffer(torch_ones(1))
            self$count <- 3; self$table <- list(deep = 1) },
          forward = function(input, mask = NULL) self$fc(input), describe = function(verbose = TRUE) 1,
          active = list(loud = function() stop("ran")))
        model <- net(3)
        opt <- optim_adam(model$parameters)
        schedule <- lr_step(opt, 2)
        ds <- dataset("ds", initialize = function() self$root <- "here", .getitem = function(i) i, .length = function() 9)()
        tensors <- tensor_dataset(a = x, b = x)
        dl <- dataloader(tensors, batch_size = 2)
        Person <- R6Class("Person", public = list(name = "Ada", greet = function(loudly) 1),
          active = list(shout = function() stop("ran")))
        person <- Person$new()
        frame <- data.frame(size = 1:2, color = 3:4)
        stopping <- luz_callback_early_stopping(patience = 2)
        mine <- luz_callback("mine", initialize = function() self$seen <- 0, on_epoch_end = function() 1)()
        metric <- luz_metric_accuracy()$new()
        fitted <- net %>% setup(loss = nn_mse_loss(), optimizer = optim_adam) %>% set_hparams(width = 3) %>%
          fit(list(torch_ones(32, 3), torch_ones(32, 3)), epochs = 1, verbose = FALSE)
        """

    /// What is offered for each text, `name|kind`.
    private func labels(_ texts: [String]) -> [[String]] {
        let session = makeSession()
        return session.onDeepStack {
            _ = session.run(MemberCompletionTests.prelude)
            return texts.map { text in
                Completer(context: session.context, deadline: Deadline(milliseconds: 10_000))
                    .candidates(CompletionPoint(text)).map { $0.label + "|" + $0.kind }
            }
        }
    }

    @Test func `members of each kind of object`() {
        let wanted: [(text: String, some: [String])] = [
            ("x$vi", ["view|method", "view_as|method"]), ("x$sha", ["shape|field"]),
            ("x$reshape(", ["shape = |argument"]), ("x$grad$req", []),
            ("model$", ["fc|nn_linear", "scale|parameter", "mean|buffer", "count|double", "table|list"]),
            ("model$", ["describe|function", "forward|function", "loud|active"]),
            ("model$", ["parameters|field", "train|method", "eval|method", "state_dict|method"]),
            ("model$fc$we", ["weight|parameter"]), ("model$fc$weight$requ", ["requires_grad|field"]),
            ("model$table$", ["deep|double"]), ("model$parameters$fc", ["fc.weight|torch_tensor"]),
            ("model$describe(", ["verbose = TRUE|argument"]),
            ("model(", ["input = |argument", "mask = NULL|argument"]),
            ("model$train(", ["mode = TRUE|argument"]), ("net$", ["new|method", "describe|function"]),
            ("net(", ["width = |argument"]), ("opt$", ["param_groups|field", "step|method", "zero_grad|method"]),
            ("opt$param_groups[[1]]$l", ["lr|double"]), ("schedule$", ["last_epoch|field", "step|method"]),
            ("schedule$optimizer$z", ["zero_grad|method"]), ("ds$", ["root|character"]),
            ("ds$.get", [".getitem|function"]), ("tensors$", ["tensors|list"]),
            ("tensors$tensors$", ["a|torch_tensor", "b|torch_tensor"]),
            ("dl$", ["batch_size|double", "dataset|tensor_dataset"]), ("dl$dataset$", ["tensors|list"]),
            ("person$", ["greet|function", "name|character", "shout|active"]),
            ("person$greet(", ["loudly = |argument"]), ("Person$", ["new|function"]),
            ("frame$", ["color|integer", "size|integer"]), ("stopping$pat", ["patience|double"]),
            ("stopping$st", ["state_dict|method"]), ("mine$", ["on_epoch_end|function", "seen|double"]),
            ("metric$up", ["update|method"]), ("metric$update(", ["preds = |argument", "target = |argument"]),
            ("fitted$", ["model|net", "records|list"]), ("fitted$model$fc$we", ["weight|parameter"]),
            ("fitted$model$des", ["describe|function"]), ("fitted$records$metrics$", ["train|list"]),
        ]
        for (wanted, found) in zip(wanted, labels(wanted.map { $0.text })) {
            for one in wanted.some { #expect(found.contains(one), "\(wanted.text): \(found.prefix(40))") }
        }
    }

    @Test func `nothing is run and nothing hidden is shown`() {
        let found = labels(["model$loud$", "person$shout$", "person$", "model$"])
        #expect(found[0] == [])
        #expect(found[1] == [])
        #expect(!found[2].contains { $0.hasPrefix(".") })
        #expect(!found[3].contains { $0.hasPrefix(".") })
    }
}
