import Testing

/// Calls that are nearly right: what is said names what was meant.
@Suite(.serialized) struct Misuse {
    static let fit = """
        net <- nn_module("net", initialize = function() self$fc <- nn_linear(3, 3), forward = function(x) self$fc(x))
        x <- torch_ones(64, 3)
        model <- net %>% setup(loss = nn_mse_loss(), optimizer = optim_adam)

        """

    static let cases: [BadInput.Case] = [
        .init(
            "a module to a device", "nn_linear(2, 2)$to(device = \"cuda\")", "there is no device \"cuda\" here",
            hint: "the workbench computes on \"cpu\""),
        .init(
            "a loss module called as a function", "nn_mse_loss(torch_ones(3), torch_ones(3))",
            "unused argument (torch_ones(3))",
            hint: "nnf_mse_loss(input, target) computes at once; nn_mse_loss()(input, target) does as well"),
        .init(
            "a loss with weights called as a function", "nn_cross_entropy_loss(torch_ones(2, 3), torch_ones(2))",
            "nn_cross_entropy_loss() makes a loss; it was called with tensors",
            hint:
                "nnf_cross_entropy(input, target) computes at once; nn_cross_entropy_loss()(input, target) does as well"
        ),
        .init(
            "mixup with a plain loss", fit + "fit(model, list(x, x), callbacks = list(luz_callback_mixup()))",
            "! luz_callback_mixup() makes targets of two parts, and the loss <nn_mse_loss> takes plain ones",
            hint:
                "setup(loss = nn_mixup_loss(nn_mse_loss()), …), or luz_callback_mixup(auto_loss = TRUE) with nn_mse_loss(reduction = \"none\")"
        ),
        .init(
            "an argument of a scheduler callback, misspelt",
            "luz_callback_lr_scheduler(lr_step, step_size = 2, cal_on = \"on_epoch_end\")",
            "neither luz_callback_lr_scheduler() nor its scheduler has an argument `cal_on`",
            hint: "did you mean `call_on`?"),
        .init(
            "an argument of the scheduler, misspelt", "luz_callback_lr_scheduler(lr_step, stepsize = 2)",
            "neither luz_callback_lr_scheduler() nor its scheduler has an argument `stepsize`",
            hint: "did you mean `step_size`?"),
        .init(
            "a monitored metric, misspelt",
            fit
                + "fit(model, list(x, x), epochs = 1, callbacks = list(luz_callback_early_stopping(monitor = \"train_los\")))",
            "the monitored metric \"train_los\" does not exist", hint: "did you mean `train_loss`?"),
        .init(
            "a monitored metric, unknown",
            fit
                + "fit(model, list(x, x), epochs = 1, callbacks = list(luz_callback_early_stopping(monitor = \"train_f1\")))",
            "the monitored metric \"train_f1\" does not exist", hint: "there is train_loss"),
        .init(
            "a range of hues", "transform_color_jitter(torch_ones(3, 4, 4), hue = c(-0.9, 0.9))",
            "hue must be between -0.5 and 0.5, not -0.9 … 0.9"),
        .init(
            "a data set whose class is written in Swift", "image_folder_dataset(\"nope\")",
            "Found 0 files in subfolders of nope. Supported extensions are jpg,jpeg,png,tif,tiff"),
        .init(
            "a file that is not there", "torch_load(\"nope.pt\")", "cannot open 'nope.pt': No such file or directory"),
    ]

    @Test(arguments: cases) func `is told what was meant`(_ bad: BadInput.Case) {
        let (error, goesOn) = BadInput.outcome(bad.code)
        BadInput.expect(error, bad.message, hint: bad.hint)
        #expect(goesOn)
    }

    @Test func `an error in initialize names the call that was written`() {
        let (error, _) = BadInput.outcome("image_folder_dataset(\"nope\")")
        #expect(error.first?.hasPrefix("Error in image_folder_dataset(\"nope\") :") == true, "\(error)")
    }

    @Test func `causes are shown down to the first, with its hint and its line`() {
        let code =
            Misuse.fit + """
                inner <- luz_callback("inner", on_train_begin = function() torch_ones(2)$sqeeze())
                outer <- luz_callback("outer", on_fit_begin = function()
                  fit(model, list(x, x), epochs = 1, verbose = FALSE, callbacks = list(inner())))
                fit(model, list(x, x), epochs = 1, callbacks = list(outer()))
                """
        let (error, goesOn) = BadInput.outcome(code)
        #expect(
            error.filter { $0.hasPrefix("!") } == [
                "! Error while calling callback with class <inner/LuzCallback/R6> at on_train_begin.",
                "! a torch_tensor has no field or method `sqeeze`",
            ], "\(error)")
        #expect(error.contains { $0.contains("function() torch_ones(2)$sqeeze()") }, "\(error)")
        #expect(error.last?.hasPrefix("hint: did you mean `squeeze`") == true, "\(error)")
        #expect(goesOn)
    }
}
