import CImages
import Diagnostics

/// How images are decoded.
public struct DecodingOptions: Sendable {
    /// Channels of the result.
    public enum Channels: Int32, Sendable {
        /// As the file has them: gray 1, colour 3, with alpha 4.
        case stored = 0
        /// 1: brightness.
        case gray = 1
        /// 3: gray is replicated, alpha dropped.
        case rgb = 3
    }

    /// Channels of the result.
    public var channels: Channels
    /// Damaged or cut-off data is filled in and counted in ``DecodedImage/warnings`` instead of being an error.
    public var toleratesDamage: Bool
    /// Most pixels (width × height) an image may have; checked before anything is decoded.
    public var pixelLimit: Int

    /// Makes options.
    public init(channels: Channels = .stored, toleratesDamage: Bool = false, pixelLimit: Int = 89_000_000) {
        self.channels = channels
        self.toleratesDamage = toleratesDamage
        self.pixelLimit = pixelLimit
    }
}

/// Decodes a JPEG or PNG file, told apart by its first bytes whatever its name says.
///
/// JPEG pixels are those of libjpeg's defaults (accurate integer DCT, smooth chroma), CMYK and YCCK turned into RGB;
/// EXIF orientation is not applied.
/// - Throws: a `.data` error that names the file.
public func decodeImage(path: String, options: DecodingOptions = DecodingOptions()) throws -> DecodedImage {
    try decodeImage(bytes: try readFile(path, limit: 1 << 30), options: options, name: path)
}

/// Decodes a JPEG or PNG in memory; `name` stands for it in errors.
/// - Throws: a `.data` error.
public func decodeImage(
    bytes: [UInt8], options: DecodingOptions = DecodingOptions(), name: String? = nil
) throws -> DecodedImage {
    let subject = name.map { "'\($0)'" } ?? "the image"
    var settings = image_decode_options()
    settings.channels = options.channels.rawValue
    settings.tolerates_damage = options.toleratesDamage ? 1 : 0
    settings.pixel_limit = Int64(max(options.pixelLimit, 0))
    var image = image_pixels()
    let (status, message): (image_status, String)
    switch ImageFormat(of: bytes) {
    case .jpeg:
        (status, message) = withMessage { image_decode_jpeg(bytes, bytes.count, settings, &image, $0, $1) }
    case .png:
        (status, message) = withMessage { image_decode_png(bytes, bytes.count, settings, &image, $0, $1) }
    case .other(let what):
        throw WorkbenchError(
            .data, "cannot decode \(subject): it is \(what), not a JPEG or PNG",
            hint: what == "empty" ? nil : "convert it, or leave it out of the folder")
    }
    defer { image_release(image.pixels) }
    guard status == IMAGE_OK, let pixels = image.pixels else { throw failure(status, message, subject) }
    let count = Int(image.width) * Int(image.height) * Int(image.channels)
    let copy = [UInt8](UnsafeBufferPointer(start: pixels, count: count))
    guard
        let decoded = DecodedImage(
            height: Int(image.height), width: Int(image.width), channels: Int(image.channels), bytes: copy,
            warnings: Int(image.warnings))
    else { throw WorkbenchError(.fault, "the decoder returned no image for \(subject)") }
    return decoded
}

private func failure(_ status: image_status, _ message: String, _ subject: String) -> WorkbenchError {
    switch status {
    case IMAGE_TOO_LARGE: return WorkbenchError(.data, "cannot decode \(subject): \(message)")
    case IMAGE_NO_MEMORY: return WorkbenchError(.memory, "cannot decode \(subject): \(message)")
    case IMAGE_UNSUPPORTED: return WorkbenchError(.data, "cannot decode \(subject): \(message)")
    default: return WorkbenchError(.data, "cannot decode \(subject): the file is damaged (\(message))")
    }
}

/// Calls C with room for a message of one line.
func withMessage<Result>(_ body: (UnsafeMutablePointer<CChar>, Int) -> Result) -> (Result, String) {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 300) { buffer in
        buffer.initialize(repeating: 0)
        guard let base = buffer.baseAddress else { preconditionFailure("a buffer of 300 bytes has an address") }
        let result = body(base, buffer.count)
        buffer[buffer.count - 1] = 0
        return (result, String(cString: base))
    }
}

/// What the first bytes of a file say it is.
enum ImageFormat: Equatable {
    case jpeg
    case png
    /// Neither; described for an error message.
    case other(String)

    init(of bytes: [UInt8]) {
        func begins(_ signature: [UInt8], at offset: Int = 0) -> Bool {
            bytes.count >= offset + signature.count && bytes[offset...].starts(with: signature)
        }
        if begins([0xFF, 0xD8, 0xFF]) {
            self = .jpeg
        } else if begins([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
            self = .png
        } else if bytes.isEmpty {
            self = .other("empty")
        } else if begins(Array("GIF8".utf8)) {
            self = .other("a GIF")
        } else if begins(Array("RIFF".utf8)), begins(Array("WEBP".utf8), at: 8) {
            self = .other("a WebP")
        } else if begins([0x49, 0x49, 0x2A, 0x00]) || begins([0x4D, 0x4D, 0x00, 0x2A]) {
            self = .other("a TIFF")
        } else if begins(Array("BM".utf8)) {
            self = .other("a BMP")
        } else if begins(Array("PK".utf8)) {
            self = .other("a zip archive")
        } else if begins(Array("%PDF".utf8)) {
            self = .other("a PDF")
        } else if ImageFormat.isMarkup(bytes) {
            self = .other("an HTML or XML page")
        } else {
            self = .other("something else")
        }
    }

    private static func isMarkup(_ bytes: [UInt8]) -> Bool {
        for byte in bytes.prefix(64) where byte > 32 { return byte == UInt8(ascii: "<") }
        return false
    }
}
