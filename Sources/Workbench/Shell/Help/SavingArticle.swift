extension HelpArticle {
    /// What saves what; the table of docs/sessions.md.
    static let saving = HelpArticle(
        name: "saving", title: "What saves what: models, fits, values, sessions",
        rows: [
            row(
                ["save_session(\"run.wb\")", "restore_session()"], "going on tomorrow, or elsewhere",
                "every variable with what it refers to, live objects included; both random generators; options; names of plug-ins; data sets as description and fingerprint",
                "the workbench; any safetensors program reads the tensors"),
            row(
                ["luz_save(fitted, \"f.luz\")", "luz_load()"], "one fitted model with its code",
                "model, weights, records, what continues the fit", "the workbench"),
            row(
                ["luz_save_model_weights(fitted, \"w.pt\")", "luz_load_model_weights()"],
                "the weights of a fitted model", "parameters and buffers by name; no code",
                "the workbench, R torch, Python (safetensors)"),
            row(
                ["torch_save(x, \"x.pt\")", "torch_load()"], "tensors, state dicts, modules' weights",
                "tensors, and lists with other values in them", "R torch 0.12 and later, Python (safetensors)"),
            row(
                ["saveRDS(x, \"x.rds\")", "readRDS()"], "one value",
                "anything; plain R values in R's own format, live objects as `luz_save()` writes them",
                "R reads plain values"),
            row(
                ["save()", "load()", "save.image()"], "several plain R values",
                "no live objects: the error points to `save_session()`", "R"),
            row(
                ["luz_callback_model_checkpoint()", "luz_load_checkpoint()"], "the state of a fit while it runs",
                "weights, optimizers, records, state of callbacks", "the workbench; tensors for any safetensors program"
            ),
            row(
                ["luz_callback_auto_resume()", "luz_callback_resume_from_checkpoint()"],
                "going on with a fit that was cut, to the same numbers",
                "the same, with both random generators and the place within the epoch", "the workbench"),
            row(
                ["recover_fit()", "cut_fits()"], "a fit that died with its process, nothing done beforehand",
                "the fitted model as of the end of an epoch; what continues the fit", "the workbench"),
            row(
                ["runs()", "get_run()", "compare_runs()"], "which settings gave which results",
                "script, seeds, settings, metrics an epoch, paths of checkpoints; no weights",
                "the workbench; any program that reads SQLite"),
            row(
                ["record(\"s.R\")", "workbench --record s.R"], "a transcript that checks itself",
                "code and what it printed", "`workbench --replay`, and R, to which outputs are comments"),
        ])

    private static func row(_ code: [String], _ purpose: String, _ contents: String, _ readers: String) -> Row {
        Row(code: code, cells: [("for", purpose), ("holds", contents), ("who reads it", readers)])
    }
}
