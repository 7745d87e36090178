import PluginAPI
import Tensors

/// Of what a fit consists, apart from numbers: layers, names of parameters, optimizers, functions in fields. A state file
/// holds no code: a fit that goes on makes net and optimizers anew, as they were at the beginning.
package struct FitStructure {
    private var layers: [String] = []
    private var tensors: [String] = []
    private var optimizers: [(name: String, class: String, groups: [[String]])] = []
    /// The loss and what holds it, so that their addresses stay their own.
    private var loss = Value.null
    private var functions: [(home: ObjectIdentifier, whose: String, name: String, value: Value)] = []

    /// What there is now.
    package init(_ training: TrainingContext) throws {
        // The loss comes and goes while mixup wraps it.
        let isWrapped = training.callbacks.contains { ($0 as? any ReplacesLoss)?.original.isNull == false }
        loss = isWrapped ? .null : training.lossFunction
        layers = training.allModules.map { $0.path }.filter { !isWrapped || !$0.hasPrefix("(loss)") }
        tensors = training.model.stateDict().map { $0.name }
        if !isWrapped { tensors += (training.lossModule?.stateDict() ?? []).map { "(loss)." + $0.name } }
        var names: [ObjectIdentifier: String] = [:]
        for entry in training.model.namedParameters() { names[ObjectIdentifier(entry.tensor)] = entry.name }
        optimizers = training.optimizers.map { entry in
            let groups = entry.optimizer.groups.map { $0.parameters.map { names[ObjectIdentifier($0)] ?? "" } }
            return (entry.name, entry.optimizer.classes.first?.string ?? "optimizer", groups)
        }
        let references = References(training)
        for (whose, instance) in try FieldStates.owners(training) {
            for field in InstanceField.all(of: instance) where references.kind(of: field.value) == .code {
                functions.append((ObjectIdentifier(instance.members), whose, field.shownName, field.value))
            }
        }
    }

    /// Layers, parameters and optimizers that are others now.
    package func changes(to now: FitStructure) -> [String] {
        func isBelow(_ name: String, _ paths: [String]) -> Bool { paths.contains { name.hasPrefix($0 + ".") } }
        var found: [String] = []
        if !loss.isNull, !now.loss.isNull, !FitStructure.isSameObject(loss, now.loss) {
            // What is in it is told with it.
            found.append("the loss (replaced)")
            return found + without("(loss)").changes(to: now.without("(loss)"))
        }
        for (paths, others, what) in [(now.layers, layers, "added"), (layers, now.layers, "removed")] {
            let changed = paths.filter { !others.contains($0) }
            found += changed.filter { !isBelow($0, changed) }.map { "the layer \($0) (\(what))" }
        }
        let paths = now.layers.filter { !layers.contains($0) } + layers.filter { !now.layers.contains($0) }
        for (names, others, what) in [(now.tensors, tensors, "added"), (tensors, now.tensors, "removed")] {
            found += names.filter { !others.contains($0) && !isBelow($0, paths) }.map { "\($0) (\(what))" }
        }
        for optimizer in now.optimizers {
            guard let before = optimizers.first(where: { $0.name == optimizer.name }) else {
                found.append("the optimizer \(optimizer.name) (added)")
                continue
            }
            // Groups that were added to it are added again.
            if optimizer.class != before.class || !FitStructure.begins(optimizer.groups, with: before.groups) {
                found.append("the optimizer \(optimizer.name) (replaced)")
            }
        }
        return found
    }

    /// All but a layer and what is in it.
    private func without(_ layer: String) -> FitStructure {
        var rest = self
        rest.loss = .null
        rest.layers.removeAll { $0 == layer || $0.hasPrefix(layer + ".") }
        rest.tensors.removeAll { $0.hasPrefix(layer + ".") }
        return rest
    }

    private static func isSameObject(_ one: Value, _ other: Value) -> Bool {
        switch (one, other) {
        case (.object(let one), .object(let other)): return one === other
        case (.closure(let one), .closure(let other)): return one === other
        case (.builtin(let one), .builtin(let other)): return one === other
        default: return false
        }
    }

    /// Whether groups have the parameters of those before them; one that the net has lost has no name any more.
    private static func begins(_ groups: [[String]], with before: [[String]]) -> Bool {
        guard groups.count >= before.count else { return false }
        return zip(groups, before).allSatisfy { now, then in
            now.count == then.count && zip(now, then).allSatisfy { $0 == $1 || $0.isEmpty }
        }
    }

    /// Fields that hold another function now: `fn of the module net`.
    package func replacedFunctions(in now: FitStructure, _ context: Context) -> [String] {
        now.functions.compactMap { field in
            let before = functions.first { $0.home == field.home && $0.name == field.name }
            if let before, SameFunction.isSame(before.value, field.value, context) { return nil }
            return "\(field.name) of \(field.whose)"
        }
    }
}
