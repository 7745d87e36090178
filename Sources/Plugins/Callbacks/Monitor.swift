import Diagnostics
import PluginAPI

/// A metric that a callback watches: `valid_loss`, `train_acc`, `valid_loss_generator` (a loss by optimizer).
struct Monitor {
    let text: String

    /// Fails before epoch 1 if the fit will never have such a metric.
    func check(_ training: TrainingContext) throws {
        guard !training.session.isAsPublished else { return }
        let (set, name) = try parts(training)
        if set == "valid", training.validData.isNull {
            throw WorkbenchError(
                .value, "`monitor = \"\(text)\"` watches validation, but the fit has no valid_data",
                hint: "give valid_data = , or monitor = \"train_\(name)\"")
        }
        // Callbacks may log metrics of their own; then it shows at the end of the first epoch.
        guard !training.callbacks.contains(where: { $0 is ScriptedCallback }) else { return }
        guard let known = Monitor.known(training, set), !known.contains(where: { matches(name, $0) }) else { return }
        throw missing(known.map { "\(set)_\($0)" })
    }

    /// Its value in the present epoch.
    func value(_ training: TrainingContext) throws -> Double {
        if training.session.isAsPublished { return try valueAsPublished(training) }
        let (set, name) = try parts(training)
        guard let values = training.metricValues(set, epoch: training.epoch), case .list(let list) = values,
            let names = values.names
        else { throw missing(available(training)) }
        for (key, value) in zip(names, list.elements) where key?.string.lowercased() == name {
            if let number = single(value) { return number }
        }
        for (key, value) in zip(names, list.elements) {
            guard case .list(let inner) = value, let innerNames = value.names, let key = key?.string.lowercased() else {
                continue
            }
            for (suffix, element) in zip(innerNames, inner.elements)
            where "\(key)_\(suffix?.string.lowercased() ?? "")" == name {
                if let number = single(element) { return number }
            }
        }
        throw missing(available(training))
    }

    private func parts(_ training: TrainingContext) throws -> (set: String, name: String) {
        let lower = text.lowercased()
        guard let place = lower.firstIndex(of: "_"), lower[..<place] == "train" || lower[..<place] == "valid" else {
            throw WorkbenchError(
                .value, "`monitor = \"\(text)\"` must be train_ or valid_ and the name of a metric",
                hint: didYouMean(text, among: Monitor.all(training)) ?? "for example valid_loss")
        }
        return (String(lower[..<place]), String(lower[lower.index(after: place)...]))
    }

    private func single(_ value: Value) -> Double? {
        if case .list(let list) = value { return list.count == 1 ? single(list[0]) : nil }
        guard value.isAtomic, value.length == 1 else { return nil }
        return try? value.asDoubles().elements.first
    }

    private func matches(_ name: String, _ known: String) -> Bool { name == known || name.hasPrefix(known + "_") }

    private func missing(_ names: [String]) -> WorkbenchError {
        WorkbenchError(
            .name, "the monitored metric \"\(text)\" does not exist",
            hint: didYouMean(text, among: names)
                ?? (names.isEmpty
                    ? "no metrics are logged"
                    : "there \(names.count == 1 ? "is" : "are") \(names.joined(separator: ", "))"))
    }

    /// `train_loss`, `valid_acc`, … as logged in the present epoch.
    private func available(_ training: TrainingContext) -> [String] {
        ["train", "valid"].flatMap { set -> [String] in
            guard let values = training.metricValues(set, epoch: training.epoch), case .list(let list) = values else {
                return []
            }
            return zip(values.names ?? [], list.elements).flatMap { name, value -> [String] in
                let base = "\(set)_\(name?.string ?? "")"
                guard case .list(let inner) = value, inner.count > 1 else { return [base] }
                return (value.names ?? []).map { "\(base)_\($0?.string ?? "")" }
            }
        }
    }

    private static func all(_ training: TrainingContext) -> [String] {
        ["train", "valid"].flatMap { set in (known(training, set) ?? []).map { "\(set)_\($0)" } }
    }

    /// Names that the metrics of a phase will have; nil if one cannot be made outside the phase.
    private static func known(_ training: TrainingContext, _ set: String) -> [String]? {
        let generators = set == "train" ? training.metricGenerators.train : training.metricGenerators.valid
        var names = ["loss"]
        for generator in generators {
            guard let metric = try? generator.make(training.session) else { return nil }
            let name = metric.abbreviation.lowercased()
            if !names.contains(name) { names.append(name) }
        }
        return names
    }

    /// luz's own way: split at every "_", nothing lower-cased.
    private func valueAsPublished(_ training: TrainingContext) throws -> Double {
        let parts = text.split(separator: "_", omittingEmptySubsequences: false).map(String.init)
        guard parts.count > 1 else { throw WorkbenchError(.value, "subscript out of bounds") }
        var value = training.metricValue(parts[1], parts[0], epoch: training.epoch)
        if parts.count > 2, let list = value { value = TrainingContext.element(list, parts[2]) }
        guard let value, let number = single(value) else {
            throw WorkbenchError(.value, "Expected monitored metric to be length 1, got \(value?.length ?? 0)")
        }
        return number
    }
}

/// Which way a metric should go.
struct Improvement {
    enum Mode: String, CaseIterable {
        case min, max, zero
    }

    let mode: Mode?
    let minDelta: Double

    /// - Throws: for an unknown mode (as published, that shows at the first comparison only).
    init(_ callback: SettingsCallback, _ context: Context) throws {
        let word = try callback.text("mode")
        mode = Mode(rawValue: word)
        minDelta = try callback.number("min_delta")
        if mode == nil, !context.isAsPublished {
            throw WorkbenchError(
                .value, "`mode` must be \"min\", \"max\" or \"zero\", not \"\(word)\"",
                hint: didYouMean(word, among: Mode.allCases.map { $0.rawValue }))
        }
    }

    /// Whether a new value is better than the best so far; NaN never is.
    func isBetter(_ new: Double, than best: Double, asPublished: Bool) throws -> Bool {
        if asPublished, new.isNaN || best.isNaN {
            throw WorkbenchError(.value, "missing value where TRUE/FALSE needed")
        }
        switch mode {
        case .min: return best - minDelta > new
        case .max: return new - minDelta > best
        // As published the new value plays no part.
        case .zero:
            return asPublished
                ? best.magnitude - minDelta > minDelta.magnitude : best.magnitude - minDelta > new.magnitude
        case nil: throw WorkbenchError(.value, "attempt to set an attribute on NULL")
        }
    }
}
