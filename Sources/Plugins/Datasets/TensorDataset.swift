import Diagnostics
import PluginAPI
import Tensors

/// `tensor_dataset()`: rows of tensors.
func registerTensorDataset(_ registry: Registry) {
    let tensors = Symbol.named("tensors")
    let getBatch = DatasetGenerator.method(".getbatch", [("index", .missing)]) { members, args in
        try rows(members, try args.wholeNumbers("index"), dropping: false)
    }
    let batchFunction = DatasetGenerator.builtin(behind: getBatch.value)
    let generator = DatasetGenerator(
        "tensor_dataset",
        members: [
            DatasetGenerator.method("initialize", [("...", .missing)]) { members, args in
                var list: [Value] = []
                for argument in args.dots {
                    guard let tensor = argument.value.asTensor else {
                        throw WorkbenchError(
                            .type, "tensor_dataset() takes tensors, not \(args.describe(argument.value))",
                            hint: "torch_tensor() makes one of an R vector, matrix or array")
                    }
                    guard tensor.dimensions > 0 else {
                        throw WorkbenchError(.shape, "a tensor of a tensor_dataset needs at least one dimension")
                    }
                    list.append(argument.value)
                }
                let counts = list.compactMap { $0.asTensor?.shape.first }
                if let other = counts.firstIndex(where: { $0 != counts[0] }) {
                    func label(_ place: Int) -> String {
                        args.dots[place].name.map { "`\($0.name)`" } ?? "tensor \(place + 1)"
                    }
                    throw WorkbenchError(
                        .shape,
                        "the tensors of a tensor_dataset must have the same first size: \(label(0)) has \(counts[0]) items, "
                            + "\(label(other)) has \(counts[other])",
                        hint: "items are taken along the first dimension")
                }
                guard !list.isEmpty else { throw WorkbenchError(.value, "tensor_dataset() needs at least one tensor") }
                let isNamed = args.dots.contains { $0.name != nil }
                let names = args.dots.map { $0.name?.text ?? Text("") }
                members.define(tensors, Value.items(list).withNames(isNamed ? names.map { Optional($0) } : nil))
                return .null
            },
            getBatch,
            DatasetGenerator.method(".getitem", [("index", .missing), ("...", .missing), ("drop", .flag(true))]) {
                members, args in
                try rows(members, try args.wholeNumbers("index"), dropping: try args.flag("drop"))
            },
            DatasetGenerator.method(".length", []) { members, _ in
                .int(try fields(members).first?.shape.first ?? 0)
            },
        ], environment: registry.namespace("torch").environment)
    registry.namespace("torch").object("tensor_dataset", .object(generator))
    registry.datasetReaders.add { value, _ in
        guard case .environment(let members) = value, let batchFunction,
            DatasetGenerator.builtin(behind: members.local(Symbol.named(".getbatch"))) === batchFunction,
            members.local(tensors) != nil
        else { return nil }
        return TensorRows(members)
    }
}

private func fields(_ members: Environment) throws -> [Tensor] {
    guard case .list(let list)? = members.local(Symbol.named("tensors")) else { return [] }
    return try list.elements.map { element in
        guard let tensor = element.asTensor else {
            throw WorkbenchError(.type, "the field `tensors` of a tensor_dataset must hold tensors")
        }
        return tensor
    }
}

private func rows(_ members: Environment, _ numbers: [Int], dropping: Bool) throws -> Value {
    guard let value = members.local(Symbol.named("tensors")) else { return .null }
    let parts = try fields(members).map { tensor -> Value in
        let size = tensor.shape.first ?? 0
        let index = try numbers.map { number -> Int64 in
            let place = number < 0 ? size + number : number - 1
            guard number != 0, place >= 0, place < size else {
                throw WorkbenchError(
                    .value, "index \(number) is out of bounds for dimension 1 with size \(size)",
                    hint: "items are counted from 1 to \(size)")
            }
            return Int64(place)
        }
        if dropping, index.count == 1 { return .tensor(try tensor.select(0, Int(index[0]))) }
        return .tensor(try tensor.indexSelect(0, Tensor(index)))
    }
    return Value.items(parts).withNames(value.names)
}

/// A `tensor_dataset` as a loader reads it.
private final class TensorRows: Dataset, @unchecked Sendable {
    private let members: Environment
    init(_ members: Environment) { self.members = members }

    override var classNames: [String] { ["tensor_dataset"] }
    override var count: Int? { (try? fields(members))?.first?.shape.first ?? 0 }
    override var makesBatches: Bool { true }

    override func item(_ index: Int, _ context: Context) throws -> Value {
        try rows(members, [index + 1], dropping: true)
    }

    override func items(_ indices: [Int], _ context: Context) throws -> Value {
        try rows(members, indices.map { $0 + 1 }, dropping: false)
    }

    override func visitReferences(_ visit: (Value) -> Void) { visit(.environment(members)) }
}
