import Diagnostics
import PluginAPI
import Tensors

/// Fields of objects written in R that no state file can hold, because they hold code, environments or objects. The same
/// code makes them again, so that only those which the fit has changed are missed.
final class UnkeptFields {
    private let context: Context
    private var begun: [Field: StatePrint] = [:]

    private struct Field: Hashable {
        let home: ObjectIdentifier
        let name: String
    }

    init(_ context: Context) { self.context = context }

    /// Remembers fields that no file can hold as they are now, of objects that were not there before: schedulers are made
    /// when the fit begins.
    func note(_ training: TrainingContext) throws {
        let references = References(training)
        func remember(_ instance: ClassInstance, where isOther: (Value) -> Bool) throws {
            for field in InstanceField.all(of: instance) where isOther(field.value) {
                let key = Field(home: ObjectIdentifier(instance.members), name: field.name)
                if begun[key] == nil { begun[key] = try StatePrint(field.value, references, context) }
            }
        }
        for (_, instance) in try others(training) {
            try remember(instance) { [.other, .reference].contains(references.kind(of: $0)) }
        }
        for (_, instance) in FieldStates.data(training) { try remember(instance) { references.holdsState($0) } }
    }

    /// Whether a field that no file can hold is as it was.
    private func isAsBegun(
        _ field: InstanceField, of instance: ClassInstance, _ references: References
    ) throws -> Bool {
        let key = Field(home: ObjectIdentifier(instance.members), name: field.name)
        return try begun[key]?.isSame(as: field.value, references, context) == true
    }

    /// Those that the fit has changed, each with whose it is.
    func left(_ training: TrainingContext, _ references: References) throws -> [String] {
        var found: [String] = []
        func look(
            _ instance: ClassInstance, _ whose: String, _ isLeft: (InstanceField) throws -> Bool
        ) rethrows {
            let names = try InstanceField.all(of: instance).filter(isLeft).map { $0.shownName }.inByteOrder()
            guard !names.isEmpty else { return }
            let line = "\(names.joined(separator: ", ")) of \(whose)"
            // Two callbacks of one class.
            if !found.contains(line) { found.append(line) }
        }
        for (whose, instance) in try others(training) {
            try look(instance, whose) {
                try references.kind(of: $0.value) == .other && !isAsBegun($0, of: instance, references)
            }
        }
        for case .object(let loss)? in training.callbacks.map({ ($0 as? any ReplacesLoss)?.original }) {
            guard let module = loss as? Module, training.lossModule !== module,
                module.namedParameters().contains(where: { $0.tensor.requiresGrad })
            else { continue }
            found.append("parameters of the loss that is mixed")
        }
        // Lists of data and functions are what data sets are made with: they stay as they are.
        for (path, instance) in FieldStates.data(training) {
            try look(instance, "the \(path)") {
                try references.holdsState($0.value) && !isAsBegun($0, of: instance, references)
            }
        }
        return found
    }

    /// Objects written in R that may have fields no file can hold: callbacks, modules, optimizers and schedulers.
    private func others(_ training: TrainingContext) throws -> [(whose: String, instance: ClassInstance)] {
        let schedulers = training.callbacks.compactMap { ($0 as? any SchedulesRates)?.scheduler }.map { scheduler in
            ("the scheduler <\(scheduler.classes.first?.string ?? "LRScheduler")>", scheduler as ForeignObject)
        }
        let optimizers = training.optimizers.map { ("the optimizer \($0.name)", $0.optimizer as ForeignObject) }
        return try FieldStates.owners(training)
            + (optimizers + schedulers).compactMap { whose, object in
                guard case .environment(let members) = try object.savedState(context).saved(".members") else {
                    return nil
                }
                // A scheduler with a state_dict() of its own says itself what is kept of it.
                if object is Scheduler, case .closure? = members.local(Symbol.named("state_dict")) { return nil }
                return ClassInstance(members).map { (whose, $0) }
            }
    }
}
