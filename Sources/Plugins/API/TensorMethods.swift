import Diagnostics
import Tensors

/// What `x$name` finds on a tensor: methods and fields by name, registered by plug-ins.
public final class TensorMethods: @unchecked Sendable {
    /// Methods; their first parameter is the tensor.
    public private(set) var methods: [Symbol: Builtin] = [:]
    /// Fields, read without a call (`x$shape`).
    public private(set) var fields: [Symbol: (Tensor, Context) throws -> Value] = [:]

    /// Adds a method.
    public func add(_ name: String, _ builtin: Builtin) { methods[Symbol.named(name)] = builtin }

    /// Adds a field.
    public func addField(_ name: String, _ read: @escaping (Tensor, Context) throws -> Value) {
        fields[Symbol.named(name)] = read
    }

    /// Names of methods and fields, sorted.
    public var names: [String] { (methods.keys.map { $0.name } + fields.keys.map { $0.name }).inByteOrder() }
}

extension Registry {
    /// Methods and fields of tensors.
    public var tensorMethods: TensorMethods { shelf(TensorMethods.self) { TensorMethods() } }
}
