import Diagnostics
import PluginAPI

/// `image_folder_dataset()`: one folder a class, images below it.
/// - Returns: The class, for data sets that build on it.
func registerImageFolder(_ registry: Registry) -> DatasetGenerator {
    let vision = registry.namespace("torchvision")
    let getItem = DatasetGenerator.method(".getitem", [("index", .missing)]) { members, args in
        let reader = try ImageFolderReader(members, args.context)
        let number = try args.int("index")
        guard number >= 1, number <= reader.count ?? 0 else {
            throw runtimeError(
                "subscript out of bounds: item \(number) of a data set of \(reader.count ?? 0) images",
                hint: "items are counted from 1")
        }
        return try reader.item(number - 1, args.context)
    }
    let itemFunction = DatasetGenerator.builtin(behind: getItem.value)
    let folder = DatasetGenerator("folder", members: [], environment: vision.environment)
    let generator = DatasetGenerator(
        "image_folder",
        members: [
            DatasetGenerator.method(".find_classes", [("dir", .missing)]) { _, args in
                let path = try args.string("dir")
                guard let listing = FolderListing(absolutePath(path, args.context)) else { throw missingFolder(path) }
                return .strings(listing.folders)
            },
            getItem,
            DatasetGenerator.method(".length", []) { members, _ in
                .int(members.local(Symbol.named("targets"))?.length ?? 0)
            },
            DatasetGenerator.method(
                "initialize",
                [
                    ("root", .missing), ("transform", .null), ("target_transform", .null), ("loader", .null),
                    ("is_valid_file", .null),
                ]
            ) { members, args in
                let options = FolderOptions(args)
                try options.check(args)
                try fillFolder(members, root: try args.string("root"), options, args.context)
                return .null
            },
        ], parent: folder, environment: vision.environment)
    vision.object("image_folder_dataset", .object(generator))
    registry.datasetReaders.add { value, context in
        guard case .environment(let members) = value, let itemFunction,
            DatasetGenerator.builtin(behind: members.local(Symbol.named(".getitem"))) === itemFunction,
            members.local(Symbol.named("samples")) != nil
        else { return nil }
        return try ImageFolderReader(members, context)
    }
    return generator
}

/// What beside the folder an image folder is made with.
struct FolderOptions {
    var transform = Value.null
    var targetTransform = Value.null
    var loader = Value.null
    var isValid = Value.null

    /// Reads named arguments.
    init(_ args: Arguments) {
        transform = given(args["transform"])
        targetTransform = given(args["target_transform"])
        loader = given(args["loader"])
        isValid = given(args["is_valid_file"])
    }

    /// Reads what `...` collected.
    /// - Throws: R's `unused argument`.
    init(dots: [Argument], _ context: Context) throws {
        let names = ["transform", "target_transform", "loader", "is_valid_file"]
        for argument in dots {
            switch argument.name?.name {
            case "transform": transform = argument.value
            case "target_transform": targetTransform = argument.value
            case "loader": loader = argument.value
            case "is_valid_file": isValid = argument.value
            case let name:
                let text = context.deparse(argument.value).first ?? ""
                throw WorkbenchError(
                    .value, "unused argument (\(name.map { $0 + " = " } ?? "")\(text))",
                    hint: name.flatMap { didYouMean($0, among: names + ["split", "root", "download"]) })
            }
        }
    }

    private func given(_ value: Value) -> Value { value.isMissing ? .null : value }

    /// Refuses what cannot be called, before the first image is read.
    func check(_ args: Arguments) throws {
        for (name, value) in [
            ("transform", transform), ("target_transform", targetTransform), ("loader", loader),
            ("is_valid_file", isValid),
        ] { try checkFunction(value, name, args) }
    }
}

/// Refuses a value that is no function and not `NULL`.
func checkFunction(_ value: Value, _ name: String, _ args: Arguments) throws {
    guard !value.isMissing, !value.isNull, !value.isFunction else { return }
    var hint: String?
    if case .character(let text) = value, let word = text.elements.first??.string,
        args.context.registry.existingNamespace("torchvision")?.environment.local(Symbol.named(word)) != nil
    {
        hint = "without quotes: \(name) = \(word)"
    }
    throw WorkbenchError(.type, "`\(name)` must be a function, not \(args.describe(value))", hint: hint)
}

/// One class of images as found.
struct ClassFiles {
    let name: String
    /// Paths below the root, in order.
    let files: [String]
}

/// R's error for a folder that is not there.
func missingFolder(_ path: String, hint: String? = nil) -> WorkbenchError {
    WorkbenchError(.data, "[ENOENT] Failed to search directory '\(path)': no such file or directory", hint: hint)
}

/// Finds the images below a folder and sets the fields of the object.
func fillFolder(_ members: Environment, root: String, _ options: FolderOptions, _ context: Context) throws {
    let root = expandedPath(root)
    let path = absolutePath(root, context)
    let endings = imageEndings(context.registry.imageFormats)
    guard let listing = FolderListing(path) else {
        throw runtimeError(
            "Found 0 files in subfolders of \(root). Supported extensions are \(endings.joined(separator: ","))",
            hint: "there is no such folder")
    }
    let classes = listing.folders.map { name in
        ClassFiles(name: name, files: files(below: path + "/" + name, endings: endings).map { name + "/" + $0 })
    }
    try setFields(members, root: root, classes, options, context)
}

