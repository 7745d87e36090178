import Testing

@Suite struct MetricTests {
    private static let helpers = """
        val <- function(m, ...) { o <- m$new(); for (b in list(...)) o$update(b[[1]], b[[2]]); o$compute() }
        scores <- torch_tensor(matrix(c(0.9, 0.1, 0.3, 0.1, 0.9, 0.7), 3)); classes <- torch_tensor(c(1L, 2L, 1L))
        """

    @Test(arguments: [
        ("val(luz_metric_accuracy(), list(scores, classes))", "0.6666667"),
        ("val(luz_metric_accuracy(), list(scores, classes), list(scores, torch_tensor(c(1L, 2L, 2L))))", "0.8333333"),
        ("val(luz_metric_accuracy())", "NaN"),
        ("val(luz_metric_binary_accuracy(), list(torch_tensor(c(0.5, 0.6)), torch_tensor(c(0, 1))))", "1"),
        (
            "val(luz_metric_binary_accuracy(threshold = 0.55), list(torch_tensor(c(0.5, 0.6, 0.7)), torch_tensor(c(0, 1, 0))))",
            "0.6666667"
        ),
        (
            "val(luz_metric_binary_accuracy_with_logits(), list(torch_tensor(c(-1, 2, 0.1)), torch_tensor(c(0, 1, 0))))",
            "0.6666667"
        ),
        (
            "val(luz_metric_mae(), list(torch_tensor(c(1, 2)), torch_tensor(c(2, 4))), list(torch_tensor(0), torch_tensor(0)))",
            "1"
        ),
        ("val(luz_metric_mse(), list(torch_tensor(c(1, 2)), torch_tensor(c(2, 4))))", "2.5"),
        ("val(luz_metric_rmse(), list(torch_tensor(c(1, 2)), torch_tensor(c(2, 4))))", "1.581139"),
        (
            "val(luz_metric_binary_auroc(), list(torch_tensor(c(0.1, 0.2, 0.8, 0.9)), torch_tensor(c(0, 0, 1, 1))))",
            "1"
        ),
        (
            "val(luz_metric_binary_auroc(), list(torch_tensor(c(0.1, 0.2, 0.8, 0.9)), torch_tensor(c(1, 1, 0, 0))))",
            "0"
        ),
    ])
    func `metrics by hand`(_ code: String, _ value: String) {
        let session = TrainingSession(options: Self.helpers)
        #expect(session.out("cat(\(code))") == value)
    }

