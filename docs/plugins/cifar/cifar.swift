import Diagnostics
import Glibc
import PluginAPI
import Tensors

/// `cifar10_binary_dataset()`: CIFAR-10 in its binary format, `cifar-10-batches-bin` of
/// https://www.cs.toronto.edu/~kriz/cifar.html: records of one byte for the class and 3 × 32 × 32 bytes of pixels.
final class CIFAR10: Dataset, @unchecked Sendable {
    static let recordSize = 1 + 3 * 32 * 32

    private let root: String
    private let isTraining: Bool
    private let transform: Value
    private var records: [UInt8] = []
    private let words: [String]

    init(_ args: Arguments) throws {
        root = try args.string("root")
        isTraining = try args.flag("train")
        transform = args["transform"]
        guard transform.isNull || transform.isFunction else {
            throw WorkbenchError(.type, "`transform` must be a function or NULL, not \(args.describe(transform))")
        }
        let folder = args.context.resolvedPath(root)
        let names = isTraining ? (1...5).map { "data_batch_\($0).bin" } : ["test_batch.bin"]
        let present = names.filter { access("\(folder)/\($0)", F_OK) == 0 }
        guard !present.isEmpty else {
            throw WorkbenchError(
                .data, "'\(root)' has none of \(names.joined(separator: ", "))",
                hint: "unpack cifar-10-binary.tar.gz; root is its folder cifar-10-batches-bin")
        }
        for name in present { records += try CIFAR10.records("\(folder)/\(name)", shown: "\(root)/\(name)") }
        let meta = (try? CIFAR10.bytes("\(folder)/batches.meta.txt", "batches.meta.txt")) ?? []
        words = meta.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
        super.init()
    }

    /// The records of a file.
    /// - Throws: for a file of another length, and for a class that is none of the ten.
    private static func records(_ path: String, shown: String) throws -> [UInt8] {
        let bytes = try bytes(path, shown)
        guard !bytes.isEmpty, bytes.count % recordSize == 0 else {
            throw WorkbenchError(
                .data, "'\(shown)' has \(bytes.count) bytes, not a multiple of \(recordSize)",
                hint: "it was cut off; unpack it again")
        }
        for place in stride(from: 0, to: bytes.count, by: recordSize) where bytes[place] > 9 {
            throw WorkbenchError(
                .data, "'\(shown)': record \(place / recordSize + 1) has the class \(bytes[place]), there are 0 to 9")
        }
        return bytes
    }

    private static func bytes(_ path: String, _ shown: String) throws -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        var status = stat()
        guard file >= 0, fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= 1 << 30 else {
            if file >= 0 { close(file) }
            throw WorkbenchError(.data, "cannot read '\(shown)'")
        }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeMutableBytes { read(file, $0.baseAddress.map { $0 + done }, $0.count - done) }
            guard count > 0 else { throw WorkbenchError(.data, "cannot read '\(shown)' to its end") }
            done += count
        }
        return bytes
    }

    override var classNames: [String] { ["cifar10_binary"] }
    override var count: Int? { records.count / CIFAR10.recordSize }

    /// `list(x = tensor [3, 32, 32] from 0 to 1, y = class from 1)`; the transform gets the tensor.
    override func item(_ index: Int, _ context: Context) throws -> Value {
        guard let count, (0..<count).contains(index) else {
            throw WorkbenchError(.value, "subscript out of bounds: item \(index + 1) of \(count ?? 0)")
        }
        let start = index * CIFAR10.recordSize
        let pixels = records[(start + 1)..<(start + CIFAR10.recordSize)].map { Float($0) / 255 }
        var x = Value.tensor(try Tensor(pixels, shape: [3, 32, 32]))
        if transform.isFunction { x = try context.call(transform, [Argument(x)]) }
        return .named([("x", x), ("y", .int(Int(records[start]) + 1))])
    }

    override var fieldNames: [String] { ["classes", "root", "train"] }

    override func field(_ name: String, context: Context) throws -> Value? {
        switch name {
        case "classes": return .strings(words)
        case "root": return .string(root)
        case "train": return .flag(isTraining)
        default: return try super.field(name, context: context)
        }
    }

    override func visitReferences(_ visit: (Value) -> Void) { visit(transform) }
}

enum CIFARPlugin: Plugin {
    static let name = "cifar"

    static func register(in registry: Registry) {
        registry.namespace("cifar").dataset(
            "cifar10_binary_dataset",
            [
                .value("root", help: "folder cifar-10-batches-bin"),
                .value("train", true, help: "the five training files, else the test file"),
                .value("transform", nil, help: "function of an image: a tensor [3, 32, 32] from 0 to 1"),
            ], help: "CIFAR-10 in its binary format: items list(x = [3, 32, 32], y = class from 1)"
        ) { args in try CIFAR10(args) }
    }
}

@c(workbench_plugin)
public func entry(_ host: UnsafeMutableRawPointer, _ abi: Int32) -> Int32 {
    load(CIFARPlugin.self, into: host, abi: abi)
}
