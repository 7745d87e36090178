import Diagnostics
import Images
import PluginAPI
import Tensors

/// `mnist_dataset()`, `fashion_mnist_dataset()`, `kmnist_dataset()`: 28 × 28 gray images in idx files.
func registerIdxDatasets(_ registry: Registry) {
    let digits = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    let kinds: [(name: String, folder: String, url: String, classes: [String])] = [
        (
            "mnist", "mnist", "https://torch-cdn.mlverse.org/datasets/mnist/",
            digits.enumerated().map { "\($0.offset) - \($0.element)" }
        ),
        (
            "fashion_mnist", "fashion-mnist", "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
            [
                "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag",
                "Ankle boot",
            ]
        ),
        (
            "kmnist", "kmnist", "http://codh.rois.ac.jp/kmnist/dataset/kmnist/",
            ["o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"]
        ),
    ]
    let getItem = DatasetGenerator.method(".getitem", [("index", .missing)]) { members, args in
        let reader = try IdxReader(members)
        let number = try args.int("index")
        guard number >= 1, number <= reader.count ?? 0 else {
            throw runtimeError("subscript out of bounds: item \(number) of \(reader.count ?? 0)")
        }
        return try reader.item(number - 1, args.context)
    }
    let itemFunction = DatasetGenerator.builtin(behind: getItem.value)
    let vision = registry.namespace("torchvision")
    for kind in kinds {
        let generator = DatasetGenerator(
            kind.name,
            members: [
                getItem,
                DatasetGenerator.method(".length", []) { members, _ in
                    .int(members.local(Symbol.named("targets"))?.length ?? 0)
                },
                DatasetGenerator.method(
                    "initialize",
                    [
                        ("root", .missing), ("train", .flag(true)), ("transform", .null), ("target_transform", .null),
                        ("download", .flag(false)),
                    ]
                ) { members, args in
                    try fill(members, args, kind)
                    return .null
                },
            ], environment: vision.environment)
        vision.object(kind.name + "_dataset", .object(generator))
    }
    registry.datasetReaders.add { value, _ in
        guard case .environment(let members) = value, let itemFunction,
            DatasetGenerator.builtin(behind: members.local(Symbol.named(".getitem"))) === itemFunction
        else { return nil }
        return try IdxReader(members)
    }
}

private func fill(
    _ members: Environment, _ args: Arguments, _ kind: (name: String, folder: String, url: String, classes: [String])
) throws {
    let context = args.context
    for name in ["transform", "target_transform"] { try checkFunction(args[name], name, args) }
    let root = expandedPath(try args.string("root"))
    let part = try args.flag("train") ? "train" : "t10k"
    let names = ["\(part)-images-idx3-ubyte", "\(part)-labels-idx1-ubyte"]
    let paths = try names.map { try idxPath($0, root: root, kind, download: try args.flag("download"), context) }
    let images = try IdxFile(paths[0])
    let labels = try IdxFile(paths[1])
    guard images.shape.count == 3, labels.shape == [images.shape[0]] else {
        throw WorkbenchError(
            .data, "'\(names[0])' and '\(names[1])' do not go together: \(images.shape) and \(labels.shape)")
    }
    let fields: [(String, Value)] = [
        ("root_path", .string(root)), ("transform", args["transform"]), ("target_transform", args["target_transform"]),
        ("train", args["train"]), ("classes", .strings(kind.classes)),
        ("data", .tensor(try Tensor(images.bytes, shape: images.shape))),
        ("targets", .ints(labels.bytes.map { Int($0) + 1 })),
    ]
    for (name, value) in fields { members.define(Symbol.named(name), value) }
}

/// A file of the data set: in root, in the folder R torchvision keeps it in, or fetched.
private func idxPath(
    _ name: String, root: String, _ kind: (name: String, folder: String, url: String, classes: [String]),
    download: Bool, _ context: Context
) throws -> String {
    let base = absolutePath(root, context)
    for folder in [
        base, "\(base)/\(kind.folder)", "\(base)/\(kind.folder)/raw", "\(base)/\(kind.name)",
        "\(base)/\(kind.name)/raw",
    ] {
        for ending in ["", ".gz"] where isFile("\(folder)/\(name)\(ending)") { return "\(folder)/\(name)\(ending)" }
    }
    guard download else {
        throw runtimeError(
            "Dataset not found. You can use `download = TRUE` to download it.",
            hint: "\(name).gz is looked for in '\(root)' and '\(root)/\(kind.folder)/raw'")
    }
    let path = "\(base)/\(kind.folder)/raw/\(name).gz"
    try context.message("Downloading <\(kind.name)> \(name).gz ...\n")
    try Images.download(url: kind.url + name + ".gz", to: path) { _, _ in try context.pollInterrupt() }
    return path
}

/// Such a data set as a loader reads it.
private final class IdxReader: Dataset, @unchecked Sendable {
    private let data: Tensor
    private let targets: [Int32?]
    private let transform: Value
    private let targetTransform: Value

    init(_ members: Environment) throws {
        func field(_ name: String) -> Value { members.local(Symbol.named(name)) ?? .null }
        guard let data = field("data").asTensor, data.dimensions == 3, data.dtype == .uint8 else {
            throw WorkbenchError(.type, "the field `data` must be images, a Byte tensor [N, H, W]")
        }
        self.data = data
        targets = try field("targets").asIntegers().elements
        guard targets.count == data.shape[0] else {
            throw WorkbenchError(.value, "\(data.shape[0]) images have \(targets.count) targets")
        }
        transform = field("transform")
        targetTransform = field("target_transform")
    }

    override var classNames: [String] { ["mnist"] }
    override var count: Int? { targets.count }

    override func item(_ index: Int, _ context: Context) throws -> Value {
        // An integer array [1, H, W], as R torchvision has it from version 0.9 on.
        let image = try arrayFromTensor(try data.select(0, index).unsqueeze(0))
        let x = transform.isFunction ? try context.call(transform, [Argument(image)], call: .transform) : image
        let label = Value.int(Int(targets[index] ?? Int32.min))
        let y =
            targetTransform.isFunction
            ? try context.call(targetTransform, [Argument(label)], call: .targetTransform) : label
        return Value.named([("x", x), ("y", y)])
    }

    override func stream(_ order: [Int], threads: Int, _ context: Context) throws -> ItemStream? {
        let (height, width) = (data.shape[1], data.shape[2])
        let area = height * width
        let all = try data.contiguous().toArray(of: UInt8.self)
        let source = ImageSource(
            load: { number in
                guard
                    let image = PixelImage(
                        height: height, width: width, channels: 1,
                        bytes: Array(all[number * area..<(number + 1) * area]))
                else { throw WorkbenchError(.fault, "an image without pixels") }
                return image
            }, name: { "item \($0 + 1)" },
            array: { image in
                var values = [Int32?](repeating: 0, count: area)
                for row in 0..<height {
                    for column in 0..<width { values[column * height + row] = Int32(image.bytes[row * width + column]) }
                }
                return Value.integer(Vector(values)).setting(Symbol.dim, .ints([1, height, width]))
            })
        return ImageStream(
            source, order: order, labels: targets.map { $0 ?? Int32.min }, transform: transform,
            targetTransform: targetTransform, threads: max(threads, 1), context)
    }

    override func visitReferences(_ visit: (Value) -> Void) {
        visit(transform)
        visit(targetTransform)
    }
}
