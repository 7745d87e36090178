import Diagnostics
import PluginAPI
import Tensors

/// `recover_fit()`, `cut_fits()`, and what the first prompt says of fits that were cut.
func registerRecovery(_ luz: Namespace, _ registry: Registry) {
    registry.trainingDefaults.observers.append { training in
        training.session.stateFolder == nil || training.session.isAsPublished ? nil : RecoveryObserver()
    }
    registry.optionChecks.add("workbench.recovery") { value, context in _ = try RecoveryObserver.seconds(value, context)
    }
    registry.sessionHooks.beforeFirstPrompt.append(announceCutFits)
    registry.sessionHooks.atEnd.append(FailedFits.finish)
    // Found at once after a crash, without library(luz).
    for namespace in [luz, registry.attachedNamespace("utils")] {
        namespace.function(
            "recover_fit",
            [.value("fit", nil, help: "number in cut_fits(); NULL: the newest that has not been returned yet")],
            help: """
                The fit that a crash cut: fitted model, records and all that fit(fitted, epochs = ) needs to go on with \
                the same numbers; both random generators are put back to where they were
                """, recoverFit)
        namespace.function(
            "cut_fits", [], help: "Fits that ended with their process, as a data frame, the newest first", cutFits)
    }
}

private func folder(_ context: Context) -> String? { context.stateFolder.map { $0 + "/fits" } }

/// A line for each that has not been told; those of which nothing was saved are told once.
private func announceCutFits(_ context: Context) {
    guard let folder = folder(context) else { return }
    for fit in CutFit.all(in: folder) where !fit.isRecovered {
        let plugins = fit.description.plugins
        let loaded =
            plugins.isEmpty
            ? "" : "; loaded \(plugins.count == 1 ? "plug-in" : "plug-ins"): \(plugins.joined(separator: ", "))"
        let saved =
            fit.bytes == nil
            ? "nothing of it was saved"
            : "recover_fit() returns it as of the end of epoch \(fit.progress.saved)"
        context.console.writeError(
            "A fit was cut: <\(fit.description.net)> of \(fit.description.script), begun \(fit.description.started), "
                + "\(fit.place)\(loaded); \(saved)\n")
        if fit.bytes == nil { fit.remove() }
    }
}

private func recoverFit(_ args: inout Arguments) throws -> Value {
    let context = args.context
    let all = folder(context).map { CutFit.all(in: $0) } ?? []
    guard !all.isEmpty else {
        throw WorkbenchError(
            .value, "there is no fit to recover", hint: "fits that end by themselves leave nothing here")
    }
    let fit: CutFit
    if args["fit"].isNull {
        guard
            let newest = all.first(where: { $0.bytes != nil && !$0.isRecovered })
                ?? all.first(where: { $0.bytes != nil })
        else {
            throw WorkbenchError(
                .value, "nothing was saved of the fit that was cut \(all[0].place)",
                hint: "a fit is saved at the end of an epoch, from its first half minute on")
        }
        fit = newest
    } else {
        let number = try args.int("fit")
        guard all.indices.contains(number - 1) else {
            throw WorkbenchError(
                .value, "`fit` must be a number from 1 to \(all.count), not \(number)", hint: "cut_fits() lists them")
        }
        fit = all[number - 1]
        guard fit.bytes != nil else {
            throw WorkbenchError(.value, "nothing was saved of the fit that was cut \(fit.place)")
        }
    }
    let read = try context.readObject(fit.statePath)
    for note in read.notes { try context.message("note: \(note)\n") }
    guard read.value.inherits("luz_module_fitted"),
        case .object(let object)? = TrainingContext.element(read.value, "model"),
        let model = object as? Module
    else { throw WorkbenchError(.data, "'\(fit.statePath)' holds no fitted model") }
    if let memory = model.memory {
        if let torch = memory.state["torch"].asTensor { try context.tensors.generator.restore(torch) }
        if !memory.state["base"].isNull { try context.random.restore(memory.state["base"]) }
    }
    fit.markRecovered()
    let done = epochs(of: read.value) ?? fit.progress.saved
    let left = fit.description.epochs - done
    try context.message(
        "the fit of <\(fit.description.net)> that was cut \(fit.place), as of the end of epoch \(done)"
            + (left > 0 ? "; fit(fitted, epochs = \(left)) goes on\n" : "\n"))
    return read.value
}

/// Epochs that a fitted model has behind it, by its records: the mark beside it may be a moment older.
private func epochs(of fitted: Value) -> Int? {
    let metrics = TrainingContext.element(fitted, "records").flatMap { TrainingContext.element($0, "metrics") }
    guard case .list(let epochs)? = metrics.flatMap({ TrainingContext.element($0, "train") }) else { return nil }
    return epochs.count
}

private func cutFits(_ args: inout Arguments) throws -> Value {
    let fits = folder(args.context).map { CutFit.all(in: $0) } ?? []
    func column(_ name: String, _ value: Value) -> Argument { Argument(value, name: Symbol.named(name)) }
    return try args.context.call(
        "data.frame",
        [
            column("fit", .ints(Array(fits.indices.map { $0 + 1 }))),
            column("started", .strings(fits.map { $0.description.started })),
            column("script", .strings(fits.map { $0.description.script })),
            column("net", .strings(fits.map { $0.description.net })),
            column("epoch", .ints(fits.map { $0.progress.epoch })),
            column("epochs", .ints(fits.map { $0.description.epochs })),
            column("batch", .ints(fits.map { $0.progress.batch })),
            column("saved_epoch", .ints(fits.map { $0.progress.saved })),
            column("mb", .numbers(fits.map { ($0.bytes.map { Double($0) / 1e6 }) ?? .na })),
            column("recovered", .logical(Vector(fits.map { $0.isRecovered }))),
            column("plugins", .strings(fits.map { $0.description.plugins.joined(separator: ", ") })),
        ])
}