    @Test func `labels, classes and format`() {
        let session = TrainingSession()
        #expect(
            session.out(
                """
                for (m in list(luz_metric_accuracy(), luz_metric_mae(), luz_metric_binary_auroc())) cat(m$new()$abbrev, class(m), class(m$new()), "\\n")
                o <- luz_metric_accuracy()$new()
                print(o$format(0.123456)); print(o$format(list(a = 0.123456, b = 1.5))); print(o$format("text"))
                """) == """
                    Acc luz_metric_generator R6ClassGenerator LuzMetric R6 
                    MAE luz_metric_generator R6ClassGenerator LuzMetric R6 
                    AUC luz_metric_generator R6ClassGenerator LuzMetric R6 
                    [1] 0.1235
                    [1] "a: 0.1235 | b: 1.5"
                    NULL

                    """)
    }

    @Test func `metrics written in R`() {
        let session = TrainingSession(options: Self.helpers)
        #expect(
            session.out(
                """
                m <- luz_metric("top", abbrev = "Top", initialize = function(k = 2) { self$k <- k; self$n <- 0 }, update = function(preds, target) self$n <- self$n + self$k, compute = function() self$n)
                kid <- luz_metric("kid", inherit = m, abbrev = "Kid", compute = function() super$compute() * 100)
                cat(class(m), "|", class(m()), "|", class(m()$new()), "|", class(kid()$new()), "|", names(formals(kid)), "\\n")
                cat(val(m(3), list(scores, classes), list(scores, classes)), val(kid(), list(scores, classes)), "\\n")
                """) == """
                    function | top_generator luz_metric_generator R6ClassGenerator | top LuzMetric R6 | kid top LuzMetric R6 | k 
                    6 200 

                    """)
    }

    @Test func `a fit shows and records them`() {
        let session = TrainingSession(options: TrainingSession.scripted)
        #expect(
            session.run(
                """
                m <- luz_metric("m", abbrev = "Own", initialize = function() {}, update = function(preds, target) {}, compute = function() ctx$epoch + 0.123456, format = function(v) sprintf("<%.1f>", v))
                f <- fit_losses(c(2, 1), metrics = luz_metric_set(train_metrics = m, valid_metrics = list(luz_metric_mae())))
                cat(f$records$metrics$train[[2]]$own, f$records$metrics$valid[[1]]$mae, "\\n")
                """)
                == (
                    "2.123456 0 \n",
                    """
                    Epoch 1/2
                    Train metrics: Loss: 2 - Own: <1.1>
                    Valid metrics: Loss: 2 - MAE: 0
                    Epoch 2/2
                    Train metrics: Loss: 1 - Own: <2.1>
                    Valid metrics: Loss: 1 - MAE: 0

                    """
                ))
    }

    @Test func `the loss is the mean of the batches' means`() {
        let session = TrainingSession()
        // Batches of 2 and 1: (1 + 4) / 2, not weighted by their sizes.
        #expect(
            session.out(
                """
                net <- nn_module("n", initialize = function() self$w <- nn_parameter(torch_zeros(1)), forward = function(x) x + self$w * 0)
                x <- torch_tensor(c(1, 1, 2)); d <- dataloader(tensor_dataset(x, torch_zeros(3)), batch_size = 2)
                f <- net %>% setup(loss = nn_mse_loss(), optimizer = optim_sgd) %>% set_opt_hparams(lr = 0) %>% fit(d, epochs = 1, verbose = FALSE)
                cat(f$records$metrics$train[[1]]$loss)
                """) == "2.5")
    }

    @Test(arguments: [
        ("luz_metric_binary_auroc(num_thresholds = 1)$new()", "num_thresholds must be > 1"),
        (
            "luz_metric_multiclass_auroc(average = \"mean\")$new()",
            "`average` must be one of \"micro\", \"macro\", \"weighted\", or \"none\", not \"mean\"."
        ),
        ("luz_metric_set(metrics = 3)", "Expected an object with class <luz_metric_generator>, got 3"),
        ("luz_metric(\"m\", abbrev = \"M\")()$new()$compute()", "the metric M has no method `compute`"),
        (
            "val(luz_metric_mae(), list(torch_zeros(3), list(1)))",
            "the metric MAE takes tensors, not predictions of type 'environment' and a target of type 'list'"
        ),
        (
            "val(luz_metric_mae(), list(torch_zeros(3), torch_zeros(4)))",
            "The size of tensor a (3) must match the size of tensor b (4) at non-singleton dimension 1"
        ),
    ])
    func `wrong use is an error`(_ code: String, _ message: String) {
        let session = TrainingSession(options: Self.helpers)
        let error = session.run(code).error
        #expect(error.contains(message), "\(error)")
    }

    @Test func `classes inherit from metrics in the box`() {
        let session = TrainingSession()
        #expect(
            session.out(
                """
                wrong <- luz_metric("wrong", abbrev = "Wrong", inherit = luz_metric_binary_accuracy, compute = function() 1 - super$compute())
                m <- wrong(threshold = 0.7)$new()
                m$update(torch_tensor(c(0.6, 0.8, 0.9, 0.1)), torch_tensor(c(1, 1, 0, 0)))
                cat(m$compute(), m$abbrev, names(formals(wrong)), "\n")
                same <- luz_metric("same", inherit = luz_metric_mae)()$new()
                same$update(torch_tensor(c(1, 2)), torch_tensor(c(2, 4)))
                cat(same$compute(), class(same)[1])
                """) == "0.5 Wrong threshold \n1.5 same")
        #expect(
            session.run("luz_metric(\"m\", inherit = 1)").error.contains("`inherit` must be a class of metrics, not 1"))
    }
}
