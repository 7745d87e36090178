import Diagnostics
import Tensors

/// The data of a loader: where it is from, how much, and a number that changes when it does.
public struct DataFacts {
    /// The folder of files, or the class of the data set; nil without data.
    public private(set) var name: String?
    /// Number of items, nil if not known.
    public private(set) var items: Int?
    /// Of data that is read from files: their names, sizes and the contents of some. Of data in memory: shapes and a part
    /// of the numbers. Nil for data that only R code knows how to get.
    public private(set) var fingerprint: String?
    /// Settings of the loader.
    public private(set) var loader: [(name: String, value: String)] = []

    /// Looks at the data of a loader; what is no loader has a name at most.
    public init(_ data: Value, _ context: Context) {
        guard case .object(let object) = data, let loader = object as? Dataloader else {
            if !data.isNull { name = data.classes.first?.string }
            return
        }
        items = loader.sampler?.count
        self.loader = [("batch_size", loader.settings.batchSize.map { "\($0)" } ?? "NULL")]
        if loader.settings.shuffles { self.loader.append(("shuffle", "TRUE")) }
        if loader.settings.dropsLast { self.loader.append(("drop_last", "TRUE")) }
        var print = DataPrint(context)
        print.add(loader.source)
        name = print.folder ?? loader.source.classes.first?.string
        fingerprint = print.text
    }
}

/// A number made of data, without running R code and without reading all of it.
private struct DataPrint {
    private let context: Context
    /// The folder of the first files met.
    private(set) var folder: String?
    private var bytes: [UInt8] = []
    private var hasData = false
    private var depth = 0
    /// Elements of tensors still to look at; of those behind them only the shapes count.
    private var budget = 1 << 25

    init(_ context: Context) { self.context = context }

    var text: String? { hasData ? DataPrint.hexadecimal(Checksum.of(bytes)) : nil }

    private static func hexadecimal(_ number: UInt32) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 8 - digits.utf8.count) + digits
    }

    /// Adds a data set, or a field of one.
    mutating func add(_ value: Value) {
        guard depth < 8 else { return }
        depth += 1
        defer { depth -= 1 }
        if let tensor = value.asTensor { return add(tensor) }
        switch value {
        case .environment(let members): add(members, value)
        case .object(let object): if let dataset = object as? Dataset { _ = addFiles(of: dataset) }
        case .list(let list): for element in list.elements.prefix(1000) { add(element) }
        case .double(let vector):
            for place in places(vector.count) { add(vector[place].bitPattern) }
        case .integer(let vector):
            for place in places(vector.count) { add(UInt64(truncatingIfNeeded: vector[place] ?? Int32.min)) }
        case .raw(let vector):
            for place in places(vector.count) { bytes.append(vector[place]) }
        case .character(let vector):
            for place in places(vector.count) { bytes += Array((vector[place]?.string ?? "NA").utf8) + [0] }
        default: break
        }
    }

    private mutating func add(_ members: Environment, _ value: Value) {
        if let dataset = try? context.registry.datasetReaders.find(value, context), addFiles(of: dataset) { return }
        // The fields of a data set; functions and what else code needs are no data.
        for symbol in members.names().ordered(by: { Text($0.name) < Text($1.name) }) {
            guard let field = members.local(symbol), symbol !== Symbol.selfObject else { continue }
            if case .environment = field, !field.inherits("dataset") { continue }
            bytes += Array(symbol.name.utf8)
            add(field)
        }
    }

    private mutating func addFiles(of dataset: Dataset) -> Bool {
        guard let source = (try? dataset.source(context)) ?? nil else { return false }
        folder = folder ?? source.root
        if let print = source.fingerprint(in: context.workingDirectory) {
            add(UInt64(print))
            hasData = true
        }
        return true
    }

    private mutating func add(_ tensor: Tensor) {
        hasData = true
        bytes += Array(tensor.typeText.utf8)
        guard budget > 0, tensor.isContiguous || tensor.count <= 1 << 22,
            let tensor = tensor.isContiguous ? tensor : try? tensor.detached().contiguous()
        else { return }
        let sums = tensor.withContiguousBytes { memory -> [UInt32] in
            // All of a megabyte; of more, 64 blocks.
            guard memory.count > 1 << 20 else { return [Checksum.of(memory)] }
            return (0..<64).map { block in
                let start = (memory.count - 16384) / 63 * block
                return Checksum.of(UnsafeRawBufferPointer(rebasing: memory[start..<(start + 16384)]))
            }
        }
        budget -= min(tensor.count, 1 << 20)
        for sum in sums { add(UInt64(sum)) }
    }

    private mutating func add(_ number: UInt64) { withUnsafeBytes(of: number) { bytes.append(contentsOf: $0) } }

    /// Up to 10,000 places, evenly spread.
    private mutating func places(_ count: Int) -> StrideTo<Int> {
        hasData = hasData || count > 0
        add(UInt64(count))
        return stride(from: 0, to: count, by: max(1, count / 10_000))
    }
}
