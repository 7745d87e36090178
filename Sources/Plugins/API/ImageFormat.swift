import Diagnostics

/// A format of image files: `base_loader()`, image folders and ``Context/image(ofFile:)`` read it from then on.
///
/// For those who write one:
/// - ``recognises`` looks at the first bytes and decides, whatever the file is called; of several that take them the one
///   that was added last is asked. ``endings`` only say which files of a folder are looked at.
/// - ``decode`` gets the whole file and its name for messages. It runs on any thread, several at once: no R value, no
///   state. Bytes are somebody else's: check sizes before memory is asked for, and throw `WorkbenchError(.data, …)`
///   that names the file for what is cut off or damaged.
/// - Pixels have three channels, or four with alpha: what is gray is replicated.
public struct ImageFormat: Sendable {
    /// What messages call it: `PPM`.
    public let name: String
    /// Endings of its files, in lower case and without the dot.
    public let endings: [String]
    /// Whether bytes are of this format.
    public let recognises: @Sendable (_ bytes: [UInt8]) -> Bool
    /// The pixels of a file's bytes.
    public let decode: @Sendable (_ bytes: [UInt8], _ file: String) throws -> PixelImage

    /// Puts a format together.
    public init(
        _ name: String, endings: [String], recognises: @escaping @Sendable (_ bytes: [UInt8]) -> Bool,
        decode: @escaping @Sendable (_ bytes: [UInt8], _ file: String) throws -> PixelImage
    ) {
        self.name = name
        self.endings = endings
        self.recognises = recognises
        self.decode = decode
    }
}

/// The formats of a session at one moment: threads that decode keep them.
public struct ImageFormats: Sendable {
    /// In the order in which they were added, with the plug-in.
    fileprivate var formats: [(format: ImageFormat, plugin: String)] = []

    /// Endings of all, each once, in order.
    public var endings: [String] {
        var seen: Set<String> = []
        return formats.flatMap { $0.format.endings }.filter { seen.insert($0).inserted }
    }

    /// Their names, in order.
    public var names: [String] { formats.map { $0.format.name } }

    /// Whether one of them takes these bytes.
    public func recognise(_ bytes: [UInt8]) -> Bool { formats.contains { $0.format.recognises(bytes) } }

    /// Decodes what one of them recognises.
    /// - Parameter file: Its name, for messages.
    /// - Throws: for bytes of no format, and what the format throws, with its plug-in.
    public func decode(_ bytes: [UInt8], _ file: String) throws -> PixelImage {
        guard let found = formats.last(where: { $0.format.recognises(bytes) }) else {
            throw WorkbenchError(
                .data, "cannot decode '\(file)': it is in none of the formats \(names.joined(separator: ", "))",
                hint: bytes.isEmpty ? "it is empty" : "registry.addImageFormat(_:) adds one")
        }
        do {
            return try found.format.decode(bytes, file)
        } catch let error as WorkbenchError where !found.plugin.isEmpty {
            throw error.passing("\(found.plugin), format \(found.format.name)")
        }
    }
}

private final class ImageFormatShelf {
    var formats = ImageFormats()
}

extension Registry {
    /// The formats of images there are now.
    public var imageFormats: ImageFormats {
        var formats = shelf(ImageFormatShelf.self) { ImageFormatShelf() }.formats
        // Messages name those that are not in the box.
        formats.formats = formats.formats.map { ($0.format, loadedPlugins.plugin($0.plugin)?.title ?? "") }
        return formats
    }

    /// Adds a format of images.
    public func addImageFormat(_ format: ImageFormat) {
        shelf(ImageFormatShelf.self) { ImageFormatShelf() }.formats.formats.append((format, current))
    }
}

extension Context {
    /// The pixels of an image file, in a format that a plug-in added; those in the box add JPEG and PNG.
    /// - Throws: for a file that cannot be read, and what decoding throws.
    public func image(ofFile path: String) throws -> PixelImage {
        let bytes: [UInt8]
        do {
            bytes = try self.bytes(ofFile: resolvedPath(path), limit: 1 << 30)
        } catch let error as UnreadableFile {
            throw WorkbenchError(.data, "cannot read '\(path)': \(error.reason)")
        }
        return try decodeImage(bytes: bytes, name: path)
    }

    /// The pixels of an image in memory; `name` stands for it in messages.
    public func decodeImage(bytes: [UInt8], name: String = "the image") throws -> PixelImage {
        try registry.imageFormats.decode(bytes, name)
    }
}
