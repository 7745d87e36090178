import Diagnostics
import Glibc
import Images
import PluginAPI

/// `shapes_dataset()`: the embedded data. Writes a small folder of JPEGs in the layout of Tiny ImageNet (validation
/// images with annotations, a few gray ones) if it is not there, and opens it.
func registerShapes(_ registry: Registry, _ folder: DatasetGenerator) {
    let vision = registry.namespace("torchvision")
    let generator = DatasetGenerator(
        "shapes",
        members: [
            DatasetGenerator.method(
                "initialize",
                [
                    ("root", .missing), ("classes", 10), ("per_class", 60), ("split", "train"),
                    ("val_per_class", 20), ("...", .missing), ("seed", 1), ("folder", "shapes"),
                ]
            ) { members, args in
                let root = expandedPath(try args.string("root"))
                let options = try FolderOptions(dots: args.dots, args.context)
                try options.check(args)
                let plan = ShapesPlan(
                    classes: try count(args, "classes", 2...1000), perClass: try count(args, "per_class", 1...100_000),
                    valPerClass: try count(args, "val_per_class", 1...100_000), seed: try args.int("seed"))
                let folder = try args.string("folder")
                guard !folder.isEmpty, !folder.contains("/") else {
                    throw WorkbenchError(.value, "`folder` must be the name of a folder in `root`")
                }
                try plan.write(
                    to: absolutePath(root + "/" + folder, args.context), shown: root + "/" + folder, args.context)
                members.define(Symbol.named("root_path"), .string(root))
                members.define(Symbol.named("tar_name"), .string(folder))
                let split = try args.string("split")
                try TinyImageNet(members, args.context).fill(split == "validation" ? "val" : split, options)
                return .null
            }
        ], parent: folder, environment: vision.environment)
    vision.object("shapes_dataset", .object(generator))
}

private func count(_ args: Arguments, _ name: String, _ range: ClosedRange<Int>) throws -> Int {
    let number = try args.int(name)
    guard range.contains(number) else {
        throw WorkbenchError(
            .value, "`\(name)` must be from \(range.lowerBound) to \(range.upperBound), not \(number)")
    }
    return number
}

/// What the embedded data consists of.
private struct ShapesPlan {
    let classes: Int
    let perClass: Int
    let valPerClass: Int
    let seed: Int

    private static let marker = "shapes.txt"

    private var description: String {
        "classes \(classes), per_class \(perClass), val_per_class \(valPerClass), seed \(seed)\n"
    }

    private func name(_ label: Int) -> String {
        let digits = String(label + 1)
        return "n" + String(repeating: "0", count: max(8 - digits.count, 0)) + digits
    }

    private func word(_ label: Int) -> String {
        let shapes = Shape.allCases
        let family = label / shapes.count
        return shapes[label % shapes.count].word + (classes > shapes.count ? ", hue \(family + 1)" : "")
    }

    /// Writes the folder unless it is there already with the same content.
    func write(to folder: String, shown: String, _ context: Context) throws {
        if let listing = FolderListing(folder), !(listing.files.isEmpty && listing.folders.isEmpty) {
            let path = folder + "/" + ShapesPlan.marker
            let found = isFile(path) ? String(decoding: try readFile(path, limit: 1 << 16), as: UTF8.self) : nil
            if found == description { return }
            throw WorkbenchError(
                .data,
                found.map { "'\(shown)' holds other shapes: \($0.dropLast())" }
                    ?? "'\(shown)' is there and holds no shapes",
                hint: "remove the folder, or give another root or folder")
        }
        try context.message("Writing \(classes * (perClass + valPerClass)) images to '\(shown)' ...\n")
        let part = "\(folder).partial-\(getpid())"
        try writeSplits(part, context)
        let names = (0..<classes).map { name($0) }
        try text(names.map { $0 + "\n" }.joined(), part + "/wnids.txt")
        try text((0..<classes).map { "\(name($0))\t\(word($0))\n" }.joined(), part + "/words.txt")
        try text(description, part + "/" + ShapesPlan.marker)
        rmdir(folder)
        guard rename(part, folder) == 0 else {
            throw WorkbenchError(.data, "cannot make '\(shown)': \(String(cString: strerror(errno)))")
        }
    }

    private func writeSplits(_ folder: String, _ context: Context) throws {
        for label in 0..<classes {
            try context.pollInterrupt()
            let images = "\(folder)/train/\(name(label))/images"
            try makeFolders(images)
            var boxes = ""
            for number in 0..<perClass {
                let file = "\(name(label))_\(number).JPEG"
                try picture(label, number, "\(images)/\(file)")
                boxes += "\(file)\t0\t0\t63\t63\n"
            }
            try text(boxes, "\(folder)/train/\(name(label))/\(name(label))_boxes.txt")
        }
        try makeFolders("\(folder)/val/images")
        var annotations = ""
        for number in 0..<(classes * valPerClass) {
            // The classes take turns, so that the order of the files does not give them away.
            let label = (number + number / classes) % classes
            let file = "val_\(number).JPEG"
            try picture(label, perClass + number, "\(folder)/val/images/\(file)")
            annotations += "\(file)\t\(name(label))\t0\t0\t63\t63\n"
        }
        try text(annotations, "\(folder)/val/val_annotations.txt")
    }

    private func picture(_ label: Int, _ number: Int, _ path: String) throws {
        let start = UInt64(bitPattern: Int64(seed)) &* 1_000_003 &+ UInt64(label) &* 1_000_000_007 &+ UInt64(number)
        var random = ShapeRandom(seed: start)
        guard let image = shapePicture(label: label, classes: classes, isGray: number % 50 == 49, &random) else {
            throw WorkbenchError(.fault, "a picture of the embedded data could not be drawn")
        }
        try image.write(to: path, quality: 88)
    }

    private func text(_ text: String, _ path: String) throws { try writeFile(Array(text.utf8), to: path) }
}
