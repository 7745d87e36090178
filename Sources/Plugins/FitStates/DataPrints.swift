import Diagnostics
import PluginAPI
import Tensors

/// What tells which fields of a data set or sampler written in R have changed since a fit began. Data are large and are
/// not looked through at every save: tensors are known by their bytes' place and count of changes, and vectors of more than
/// 10,000 elements are taken for data that stay.
struct DataPrints {
    private static let mostElements = 10_000
    private var prints: [String: String] = [:]

    init(_ instance: ClassInstance, _ references: References, _ context: Context) throws {
        for field in DataPrints.fields(instance, references) {
            prints[field.name] = try DataPrints.print(field.value, context)
        }
    }

    /// Fields with other values than then.
    func changed(
        _ instance: ClassInstance, _ references: References, _ context: Context
    ) throws -> [(String, Value)] {
        try DataPrints.fields(instance, references).compactMap { field in
            let now = try DataPrints.print(field.value, context)
            return now == prints[field.name] ? nil : (field.name, field.value)
        }
    }

    private static func fields(_ instance: ClassInstance, _ references: References) -> [InstanceField] {
        InstanceField.all(of: instance).filter { field in
            references.kind(of: field.value) == .plain && elements(field.value) <= mostElements
        }
    }

    private static func elements(_ value: Value) -> Int {
        if value.asTensor != nil { return 1 }
        guard case .list(let list) = value else { return value.length }
        return list.elements.reduce(list.count) { $0 + elements($1) }
    }

    private static func print(_ value: Value, _ context: Context) throws -> String {
        if let tensor = value.asTensor {
            return "\(ObjectIdentifier(tensor.storage)) \(tensor.storage.version) \(tensor.offset) \(tensor.shape)"
        }
        guard case .list(let list) = value else { return try FieldPrints.print(value, context) }
        return try list.elements.map { try print($0, context) }.joined(separator: "|")
            + (value.names.map { "\($0.map { $0?.string ?? "NA" })" } ?? "")
    }
}
