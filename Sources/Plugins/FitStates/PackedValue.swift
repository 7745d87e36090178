import Diagnostics
import PluginAPI
import Tensors

/// A plain value as a text and tensors, with all attributes, as saved sessions have it.
struct PackedValue {
    let text: String
    private(set) var tensors: [(name: String, tensor: Tensor)]

    init(_ value: Value, _ context: Context) throws {
        let writer = SnapshotWriter(context)
        let number = try writer.add(value, at: "")
        let snapshot = try writer.finish([("value", .number(Double(number)))])
        (text, tensors) = (snapshot.description.text, snapshot.tensors)
    }

    /// From a checkpoint.
    init(_ value: Value) throws {
        guard let text = value.savedText("description") else {
            throw WorkbenchError(.data, "the saved fields have no description")
        }
        self.text = text
        tensors = value.saved("tensors").namedItems.compactMap { item in
            item.value.asTensor.map { (item.name, $0) }
        }
    }

    /// For a checkpoint.
    var value: Value {
        .named([
            ("description", .string(text)), ("tensors", .named(tensors.map { ($0.name, .tensor($0.tensor)) })),
        ])
    }

    /// With tensors of its own.
    func copied() throws -> PackedValue {
        var copy = self
        copy.tensors = try tensors.map { ($0.name, try $0.tensor.detached().clone()) }
        return copy
    }

    /// The value, with tensors of its own.
    func unpacked(_ context: Context) throws -> Value {
        let reader = try SnapshotReader(try JSON(text), context) { name in
            guard let found = tensors.first(where: { $0.name == name }) else {
                throw WorkbenchError(.data, "it has no tensor \"\(name)\"")
            }
            return try found.tensor.detached().clone()
        }
        return try reader.value(try JSON(text)["value"])
    }
}
