import Diagnostics
import Tensors

/// A field of an object written in R; private ones are called `private NAME`.
package struct InstanceField {
    package let name: String
    package let value: Value
    private static let mark = "private "

    package init(_ name: String, _ value: Value) { (self.name, self.value) = (name, value) }

    /// Its name without the mark of private ones.
    package var shownName: String { name.hasPrefix(InstanceField.mark) ? String(name.dropFirst(InstanceField.mark.count)) : name }

    /// Fields without `ctx`, which every fit sets, and without functions.
    package static func all(of instance: ClassInstance) -> [InstanceField] {
        var found: [InstanceField] = []
        for (mark, home) in [("", instance.members as Environment?), (InstanceField.mark, instance.privates)] {
            for symbol in home?.names() ?? [] where symbol.name != "ctx" && !symbol.name.hasPrefix(".") {
                guard var value = home?.local(symbol) else { continue }
                if case .promise(let promise) = value {
                    guard let known = promise.value else { continue }
                    value = known
                }
                if case .environment(let object) = value, object === instance.members { continue }
                found.append(InstanceField(mark + symbol.name, value))
            }
        }
        return found
    }

    private func home(_ instance: ClassInstance) -> Environment? {
        name.hasPrefix(InstanceField.mark) ? instance.privates : instance.members
    }

    /// Sets it; a method of this name stays.
    package func put(into instance: ClassInstance) {
        let symbol = Symbol.named(shownName)
        switch home(instance)?.local(symbol) {
        case .closure, .builtin, .activeBinding: return
        default: home(instance)?.define(symbol, value)
        }
    }

    /// Takes it away.
    package func remove(from instance: ClassInstance) throws { _ = try home(instance)?.remove(Symbol.named(shownName)) }
}

extension ClassInstance {
    /// Fields that are plain values: numbers, texts, tensors and lists of them. What a checkpoint keeps of optimizers and
    /// schedulers written in R.
    package var plainFields: [(name: String, value: Value)] {
        InstanceField.all(of: self).filter { $0.value.isPlainData() }.map { ($0.name, $0.value) }
    }

    /// Takes over plain fields, with tensors of their own; methods stay.
    package func takePlainFields(_ fields: [(name: String, value: Value)], except reserved: Set<String>) {
        for field in fields where !reserved.contains(field.name) && field.value.isPlainData() {
            InstanceField(field.name, (try? field.value.withTensorsCloned()) ?? field.value).put(into: self)
        }
    }
}

extension Value {
    /// Numbers, texts, tensors, and lists of them, without code and objects.
    fileprivate func isPlainData(depth: Int = 0) -> Bool {
        guard depth < 100 else { return false }
        if let attributes, attributes.entries.contains(where: { !$0.value.isPlainData(depth: depth + 1) }) {
            return false
        }
        switch self {
        case .null, .logical, .integer, .double, .complex, .character, .raw: return true
        case .list(let list): return list.elements.allSatisfy { $0.isPlainData(depth: depth + 1) }
        case .object(let object): return object is TensorObject
        default: return false
        }
    }

    /// The same with other tensors in it: those of a state may be changed by whoever has given it.
    fileprivate func withTensorsCloned() throws -> Value {
        if let tensor = asTensor { return .tensor(try tensor.detached().clone()) }
        guard case .list(let list) = self else { return self }
        return .list(Vector(try list.elements.map { try $0.withTensorsCloned() }, list.attributes))
    }
}
