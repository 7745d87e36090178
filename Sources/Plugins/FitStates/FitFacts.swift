import Diagnostics
import PluginAPI

/// What a fit was asked for, kept beside its state: one that goes on says where it was asked for something else.
package struct FitFacts {
    /// Settings of the optimizer by name, as code.
    private let settings: [(name: String, code: String)]
    /// Number of training items and their fingerprint, where known.
    private let items: Int?
    private let fingerprint: String?

    /// The facts of a fit; without those of the data where nobody asks for them.
    package init(_ training: TrainingContext, data: DataFacts? = nil) {
        settings = training.optHparams.namedItems.map { item in
            (item.name, training.session.deparse(item.value).joined(separator: " "))
        }
        (items, fingerprint) = (data?.items, data?.fingerprint)
    }

    /// From a checkpoint; nil for one that has none.
    package init?(_ value: Value) {
        guard !value.isNull else { return nil }
        settings = value.saved("settings").namedItems.map { item in
            guard case .character(let text) = item.value else { return (item.name, "") }
            return (item.name, text.elements.first??.string ?? "")
        }
        items = (try? value.savedCount("items")) ?? nil
        fingerprint = value.savedText("fingerprint")
    }

    /// For a checkpoint.
    var value: Value {
        .named([
            ("settings", .named(settings.map { ($0.name, .string($0.code)) })),
            ("items", items.map { .int($0) } ?? .null), ("fingerprint", fingerprint.map { .string($0) } ?? .null),
        ])
    }

    /// " with the saved rate 0.01, not 0.1": settings that the fit was begun with and that are others now.
    package func overridden(_ now: FitFacts) -> String {
        func code(_ name: String, _ list: [(name: String, code: String)]) -> String? {
            list.first { $0.name == name }?.code
        }
        var names = settings.map { $0.name }
        for entry in now.settings where !names.contains(entry.name) { names.append(entry.name) }
        let texts = names.compactMap { name -> String? in
            let (saved, given) = (code(name, settings), code(name, now.settings))
            guard saved != given else { return nil }
            let word = name == "lr" ? "rate" : name
            switch (saved, given) {
            case (let saved?, let given?): return "\(word) \(saved), not \(given)"
            case (let saved?, nil): return "\(word) \(saved), not the optimizer's own"
            default: return "\(word), not \(given ?? "")"
            }
        }
        return texts.isEmpty ? "" : " with the saved \(texts.joined(separator: "; "))"
    }

    /// Whether the training data are certainly of another number.
    package func hasOtherCount(_ now: FitFacts) -> (before: Int, now: Int)? {
        guard let items, let count = now.items, items != count else { return nil }
        return (items, count)
    }

    /// What is different about the training data, nil if nothing is known to be.
    package func otherData(_ now: FitFacts) -> String? {
        if let counts = hasOtherCount(now) {
            return "\(counts.now) items, not the \(counts.before) that the state was saved with"
        }
        guard let fingerprint, let other = now.fingerprint, fingerprint != other else { return nil }
        return "fingerprint \(other), not \(fingerprint) as when the state was saved"
    }
}
