import Diagnostics
import Glibc
import Images
import PluginAPI

/// `tiny_imagenet_dataset()`: Tiny ImageNet in its original layout, or as R's download step arranges it.
func registerTinyImageNet(_ registry: Registry, _ folder: DatasetGenerator) {
    let vision = registry.namespace("torchvision")
    let generator = DatasetGenerator(
        "tiny_imagenet",
        members: [
            (Symbol.named("tar_name"), "tiny-imagenet-200"),
            (Symbol.named("url"), "http://cs231n.stanford.edu/tiny-imagenet-200.zip"),
            DatasetGenerator.method(
                "initialize",
                [("root", .missing), ("split", "train"), ("download", .flag(false)), ("...", .missing)]
            ) { members, args in
                let root = expandedPath(try args.string("root"))
                let options = try FolderOptions(dots: args.dots, args.context)
                try options.check(args)
                members.define(Symbol.named("root_path"), .string(root))
                let archive = TinyImageNet(members, args.context)
                if try args.flag("download") {
                    if let method = members.local(Symbol.named("download")), method.isFunction {
                        _ = try args.context.call(method, [], call: Call("download", []))
                    }
                }
                let split = try args.string("split")
                try archive.fill(split == "validation" ? "val" : split, options)
                return .null
            },
            DatasetGenerator.method("download", []) { members, args in
                try TinyImageNet(members, args.context).download()
                return .null
            },
        ], parent: folder, environment: vision.environment)
    vision.object("tiny_imagenet_dataset", .object(generator))
}

/// The folder of a Tiny-ImageNet-shaped data set and how to get it.
struct TinyImageNet {
    private let members: Environment
    private let context: Context
    private let root: String
    private let name: String
    private let url: String

    init(_ members: Environment, _ context: Context) {
        self.members = members
        self.context = context
        func text(_ field: String) -> String {
            guard case .character(let value)? = members.local(Symbol.named(field)), let first = value.elements.first
            else { return "" }
            return first?.string ?? ""
        }
        root = text("root_path")
        name = text("tar_name")
        url = text("url")
    }

    private var folder: String { root + "/" + name }

    private var className: String {
        Value.environment(members).classAttribute?.first?.string ?? "tiny_imagenet"
    }

    // MARK: Reading

    /// Finds the images of a split and sets the fields of the object.
    func fill(_ split: String, _ options: FolderOptions) throws {
        let path = folder + "/" + split
        let absolute = absolutePath(path, context)
        guard let listing = FolderListing(absolute) else {
            let splits = FolderListing(absolutePath(folder, context))?.folders ?? []
            throw missingFolder(
                path,
                hint: splits.isEmpty
                    ? "download = TRUE fetches the data set, or unpack \(name) into '\(root)'"
                    : "split is one of " + splits.map { "\"\($0)\"" }.joined(separator: ", "))
        }
        let annotations = absolute + "/val_annotations.txt"
        let isRaw = isFolder(absolute + "/images") && isFile(annotations) && listing.folders == ["images"]
        let classes = isRaw ? try annotated(path, absolute, annotations) : try classFolders(absolute, listing, path)
        try setFields(members, root: path, classes, options, context)
    }

    private func classFolders(_ absolute: String, _ listing: FolderListing, _ path: String) throws -> [ClassFiles] {
        let classes = listing.folders.map { name in
            ClassFiles(
                name: name,
                files: files(below: absolute + "/" + name, endings: usualImageEndings).map { name + "/" + $0 })
        }
        let wanted = Set(try lines("wnids.txt"))
        if let empty = classes.first(where: { $0.files.isEmpty && wanted.contains($0.name) }) {
            throw notWhole("the class \(empty.name) has no images in '\(path)'")
        }
        return classes
    }

    /// The validation images of the original layout, in the order they have in one folder a class.
    private func annotated(_ path: String, _ absolute: String, _ annotations: String) throws -> [ClassFiles] {
        let there = Set(FolderListing(absolute + "/images")?.files ?? [])
        var byClass: [String: [String]] = [:]
        for line in try textLines(annotations) {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
            guard fields.count >= 2 else { continue }
            let file = String(fields[0])
            guard there.contains(file) else {
                throw notWhole("'\(file)' of val_annotations.txt is not in '\(path)/images'")
            }
            byClass[String(fields[1]), default: []].append(file)
        }
        return byClass.keys.inByteOrder().map { name in
            let sorted = (byClass[name] ?? []).inByteOrder()
            return ClassFiles(name: name, files: sorted.map { "images/" + $0 })
        }
    }

    private func notWhole(_ what: String) -> WorkbenchError {
        runtimeError(
            "the data set in '\(folder)' is not whole: \(what)",
            hint: "remove the folder and use download = TRUE, or unpack the archive again")
    }

    private func lines(_ file: String) throws -> [String] {
        let path = absolutePath(folder + "/" + file, context)
        return isFile(path) ? try textLines(path) : []
    }

    private func textLines(_ path: String) throws -> [String] {
        String(decoding: try readFile(path, limit: 1 << 28), as: UTF8.self)
            .split(whereSeparator: { $0 == "\n" || $0 == "\r\n" || $0 == "\r" }).map { String($0) }
    }

    // MARK: Downloading

    /// Fetches and unpacks the archive if the folder is not there.
    func download() throws {
        let target = absolutePath(folder, context)
        if FolderListing(target).map({ !$0.folders.isEmpty }) ?? false { return }
        try context.message("Downloading <\(className)> ...\n")
        let archive = try fetched()
        try context.message("Processing <\(className)> ...\n")
        try makeFolders(absolutePath(root, context))
        try extractArchive(from: archive, to: target, subfolder: name) { progress in
            try context.pollInterrupt()
            report(progress.isVerifying ? "checking" : "unpacking", "\(progress.files) files")
        }
        clearReport()
        try context.message("Dataset <\(className)> downloaded and extracted successfully.\n")
    }

    /// The archive: where a `file:` address points, or in the cache folder.
    private func fetched() throws -> String {
        if url.hasPrefix("file://") {
            let path = absolutePath(String(url.dropFirst(7)), context)
            guard isFile(path) else {
                throw WorkbenchError(.data, "cannot open URL '\(url)'", hint: "there is no file '\(path)'")
            }
            return path
        }
        let file = url.split(separator: "/").last.map { String($0) } ?? "archive.zip"
        let path = cacheFolder() + "/" + file
        if isFile(path) { return path }
        try Images.download(url: url, to: path) { received, total in
            try context.pollInterrupt()
            let megabytes = "\(received / 1_000_000)"
            report("downloading", total.map { megabytes + " of \($0 / 1_000_000) MB" } ?? megabytes + " MB")
        }
        clearReport()
        return path
    }

    private func report(_ what: String, _ text: String) {
        guard context.console.isInteractiveTerminal else { return }
        context.console.writeError("\r\(what) \(text)          ")
    }

    private func clearReport() {
        guard context.console.isInteractiveTerminal else { return }
        context.console.writeError("\r" + String(repeating: " ", count: 60) + "\r")
    }
}
