import Diagnostics
import Tensors

extension Context {
    /// Copies of values with everything below them: fields, tensors, closures with their environments, and what they have
    /// in common stays in common. Runs no R code; the random generators go on as if nothing had been made.
    ///
    /// Data sets, loaders, classes and `sharing` are not copied but referred to: a copy of a net is no copy of its data, nor
    /// of the function it was defined in.
    ///
    /// - Parameter sharing: Environments and objects besides.
    /// - Returns: The copies; nil where something cannot be copied.
    package func copies(of values: [Value], sharing: Set<ObjectIdentifier>) throws -> [Value]? {
        let generator = tensors.generator.stateBytes
        defer { try? tensors.generator.restore(generator) }
        let writer = SnapshotWriter(self) { object in
            if let environment = object as? Environment, Value.environment(environment).inherits("dataset") {
                return true
            }
            return sharing.contains(ObjectIdentifier(object)) || object is Dataset || object is Dataloader
                || object is ScriptedClass || object is ModuleGenerator || object is MetricGenerator
                || object is FitMemory
        }
        let numbers = try values.map { try writer.add($0, at: "") }
        guard writer.skipped.isEmpty else { return nil }
        let snapshot = try writer.finish()
        var tensors: [String: Tensor] = [:]
        for entry in snapshot.tensors { tensors[entry.name] = entry.tensor }
        let reader = try SnapshotReader(snapshot.description, self, shared: writer.shared) { name in
            guard let tensor = tensors[name] else { throw SnapshotReader.fault }
            return try tensor.detached().clone()
        }
        guard reader.notes.isEmpty else { return nil }
        return try numbers.map { try reader.value(.number(Double($0))) }
    }

    /// The environment in which every lookup ends, as `emptyenv()` gives it.
    var emptyEnvironment: Environment? {
        guard case .environment(let environment)? = try? call("emptyenv", []) else { return nil }
        return environment
    }
}

extension ClassInstance {
    /// The environments its class was defined in, from the innermost: what a copy of the object has in common with it.
    package var homes: [Environment] {
        var homes: [Environment] = []
        var (level, depth): (Environment?, Int) = (enclosure, 0)
        while let enclosure = level, depth < 1000 {
            var next = enclosure.parent
            while let home = next, !homes.contains(where: { $0 === home }) {
                if home !== privates { homes.append(home) }
                next = home.parent
            }
            guard case .environment(let above)? = enclosure.local(Symbol.superObject),
                case .environment(let home)? = above.local(Symbol.enclosingEnvironment)
            else { break }
            (level, depth) = (home, depth + 1)
        }
        return homes
    }
}
