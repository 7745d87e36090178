import Diagnostics
import PluginAPI
import Tensors

/// Fields of callbacks and modules written in R that a fit changes: what a checkpoint keeps of them beside `state_dict()`.
///
/// Kept are plain values: numbers, texts, lists of them, tensors. A field that is as it was when the fit began is a
/// setting: a fit that goes on with another one keeps its own. Callbacks that have a `state_dict()` say themselves what
/// is kept of them.
final class FieldStates {
    private let context: Context
    /// Prints of the fields at the beginning, by path of the module.
    private var begun: [String: FieldPrints] = [:]

    /// Looks at the fields of a fit that is about to begin.
    init(_ training: TrainingContext) throws {
        context = training.session
        let references = References(training)
        for callback in FieldStates.callbacks(training) {
            // A callback that has been in a fit before is not as it was made any more.
            if callback.firstFields == nil, let instance = callback.fields {
                callback.firstFields = try FirstFields(instance, references, training)
            }
        }
        for (path, instance) in try FieldStates.modules(training) {
            begun[path] = try FieldPrints(instance, references, context)
        }
    }

    private static func callbacks(_ training: TrainingContext) -> [ScriptedCallback] {
        training.callbacks.compactMap { $0 as? ScriptedCallback }.filter { $0.keepsFields }
    }

    private static func modules(_ training: TrainingContext) throws -> [(path: String, instance: ClassInstance)] {
        try training.model.modules().compactMap { entry in
            let members = try entry.module.savedState(training.session).saved(".members")
            guard case .environment(let members) = members, let instance = ClassInstance(members) else { return nil }
            return (entry.path, instance)
        }
    }

    // MARK: Saving

    /// What a checkpoint keeps.
    func value(_ training: TrainingContext) throws -> Value {
        let references = References(training)
        func entry(_ key: String, _ name: Value, _ instance: ClassInstance, _ begun: FieldPrints) throws -> Value {
            var changed: [(String, Value)] = []
            for field in Field.all(of: instance) where references.kind(of: field.value) == .plain {
                guard try begun.prints[field.name] != FieldPrints.print(field.value, context) else { continue }
                changed.append((field.name, field.value))
            }
            return .named([(key, name), ("changed", .named(changed))])
        }
        let callbacks = try FieldStates.callbacks(training).compactMap { callback -> Value? in
            guard let instance = callback.fields else { return nil }
            return try entry(
                "class", .strings(callback.classNames), instance, callback.firstFields?.prints ?? FieldPrints())
        }
        let modules = try FieldStates.modules(training).map { path, instance in
            try entry("path", .string(path), instance, begun[path] ?? FieldPrints())
        }
        guard !callbacks.isEmpty || !modules.isEmpty else { return .null }
        return try PackedValue(
            .named([("callbacks", .items(callbacks)), ("modules", .items(modules))]), context
        ).value
    }

    /// Fields that are not kept, each with whose it is.
    func left(_ training: TrainingContext) throws -> [String] {
        let references = References(training)
        func names(_ instance: ClassInstance) -> [String] {
            Field.all(of: instance).filter { references.kind(of: $0.value) == .other }.map { $0.shownName }.sorted()
        }
        var found: [String] = []
        for callback in FieldStates.callbacks(training) {
            guard let instance = callback.fields, case let names = names(instance), !names.isEmpty else { continue }
            found.append(
                "\(names.joined(separator: ", ")) of the callback <\(callback.classNames.first ?? "LuzCallback")>")
        }
        for (path, instance) in try FieldStates.modules(training) {
            guard case let names = names(instance), !names.isEmpty else { continue }
            let module = training.model.modules().first { $0.path == path }?.module ?? training.model
            found.append("\(names.joined(separator: ", ")) of the module \(module.displayName)")
        }
        return found
    }

    /// Remembers what a fit that is over has made of the fields.
    func end(_ training: TrainingContext) {
        let references = References(training)
        for callback in FieldStates.callbacks(training) {
            guard let instance = callback.fields, let prints = try? FieldPrints(instance, references, context) else {
                continue
            }
            callback.firstFields?.last = prints
        }
    }

    // MARK: Going on

    /// Puts the fields back that a checkpoint has; of callbacks the first of a class takes those of the first of it then.
    static func restore(_ saved: Value, _ training: TrainingContext, modules restoresModules: Bool) throws {
        guard !saved.isNull, !training.session.isAsPublished else { return }
        let context = training.session
        let references = References(training)
        let kept = try PackedValue(saved).unpacked(context)
        var free = kept.saved("callbacks").namedItems.map { $0.value }
        for callback in callbacks(training) {
            let names = callback.classNames
            guard let place = free.firstIndex(where: { texts($0.saved("class")) == names }) else { continue }
            let entry = free.remove(at: place)
            guard let instance = callback.fields else { continue }
            if let first = callback.firstFields, first.training !== training {
                try first.restore(instance, except: entry.saved("changed"), references, context)
            }
            put(entry.saved("changed"), into: instance, references)
        }
        guard restoresModules else { return }
        let entries = kept.saved("modules").namedItems.map { $0.value }
        for (path, instance) in try modules(training) {
            guard let entry = entries.first(where: { $0.savedText("path") == path }) else { continue }
            put(entry.saved("changed"), into: instance, references)
        }
    }

    private static func texts(_ value: Value) -> [String] {
        guard case .character(let texts) = value else { return [] }
        return texts.elements.map { $0?.string ?? "" }
    }

    /// A file holds values; one that was made to hold code brings none into a fit.
    private static func put(_ fields: Value, into instance: ClassInstance, _ references: References) {
        for item in fields.namedItems where references.kind(of: item.value) == .plain {
            Field(item.name, item.value).put(into: instance)
        }
    }
}
