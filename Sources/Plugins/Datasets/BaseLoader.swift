import Diagnostics
import Glibc
import Images
import PluginAPI

/// `base_loader()`: an image file as an R array; `magick_loader()` is refused.
func registerBaseLoader(_ registry: Registry) {
    for (name, endings, signature) in [
        ("JPEG", ["jpg", "jpeg"], [0xFF, 0xD8, 0xFF]),
        ("PNG", ["png"], [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]),
    ] as [(String, [String], [UInt8])] {
        registry.addImageFormat(
            ImageFormat(name, endings: endings, recognises: { $0.starts(with: signature) }) { bytes, file in
                try pixels(try decodeImage(bytes: bytes, name: file))
            })
    }
    let vision = registry.namespace("torchvision")
    vision.function(
        "base_loader", [.value("path", help: "a JPEG or PNG file, or one of a format that a plug-in adds")],
        help: "Reads an image as an array [height, width, channels] of numbers from 0 to 1"
    ) { args in
        let path = try args.required("path")
        guard case .character(let text) = path, text.count == 1, let name = text[0] else {
            throw runtimeError(
                "File not found: \(args.context.deparse(path).first ?? "")",
                hint: "base_loader() takes the path of one file")
        }
        return try loadImage(
            name.string, absolutePath(name.string, args.context), args.context.registry.imageFormats
        ).array
    }
    vision.function("magick_loader", [.value("path")], help: "Not supported") { _ in
        throw WorkbenchError(
            .unsupported, "magick_loader() is not supported", hint: "base_loader, the default, reads JPEG and PNG")
    }
}

/// An error of R torch's class `runtime_error`.
func runtimeError(_ message: String, hint: String? = nil) -> WorkbenchError {
    var error = WorkbenchError(.runtime, message, hint: hint)
    error.conditionClass = "runtime_error"
    return error
}

/// The pixels of a file: gray replicated to three channels, alpha kept.
///
/// - Parameters:
///   - shown: The path as the user wrote it, for messages.
///   - path: The path to open.
///   - formats: Those of the session.
func loadImage(_ shown: String, _ path: String, _ formats: ImageFormats) throws -> PixelImage {
    guard isFile(path) else { throw runtimeError("File not found: \(shown)") }
    guard hasEnding(shown, imageEndings(formats)) else {
        let dot = shown.utf8.lastIndex(of: UInt8(ascii: "."))
        let ending = dot.map { String(shown[shown.index(after: $0)...]) } ?? ""
        throw runtimeError(
            "unknown extension \(ending) in path \(shown)", hint: "\(listed(formats.endings)) files can be read")
    }
    let bytes = try readFile(path, limit: 1 << 30)
    // The decoder of JPEG and PNG can say what else it is.
    guard formats.recognise(bytes) else { return try pixels(try decodeImage(bytes: bytes, name: shown)) }
    return try formats.decode(bytes, shown)
}

/// Endings of the files that image folders look at: R's, and those that plug-ins added.
func imageEndings(_ formats: ImageFormats) -> [String] {
    usualImageEndings + formats.endings.filter { !usualImageEndings.contains($0) }
}

let usualImageEndings = ["jpg", "jpeg", "png", "tif", "tiff"]

/// `jpg, jpeg and png`.
private func listed(_ words: [String]) -> String {
    guard let last = words.last, words.count > 1 else { return words.joined() }
    return words.dropLast().joined(separator: ", ") + " and " + last
}

/// The decoder's image with at least three channels.
func pixels(_ image: DecodedImage) throws -> PixelImage {
    var bytes = image.bytes
    var channels = image.channels
    if channels < 3 {
        var wide = [UInt8](repeating: 0, count: image.height * image.width * 3)
        for i in 0..<(image.height * image.width) {
            let value = bytes[i * channels]
            wide[3 * i] = value
            wide[3 * i + 1] = value
            wide[3 * i + 2] = value
        }
        bytes = wide
        channels = 3
    }
    guard let made = PixelImage(height: image.height, width: image.width, channels: channels, bytes: bytes) else {
        throw WorkbenchError(.fault, "the decoder returned no image")
    }
    return made
}
