/// The scripts, and where the workbench differs from them: on purpose, or still open.
extension RecordedScript {
    private static let asPublished = "options(workbench.as_published = TRUE)"

    /// A file of small luz cases.
    private static func luz(_ name: String, differing: [String: String] = [:]) -> RecordedScript {
        RecordedScript(
            name: "luz/" + name, output: "luz/\(name).out", options: asPublished, landmarks: ["## "],
            differing: differing)
    }

    /// Every function and callback of luz in small cases.
    static let luzCases: [RecordedScript] = [
        luz(
            "01_setup",
            differing: [
                "## custom backward, a closure over a local variable": "on purpose: a function keeps its variables"
            ]),
        luz(
            "02_fit_data",
            differing: [
                "## valid_data fraction 0": "on purpose: no validation, where luz fails",
                "## one-item batches: target is NULL": "on purpose: a batch without target, where luz fails",
            ]),
        luz("03_verbose"),
        luz(
            "04_hooks",
            differing: ["## calling self() inside step": "on purpose: self is found where luz fails"]),
        luz(
            "05_callbacks",
            differing: ["## get_metrics of a set without records": "on purpose: no rows where luz fails"]),
        luz("06_early_stopping"),
        luz("07_lr_scheduler"),
        luz("08_checkpoint"),
        luz(
            "09_auto_resume",
            differing: [
                "## callback with state_dict only":
                    "on purpose: the fit goes on and says whose state is left out, where luz fails",
                "## fields": "on purpose: one more argument, `every`",
            ]),
        luz("10_csv"),
        luz(
            "11_clip_mixup",
            differing: [
                "## nnf_mixup, 1-d input": "on purpose: works where luz fails",
                "## mixup run_valid and auto_loss": "on purpose: works where luz fails",
                "## mixup with the plain loss": "on purpose: the error names the argument",
                "## mixup with accuracy in training": "on purpose: the error names the metric",
                "## mixed_precision, disabled":
                    "on purpose: disabled means single precision; luz computes the model's output in bfloat16",
                "## mixed_precision on the CPU": "on purpose: said before training",
            ]),
        luz(
            "12_metrics_direct",
            differing: [
                "## binary_auroc num_thresholds 2": "on purpose: the error names the argument",
                "## multiclass_auroc from_logits": "on purpose: works where luz fails",
                "## shapes that do not fit": "on purpose: dimensions are counted from 1",
            ]),
    ]

    private static let internals = "on purpose: R prints how its object is made"

