import Diagnostics
import PluginAPI
import Tensors

/// `dataset_subset()`: some items of a data set, in a given order.
func registerDatasetSubset(_ registry: Registry) {
    let (dataset, indices) = (Symbol.named("dataset"), Symbol.named("indices"))
    let getItem = DatasetGenerator.method(".getitem", [("idx", .missing)]) { members, args in
        let subset = try SubsetReader(members, args.context)
        let number = try args.int("idx")
        return try subset.item(try subset.place(number), args.context)
    }
    let getBatch = DatasetGenerator.method(".getbatch", [("idx", .missing)]) { members, args in
        let subset = try SubsetReader(members, args.context)
        return try subset.items(try args.wholeNumbers("idx").map { try subset.place($0) }, args.context)
    }
    let itemFunction = DatasetGenerator.builtin(behind: getItem.value)
    let torch = registry.namespace("torch")
    let length = DatasetGenerator.method(".length", []) { members, _ in
        .int(members.local(indices)?.length ?? 0)
    }
    for member in [getItem, getBatch, length] {
        guard let function = DatasetGenerator.builtin(behind: member.value) else { continue }
        torch.inner("dataset_subset \(member.name.name)", function)
    }
    torch.function(
        "dataset_subset", [.value("dataset"), .value("indices", help: "numbers of items, from 1")],
        help: "Some items of a data set"
    ) { args in
        let source = try args.required("dataset")
        let reader = try args.context.dataset(source)
        let numbers = try args.wholeNumbers("indices")
        let count = try (reader as? ScriptedDataset)?.askCount(args.context) ?? reader.count
        if let count, let wrong = numbers.first(where: { $0 < 1 || $0 > count }) {
            throw WorkbenchError(
                .value, "indices must lie between 1 and \(count), but one is \(wrong)", hint: "length(ds) is \(count)")
        }
        var members = [getItem, length]
        if reader.makesBatches { members.insert(getBatch, at: 0) }
        let names = source.classes.map { $0.string }.filter { $0 != "R6" && $0 != "dataset" }.map { $0 + "_subset" }
        let generator = DatasetGenerator(
            nil, members: members, root: names + ["dataset_subset", "dataset"], environment: args.environment)
        let object = try generator.make([], call: args.call, args.context)
        object.define(dataset, source)
        object.define(indices, .ints(numbers))
        return .environment(object)
    }
    registry.datasetReaders.add { value, context in
        guard case .environment(let members) = value, let itemFunction,
            DatasetGenerator.builtin(behind: members.local(Symbol.named(".getitem"))) === itemFunction
        else { return nil }
        return try SubsetReader(members, context)
    }
}

/// A subset as a loader reads it: the data set behind it, under other numbers.
private final class SubsetReader: Dataset, @unchecked Sendable {
    private let base: Dataset
    private let numbers: [Int]

    init(_ members: Environment, _ context: Context) throws {
        base = try context.dataset(members.local(Symbol.named("dataset")) ?? .null)
        let indices = try (members.local(Symbol.named("indices")) ?? .null).asDoubles().elements
        numbers = try indices.map { number in
            guard let whole = Int(exactly: number), whole >= 1 else {
                throw WorkbenchError(.value, "the field `indices` of a dataset_subset holds \(numberText(number))")
            }
            return whole - 1
        }
    }

    func place(_ number: Int) throws -> Int {
        guard number >= 1, number <= numbers.count else {
            throw WorkbenchError(
                .value, "subscript out of bounds: item \(number) of a subset of \(numbers.count) items")
        }
        return number - 1
    }

    override var classNames: [String] { ["dataset_subset"] }
    override var count: Int? { numbers.count }
    override var makesBatches: Bool { base.makesBatches }
    override func item(_ index: Int, _ context: Context) throws -> Value { try base.namedItem(numbers[index], context) }
    override func items(_ indices: [Int], _ context: Context) throws -> Value {
        try base.namedItems(indices.map { numbers[$0] }, context)
    }
    override func stream(_ order: [Int], threads: Int, _ context: Context) throws -> ItemStream? {
        try base.stream(order.map { numbers[$0] }, threads: threads, context)
    }
    override func visitReferences(_ visit: (Value) -> Void) { visit(.object(base)) }
}
