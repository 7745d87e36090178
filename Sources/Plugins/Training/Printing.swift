import PluginAPI

/// `print()` of set-up, fitted and evaluated modules.
func registerPrinting(_ luz: Namespace) {
    luz.method("print", for: "luz_module_generator", [.value("x"), .dots], visible: false) { args in
        args.context.console.write("<luz_module_generator>\n")
        return args[0]
    }
    luz.method("print", for: "luz_module_fitted", [.value("x"), .dots], visible: false) { args in
        let console = args.context.console
        var text = "A `luz_module_fitted`\n" + rule("Time", console.width)
        let records = TrainingContext.element(args[0], "records") ?? .null
        let profile = TrainingContext.element(records, "profile") ?? .null
        if let total = seconds(TrainingContext.element(profile, "fit")).first {
            text += "• Total time: \(duration(total))\n"
        }
        let epochs = seconds(TrainingContext.element(profile, "train"))
        if !epochs.isEmpty {
            text += "• Avg time per training epoch: \(duration(epochs.reduce(0, +) / Double(epochs.count)))\n"
        }
        text += "\n" + rule("Results", console.width)
        if let partial = partialText(records, args.context) { text += partial }
        text += "Metrics observed in the last epoch.\n\n"
        for (set, title) in [("train", "Training"), ("valid", "Validation")] {
            // luz never shows validation (a fault of its own); as_published leaves it out as well.
            if set == "valid", args.context.options.flag("workbench.as_published") { continue }
            guard let lines = lastMetrics(records, set) else { continue }
            text += "\(bullet(args.context)) \(title):\n\(lines)"
        }
        console.write(text + "\n" + rule("Model", console.width))
        if let model = TrainingContext.element(args[0], "model") { try args.context.print(model) }
        return args[0]
    }
    luz.method("print", for: "luz_module_evaluation", [.value("x"), .dots], visible: false) { args in
        let console = args.context.console
        let records = TrainingContext.element(args[0], "records") ?? .null
        console.write(
            "A `luz_module_evaluation`\n" + rule("Results", console.width) + (lastMetrics(records, "valid") ?? ""))
        return args[0]
    }
}

/// The sign of cli's information bullet: blue where `options(cli.num_colors = )` says that there are colours.
private func bullet(_ context: Context) -> String {
    let colors = context.options["cli.num_colors"].flatMap { try? $0.asDoubles().elements.first } ?? 1
    return colors > 1 ? "\u{1B}[34mℹ\u{1B}[39m" : "ℹ"
}

private func rule(_ title: String, _ width: Int) -> String {
    let start = "── \(title) "
    return start + String(repeating: "─", count: max(0, width - start.unicodeScalars.count)) + "\n"
}

private func lastMetrics(_ records: Value, _ set: String) -> String? {
    guard let metrics = TrainingContext.element(records, "metrics"),
        case .list(let epochs)? = TrainingContext.element(metrics, set),
        let last = epochs.elements.last, case .list(let fields) = last, let names = last.names
    else { return nil }
    return zip(names, fields.elements).map { "\($0?.string ?? ""): \(Metric.text($1))\n" }.joined()
}

/// What a fit that Ctrl-C ended had come to in its last, unfinished epoch.
private func partialText(_ records: Value, _ context: Context) -> String? {
    guard let partial = TrainingContext.element(records, "partial") else { return nil }
    func number(_ name: String) -> Int? {
        (try? TrainingContext.element(partial, name)?.asDoubles().elements.first).flatMap { Int(exactly: $0) }
    }
    guard let epoch = number("epoch"), let batch = number("batch") else { return nil }
    var text =
        "Interrupted in epoch \(epoch) after batch \(batch)" + (number("batches").map { " of \($0)" } ?? "") + ".\n"
    if case .list(let values)? = TrainingContext.element(partial, "metrics"),
        let names = TrainingContext.element(partial, "metrics")?.names
    {
        for (name, value) in zip(names, values.elements) where !value.isNull {
            text += "\(name?.string ?? ""): \(Metric.text(value))\n"
        }
    }
    return text + "\n"
}

private func seconds(_ value: Value?) -> [Double] {
    guard case .list(let list)? = value else { return [] }
    return list.elements.compactMap { try? $0.asDoubles().elements.first }
}

/// `prettyunits::pretty_sec()`, `pretty_ms()`.
func registerPrettyUnits(_ prettyunits: Namespace) {
    for (name, scale) in [("pretty_sec", 1.0), ("pretty_ms", 0.001)] {
        prettyunits.function(
            name, [.value("x", help: "durations"), .value("compact", false)], help: "Durations as people write them"
        ) { args in
            .strings(try args.required("x").asDoubles().elements.map { duration($0 * scale) })
        }
    }
}

/// 50ms, 3.5s, 1m 15.2s, 1h 1m 40s, 1d 1h.
func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0, seconds < 1e12 else { return "?" }
    if seconds < 1 { return "\(numberText((seconds * 1000).rounded(.up), digits: 4))ms" }
    func oneDecimal(_ number: Double) -> String { numberText((number * 10).rounded() / 10, digits: 4) }
    if seconds < 60 { return oneDecimal(seconds) + "s" }
    let days = Int(seconds / 86400)
    let hours = Int(seconds / 3600) % 24
    let minutes = Int(seconds / 60) % 60
    let rest = seconds - Double(Int(seconds / 60) * 60)
    var parts: [String] = []
    if days > 0 { parts.append("\(days)d") }
    if hours > 0 { parts.append("\(hours)h") }
    if minutes > 0 { parts.append("\(minutes)m") }
    if rest >= 0.05 { parts.append(oneDecimal(rest) + "s") }
    return parts.joined(separator: " ")
}
