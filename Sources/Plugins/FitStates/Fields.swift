import Diagnostics
import PluginAPI
import Tensors

/// What belongs to the fit already, and so is no state of its own where a field refers to it.
struct References {
    enum Kind {
        case plain, code, reference, other
    }

    private var objects: Set<ObjectIdentifier> = []
    private var storages: Set<ObjectIdentifier> = []

    init(_ training: TrainingContext) {
        objects = [ObjectIdentifier(training)]
        for entry in training.allModules { objects.insert(ObjectIdentifier(entry.module)) }
        for entry in training.optimizers { objects.insert(ObjectIdentifier(entry.optimizer)) }
        for callback in training.callbacks { objects.insert(ObjectIdentifier(callback)) }
        if case .object(let loss) = training.lossFunction { objects.insert(ObjectIdentifier(loss)) }
        for callback in training.callbacks {
            // The loss that is in the place of the user's while it mixes.
            if case .object(let loss)? = (callback as? any ReplacesLoss)?.original {
                objects.insert(ObjectIdentifier(loss))
            }
        }
        for entry in FieldStates.data(training) { objects.insert(ObjectIdentifier(entry.instance.members)) }
        for metric in training.metrics.train + training.metrics.valid { objects.insert(ObjectIdentifier(metric)) }
        for module in [training.model, training.lossModule].compactMap({ $0 }) {
            for entry in module.namedParameters() + module.namedBuffers() {
                storages.insert(ObjectIdentifier(entry.tensor.storage))
            }
        }
    }

    /// Whether a value refers to something that changes without the field being set: an environment, a model of its own.
    func holdsState(_ value: Value, depth: Int = 0) -> Bool {
        if case .list(let list) = value {
            return depth < 100 && list.elements.contains { holdsState($0, depth: depth + 1) }
        }
        return !value.isAtomic && kind(of: value) == .other
    }

    /// Iterators and generators: they go on as they are used, and live with the process.
    static func isHalfRead(_ object: ForeignObject) -> Bool {
        object is BatchIterator || object.classes.contains { $0.string == "coro_generator_instance" }
    }

    func kind(of value: Value, depth: Int = 0) -> Kind {
        guard depth < 100 else { return .other }
        if let attributes = value.attributes {
            for entry in attributes.entries where kind(of: entry.value, depth: depth + 1) != .plain { return .other }
        }
        switch value {
        case .null, .logical, .integer, .double, .complex, .character, .raw: return .plain
        case .list(let list):
            let kinds = Set(list.elements.map { kind(of: $0, depth: depth + 1) })
            return kinds.isEmpty ? .plain : kinds.count == 1 ? kinds.first ?? .plain : .other
        case .object(let object):
            if let wrapper = object as? TensorObject {
                guard let tensor = wrapper.tensor else { return .plain }
                return storages.contains(ObjectIdentifier(tensor.storage)) ? .reference : .plain
            }
            // Devices, loaders and the like are not what training changes.
            let hasState =
                object is Module || object is Optimizer || object is Callback || object is Scheduler || object is Metric
                || References.isHalfRead(object)
            return hasState && !objects.contains(ObjectIdentifier(object)) ? .other : .reference
        case .environment(let environment):
            return objects.contains(ObjectIdentifier(environment)) ? .reference : .other
        default: return .code
        }
    }
}

/// What tells whether fields have changed: a number for each.
struct FieldPrints {
    private(set) var prints: [String: String] = [:]

    init() {}

    init(_ instance: ClassInstance, _ references: References, _ context: Context) throws {
        for field in InstanceField.all(of: instance) where references.kind(of: field.value) == .plain {
            prints[field.name] = try FieldPrints.print(field.value, context)
        }
    }

    static func print(_ value: Value, _ context: Context) throws -> String {
        let packed = try PackedValue(value, context)
        var bytes = Array(packed.text.utf8)
        for entry in packed.tensors {
            let sum = entry.tensor.withContiguousBytes { Checksum.of($0) }
            withUnsafeBytes(of: sum) { bytes.append(contentsOf: $0) }
        }
        return String(Checksum.of(bytes), radix: 16)
    }
}

/// The plain fields of a callback as they were before its first fit.
package final class FirstFields {
    let prints: FieldPrints
    private let values: PackedValue
    /// That fit.
    private(set) weak var training: TrainingContext?
    /// What the last fit had made of them in the end.
    var last = FieldPrints()

    init(_ instance: ClassInstance, _ references: References, _ training: TrainingContext) throws {
        let context = training.session
        self.training = training
        prints = try FieldPrints(instance, references, context)
        let plain = InstanceField.all(of: instance).filter { references.kind(of: $0.value) == .plain }
        values = try PackedValue(.named(plain.map { ($0.name, $0.value) }), context).copied()
    }

    /// Undoes what an earlier fit with the same object has changed and the one that goes on had not, when it was saved.
    /// What has been set since by hand stays.
    func restore(
        _ instance: ClassInstance, except changed: Value, _ references: References, _ context: Context
    ) throws {
        let kept = Set(changed.namedItems.map { $0.name })
        let first = try values.unpacked(context)
        for field in InstanceField.all(of: instance) where !kept.contains(field.name) {
            guard references.kind(of: field.value) == .plain, let made = last.prints[field.name],
                try FieldPrints.print(field.value, context) == made
            else { continue }
            guard let print = prints.prints[field.name] else {
                try field.remove(from: instance)
                continue
            }
            if made != print {
                InstanceField(field.name, first.saved(field.name)).put(into: instance)
            }
        }
    }
}