    /// Semantics, formats, errors.
    static let semantics: [RecordedScript] = [
        RecordedScript(
            name: "01_print_modules", output: "01_print_modules.txt",
            differing: [
                "### nn_cross_entropy_loss generator, optim_adam generator, luz_metric_accuracy": internals
            ]),
        RecordedScript(
            name: "03_semantics", output: "03_semantics.txt", options: asPublished,
            masks: [#"(?s)Exception raised from.*?>\n>"#], tolerance: 1e-3, mergesErrors: true,
            differing: [
                "### early stopping with scripted valid losses":
                    "on purpose: the call in an error of luz's own code is not shown",
                "### early stopping without valid_data":
                    "on purpose: the call in an error of luz's own code is not shown",
                "### valid_data=0.2 with dataset, list data":
                    "not comparable: R's generator is not seeded before the items are drawn",
                "### squeeze() with last batch of size 1": "on purpose: the error is not printed as one of C++",
            ]),
        RecordedScript(
            name: "05_formats", output: "05_formats.txt",
            without: ["torch_tensor(c(1+2i, 3-1i)), "],
            landmarks: ["> "],
            differing: [
                "> torch_tensor(c(1 + (0+2i), 3 - (0+1i)))": "open: there are no complex tensors",
                "> print(o1)": "on purpose: an optimizer prints its settings",
                "> print(o2)": "on purpose: an optimizer prints its settings",
                "> optim_adam": "on purpose: an optimizer's generator prints its arguments",
                "> print(sch)": "on purpose: a scheduler prints its step and rates",
                "> lr_one_cycle": internals,
                "> nn_conv2d": internals,
                "> luz_metric_accuracy()": internals,
                "> luz_callback_early_stopping(patience = 2)": "on purpose: a callback prints its settings",
            ]),
        // What is an error in R is one here and the other way round; the words are better here.
        RecordedScript(
            name: "06_errors", output: "06_errors_short.txt", options: asPublished, needsImages: true,
            without: ["print(bn1(torch_randn(1,4))); "], runsByLine: true, landmarks: ["> "],
            keeps: ["(no error)", "[class]"], masks: ["(?:tmp/)?(?:rt_nodl|rt_empty|bad.jpeg|a.luz)"],
            differing: [
                "> bn1(torch_randn(1, 4))": "on purpose: a batch of one has no variance",
                "> bn1(torch_randn(1, 4, 1))": "on purpose: a batch of one has no variance",
                "> torch_randn(2)$foo": "on purpose: a member that does not exist is an error, not NULL",
                "> tensor_dataset(torch_randn(3), torch_randn(4))":
                    "on purpose: tensors of different sizes are refused",
                "> torch_device(\"xyz\")": "on purpose: said at once, not at the first use",
                "> net %>% setup(loss = nn_cross_entropy_loss(), optimizer = optim_adam, metrics = luz_metric_accuracy)":
                    "on purpose: metrics are taken with and without parentheses",
                "> mod %>% fit(dl, epochs = 1, callbacks = list(luz_callback_csv_logger(\"/nonexistent/a.csv\")))":
                    "on purpose: a log that cannot be written ends the fit",
                "> lr_one_cycle(optim_adam(net()$parameters), max_lr = 0.1, total_steps = 10, anneal_strategy = \"linear\")":
                    "on purpose: works where torch fails",
            ]),
        RecordedScript(name: "12_colors", output: "12_colors.txt", options: asPublished),
        RecordedScript(
            name: "13_luz_trace", output: "13_luz_trace.txt", tolerance: 1e-5,
            // A change of the data by one part in 5 million moves our own losses as far; so does another kernel for the
            // first layer, which is as exact as the one before it: without AVX-512 they are 2.2e-3 from R's in step 13. R
            // torch with one thread is as far from R torch with two.
            tolerances: [
                ("### batchnorm…call_on=on_batch_end", 5e-3, 2e-6),
                ("### batchnorm…call_on=on_train_batch_end", 0.2, 0.15),
            ]),
        RecordedScript(
            name: "15_misc", output: "15_misc.txt", needsImages: true, runsByLine: true, tolerance: 1e-3,
            differing: [
                "### callback order: early stopping (weight=Inf) is sorted last; a custom callback that signals early_stopping cuts off later callbacks of that epoch; on_fit_end still runs":
                    "on purpose: there is no code of luz to print",
                "### adam step source": "on purpose: there is no code of torch to print",
            ]),
    ]

    private static let notSaved = "open: luz_save() and luz_load() come with the saving of sessions"

    /// The chapter's three nets at quarter width: lr_finder, fit, evaluate, predict.
    static let chapter: [RecordedScript] = ["dropout", "batchnorm", "resnet"].map { net in
        RecordedScript(
            name: "02_\(net)_rscript", output: "02_\(net)_rscript.stdout.txt",
            errors: "02_\(net)_rscript.stderr.txt",
            files: [
                ("runs/\(net)_rscript/logs_\(net).csv", "runs/\(net)_rscript/logs_\(net).csv")
            ], options: asPublished, needsImages: true,
            leavesOut: ["r <- luz_save", "print(r)", "file.size(", "f2", "torch_allclose(predict(f2"],
            landmarks: [
                "<luz_module_generator>", "lr loss", "[1] \"lr_records\"", "A `luz_module_fitted`",
                "[1] \"luz_module_fitted\"", "\"epoch\",", "A `luz_module_evaluation`", "# A tibble",
                "[1] \"torch_tensor\"", "torch_tensor", "set metric", "NULL", "[1] \"epoch\"", "List of",
                "[1] 1", "$loss", "size", "Epoch ",
            ],
            // Sizes of files; losses at rates where they jump about; times in records.
            masks: [#"\.pt +[0-9]+"#, #"(?m)^(?:7[0-9]|[89][0-9]|100) +[^ ]+ +[0-9.]+$"#, #"\.\.\$ : num [0-9.]+"#],
            tolerance: 0.03,
            // 40 steps of Adam: four of 200 images may change sides.
            tolerances: [
                "\"epoch\",", "A `luz_module", "set metric", "$loss", "Epoch", "torch_tensor", "tibble",
            ].map { ($0, 0.03, 0.021) },
            differing: [
                "NULL": notSaved, "A `luz_module_fitted` #2": notSaved,
                "List of 9": "on purpose: early stopping is kept in checkpoints, too",
            ].merging(
                net == "resnet"
                    ? [:] : ["torch_tensor": "not comparable: one small number decides the format of all"]
            ) { first, _ in first })
    }
}