/// Sets the fields of an image folder from the classes found.
func setFields(
    _ members: Environment, root: String, _ classes: [ClassFiles], _ options: FolderOptions, _ context: Context
) throws {
    let endings = imageEndings(context.registry.imageFormats)
    var paths: [Text?] = []
    var targets: [Int32?] = []
    for (place, one) in classes.enumerated() {
        for file in one.files {
            let path = root + "/" + file
            if options.isValid.isFunction {
                let verdict = try context.call(options.isValid, [Argument(.string(path))], call: .isValidFile)
                    .asLogicals().elements.first
                guard verdict == .some(true) else { continue }
            }
            paths.append(Text(path))
            targets.append(Int32(truncatingIfNeeded: place + 1))
        }
    }
    guard !paths.isEmpty else {
        throw runtimeError(
            "Found 0 files in subfolders of \(root). Supported extensions are \(endings.joined(separator: ","))",
            hint: "images lie in one folder for each class")
    }
    let names = classes.map { $0.name }
    let samples = Value.items([
        Value.character(Vector(paths)).withNames(paths), .integer(Vector(targets)),
    ])
    let loader: Value
    if options.loader.isNull {
        loader = context.registry.namespace("torchvision").environment.local(Symbol.named("base_loader")) ?? .null
    } else {
        loader = options.loader
    }
    let fields: [(String, Value)] = [
        ("root", .string(root)), ("transform", options.transform), ("target_transform", options.targetTransform),
        ("loader", loader), ("extensions", .strings(endings)), ("classes", .strings(names)),
        ("class_to_idx", Value.ints(Array(1...max(names.count, 1))).withNames(names)), ("samples", samples),
        ("targets", .integer(Vector(targets))), ("imgs", samples),
    ]
    for (name, value) in fields { members.define(Symbol.named(name), value) }
}

/// The number of a class with its name, as R torchvision's items have it.
func classLabel(_ number: Int32, _ classes: [Text?]) -> Value {
    let label = Value.int(Int(number))
    guard number >= 1, Int(number) <= classes.count else { return label }
    return label.withNames([classes[Int(number) - 1]])
}

/// An image folder as a loader reads it.
final class ImageFolderReader: Dataset, @unchecked Sendable {
    private let paths: [Text?]
    private let labels: [Int32]
    private let labelNames: [Text?]
    private let transform: Value
    private let targetTransform: Value
    private let loader: Value
    private let root: String?

    /// Reads the fields of an object as they are now.
    init(_ members: Environment, _ context: Context) throws {
        func field(_ name: String) -> Value { members.local(Symbol.named(name)) ?? .null }
        guard case .list(let samples) = field("samples"), samples.count >= 2,
            case .character(let paths) = samples[0]
        else { throw WorkbenchError(.type, "the field `samples` of an image folder is list(paths, classes)") }
        self.paths = paths.elements
        let numbers = try samples[1].asIntegers().elements
        guard numbers.count == paths.count else {
            throw WorkbenchError(
                .value, "`samples` of an image folder holds \(paths.count) paths and \(numbers.count) classes")
        }
        labels = numbers.map { $0 ?? Int32.min }
        if case .character(let names) = field("classes") { labelNames = names.elements } else { labelNames = [] }
        transform = try context.forced(field("transform"))
        targetTransform = try context.forced(field("target_transform"))
        loader = try context.forced(field("loader"))
        if case .character(let text) = field("root"), let first = text.elements.first {
            root = first?.string
        } else {
            root = nil
        }
        for (name, value) in [("transform", transform), ("target_transform", targetTransform)]
        where !value.isNull && !value.isFunction {
            throw WorkbenchError(.type, "`\(name)` must be a function, not of type '\(value.typeName)'")
        }
    }

    override var classNames: [String] { ["image_folder", "folder"] }
    override var count: Int? { paths.count }

    private func isBaseLoader(_ context: Context) -> Bool {
        let name = Symbol.named("base_loader")
        guard case .builtin(let builtin) = loader,
            case .builtin(let own)? = context.registry.namespace("torchvision").environment.local(name)
        else { return false }
        return builtin === own
    }

    override func item(_ index: Int, _ context: Context) throws -> Value {
        guard let path = paths[index] else { throw runtimeError("File not found: NA") }
        let image =
            isBaseLoader(context)
            ? try loadImage(path.string, absolutePath(path.string, context), context.registry.imageFormats).array
            : try context.call(loader, [Argument(.string(path.string))], call: .loader)
        let x = transform.isFunction ? try context.call(transform, [Argument(image)], call: .transform) : image
        let label = classLabel(labels[index], labelNames)
        let y =
            targetTransform.isFunction
            ? try context.call(targetTransform, [Argument(label)], call: .targetTransform) : label
        return Value.named([("x", x), ("y", y)])
    }

    override func stream(_ order: [Int], threads: Int, _ context: Context) throws -> ItemStream? {
        guard isBaseLoader(context) else { return nil }
        let shown = paths.map { $0?.string ?? "NA" }
        let folder = context.workingDirectory
        let kept = try KeptImages.of(context)
        let formats = context.registry.imageFormats
        let source = ImageSource(
            load: { number in
                let expanded = expandedPath(shown[number])
                let path = expanded.hasPrefix("/") ? expanded : folder + "/" + expanded
                let load = { try loadImage(shown[number], path, formats) }
                return try kept?.image(path, decode: load) ?? load()
            }, name: { shown[$0] }, array: { $0.array })
        return ImageStream(
            source, order: order, labels: labels, classes: labelNames, transform: transform,
            targetTransform: targetTransform,
            threads: threads, context)
    }

    /// The images, below the folder they were found in.
    override func source(_ context: Context) throws -> DataSource? {
        guard let root = root else { return nil }
        return DataSource(root: root, files: paths.map { $0?.string ?? "NA" })
    }

    override func visitReferences(_ visit: (Value) -> Void) {
        for value in [transform, targetTransform, loader] { visit(value) }
    }
}
