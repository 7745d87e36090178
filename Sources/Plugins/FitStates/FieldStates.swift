import Diagnostics
import PluginAPI
import Tensors

/// Fields of callbacks and modules written in R that a fit changes: what a checkpoint keeps of them beside `state_dict()`.
///
/// Kept are plain values: numbers, texts, lists of them, tensors. A field that is as it was when the fit began is a
/// setting: a fit that goes on with another one keeps its own. Callbacks that have a `state_dict()` say themselves what
/// is kept of them.
package final class FieldStates {
    private let context: Context
    /// Prints of the fields at the beginning, by path of the module.
    private var begun: [String: FieldPrints] = [:]
    private var begunData: [String: DataPrints] = [:]
    private var passData = Value.items([])
    private var begunSettings: [String: String] = [:]
    /// Names of the settings that are no plain values: the call that goes on gives them again.
    private var givenSettings: Set<String> = []
    private let settings: LayerSettings
    /// Variables around the objects, and around data and samplers, as they were.
    private let begunOuter: (objects: OuterVariables.Begun, data: OuterVariables.Begun)
    private var passOuter = Value.items([])
    private let unkept: UnkeptFields

    /// Looks at the fields of a fit that is about to begin.
    package init(_ training: TrainingContext) throws {
        context = training.session
        let references = References(training)
        settings = try LayerSettings(training, references)
        unkept = UnkeptFields(training.session)
        begunOuter = (
            try OuterVariables.ofObjects(training).begun(references, context),
            try OuterVariables.ofData(training).begun(references, context)
        )
        for callback in FieldStates.callbacks(training) {
            // A callback that has been in a fit before is not as it was made any more.
            if callback.firstFields == nil, let instance = callback.fields {
                callback.firstFields = try FirstFields(instance, references, training)
            }
        }
        for (path, instance) in try FieldStates.modules(training) {
            begun[path] = try FieldPrints(instance, references, context)
        }
        begunSettings = try FieldStates.prints(of: training.hparams, references, context)
        givenSettings = Set(
            training.hparams.namedItems.filter { references.kind(of: $0.value) != .plain }.map { $0.name })
        for (path, instance) in FieldStates.data(training) {
            begunData[path] = try DataPrints(instance, references, context)
        }
    }

    static func whose(_ path: String, _ training: TrainingContext) -> String {
        let module = training.allModules.first { $0.path == path }?.module ?? training.model
        return "the module \(module.displayName)"
    }

    /// Data sets and samplers written in R.
    static func data(_ training: TrainingContext) -> [(path: String, instance: ClassInstance)] {
        var found: [(path: String, instance: ClassInstance)] = []
        /// A data set, and those in its fields: `dataset_subset()` holds one, and others hold several.
        func collect(_ value: Value, _ path: String, depth: Int) {
            if case .list(let list) = value {
                // Lists of data sets; what is nested deeper are items.
                for (place, element) in list.elements.enumerated() {
                    if case .environment = element { collect(element, "\(path)[[\(place + 1)]]", depth: depth) }
                }
            }
            guard depth < 20, case .environment(let members) = value, let instance = ClassInstance(members),
                !found.contains(where: { $0.instance.members === members })
            else { return }
            guard depth == 0 || value.inherits("dataset") || value.inherits("utils_sampler") else { return }
            found.append((path, instance))
            for field in InstanceField.all(of: instance) {
                collect(field.value, path + "$" + field.shownName, depth: depth + 1)
            }
        }
        for (name, value) in [("training data", training.trainData), ("validation data", training.validData)] {
            guard case .object(let object) = value, let loader = object as? Dataloader else { continue }
            for (kind, value) in [
                ("data set", loader.source), ("sampler", loader.settings.sampler),
                ("batch sampler", loader.settings.batchSampler),
            ] {
                collect(value, "\(kind) of the \(name)", depth: 0)
            }
        }
        return found
    }

    private static func callbacks(_ training: TrainingContext) -> [any ScriptedFields] {
        training.callbacks.compactMap { $0 as? any ScriptedFields }.filter { $0.keepsFields }
    }

    static func modules(_ training: TrainingContext) throws -> [(path: String, instance: ClassInstance)] {
        try training.allModules.compactMap { entry in
            let members = try entry.module.savedState(training.session).saved(".members")
            guard case .environment(let members) = members, let instance = ClassInstance(members) else { return nil }
            return (entry.path, instance)
        }
    }

    // MARK: Saving

    /// Variables that functions have set outside of themselves: looked for once a save.
    package struct OuterChanges {
        fileprivate let objects, data: OuterVariables.Changes
    }

    /// Those that the fit has changed.
    package func outerChanges(_ training: TrainingContext) throws -> OuterChanges {
        let references = References(training)
        return OuterChanges(
            objects: try OuterVariables.ofObjects(training).changed(since: begunOuter.objects, references, context),
            data: try OuterVariables.ofData(training).changed(since: begunOuter.data, references, context))
    }

    /// What a checkpoint keeps.
    package func value(_ training: TrainingContext, _ outer: OuterChanges) throws -> Value {
        let references = References(training)
        func entry(_ key: String, _ name: Value, _ instance: ClassInstance, _ begun: FieldPrints) throws -> Value {
            var changed: [(String, Value)] = []
            for field in InstanceField.all(of: instance) where references.kind(of: field.value) == .plain {
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
        let data = try self.data(training, references)
        let settings = try self.settings.changed(training, references)
        let hparams = try training.hparams.namedItems.filter { item in
            guard !item.name.isEmpty, references.kind(of: item.value) == .plain else { return false }
            return try begunSettings[item.name] != FieldPrints.print(item.value, context)
        }
        guard
            !callbacks.isEmpty || !modules.isEmpty || !data.isEmpty || !settings.isEmpty || !hparams.isEmpty
                || !outer.objects.kept.isEmpty || !outer.data.kept.isEmpty
        else { return .null }
        return try PackedValue(
            .named([
                ("callbacks", .items(callbacks)), ("modules", .items(modules)), ("data", .items(data)),
                ("pass", passData), ("settings", .items(settings)),
                ("hparams", .named(hparams.map { ($0.name, $0.value) })), ("outer", .named(outer.objects.kept)),
                ("outer data", .named(outer.data.kept)), ("outer pass", passOuter),
            ]), context
        ).value
    }

    /// Prints of the plain entries of a list.
    private static func prints(
        of list: Value, _ references: References, _ context: Context
    ) throws -> [String: String] {
        Dictionary(
            try list.namedItems.filter { references.kind(of: $0.value) == .plain }.map {
                ($0.name, try FieldPrints.print($0.value, context))
            }, uniquingKeysWith: { first, _ in first })
    }

    /// Fields of data sets and samplers that the fit has changed.
    private func data(_ training: TrainingContext, _ references: References) throws -> [Value] {
        try FieldStates.data(training).compactMap { path, instance in
            let changed = try begunData[path]?.changed(instance, references, context) ?? []
            return changed.isEmpty ? nil : .named([("path", .string(path)), ("changed", .named(changed))])
        }
    }

    /// A pass of a loader is about to begin: to begin it again, data sets and samplers must be as they are now.
    package func beginPass(_ training: TrainingContext) throws {
        let references = References(training)
        passData = .items(try data(training, references))
        passOuter = .named(
            try OuterVariables.ofData(training).changed(since: begunOuter.data, references, context).kept)
    }

    /// Objects written in R whose fields are kept, with what messages call them.
    static func owners(_ training: TrainingContext) throws -> [(whose: String, instance: ClassInstance)] {
        let callbacks = FieldStates.callbacks(training).compactMap { callback in
            callback.fields.map { ("the callback <\(callback.classNames.first ?? "LuzCallback")>", $0) }
        }
        return callbacks + (try FieldStates.modules(training).map { (whose($0.path, training), $0.instance) })
    }

    /// Remembers fields that no file can hold, for ``left(_:_:)``: before the fit, and of what is made as it begins, such as
    /// schedulers.
    package func noteUnkept(_ training: TrainingContext) throws { try unkept.note(training) }

    /// What is not kept of fields, settings and variables, in words.
    package func left(_ training: TrainingContext, _ outer: OuterChanges) throws -> [String] {
        let references = References(training)
        var found = try unkept.left(training, references)
        found += training.hparams.namedItems.filter {
            references.kind(of: $0.value) != .plain && !givenSettings.contains($0.name)
        }.map { "\($0.name) of ctx$hparams" }
        return found + outer.objects.left + outer.data.left
    }

    /// Remembers what a fit that is over has made of the fields.
    package func end(_ training: TrainingContext) {
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
    package static func restore(_ saved: Value, _ training: TrainingContext, modules restoresModules: Bool) throws {
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
        try putOuter(kept.saved("outer"), of: OuterVariables.ofObjects, training, references)
        try putOuter(kept.saved("outer data"), of: { t, _ in try OuterVariables.ofData(t) }, training, references)
        for item in kept.saved("hparams").namedItems where references.kind(of: item.value) == .plain {
            training.hparams = TrainingContext.setting(training.hparams, item.name, item.value)
        }
        put(kept.saved("data"), into: training, references)
        let entries = kept.saved("modules").namedItems.map { $0.value }
        for (path, instance) in try modules(training) {
            guard let entry = entries.first(where: { $0.savedText("path") == path }) else { continue }
            put(entry.saved("changed"), into: instance, references)
        }
        try LayerSettings.restore(kept.saved("settings").namedItems.map { $0.value }, training, references)
    }

    /// Puts fields of data sets and samplers back: as they were when it was saved (`data`), or when the pass began (`pass`).
    static func restoreData(_ saved: Value, _ moment: String, _ training: TrainingContext) throws {
        guard !saved.isNull, !training.session.isAsPublished else { return }
        let references = References(training)
        let kept = try PackedValue(saved).unpacked(training.session)
        put(kept.saved(moment), into: training, references)
        _ = try OuterVariables.ofData(training).put(kept.saved("outer \(moment)"), references, training.session)
    }

    private static func putOuter(
        _ kept: Value, of find: (TrainingContext, Bool) throws -> OuterVariables, _ training: TrainingContext,
        _ references: References
    ) throws {
        guard !kept.namedItems.isEmpty else { return }
        var variables = try find(training, false)
        // A function that is an argument is there once somebody has asked for it.
        if !variables.hasAll(kept) { variables = try find(training, true) }
        let lost = variables.put(kept, references, training.session)
        guard !lost.isEmpty else { return }
        let names = lost.prefix(5).map { inOneLine($0, most: 80) }.joined(separator: ", ")
        try training.session.message(
            "not restored: the variable\(lost.count == 1 ? "" : "s") \(names)\(lost.count > 5 ? ", …" : ""), which functions had set and which cannot be set here\n"
        )
    }

    private static func put(_ data: Value, into training: TrainingContext, _ references: References) {
        let entries = data.namedItems.map { $0.value }
        for (path, instance) in self.data(training) {
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
            InstanceField(item.name, item.value).put(into: instance)
        }
    }
}
