import CImages
import Diagnostics

extension DecodedImage {
    /// The image as a baseline JPEG.
    ///
    /// - Parameters:
    ///   - quality: 1 … 100; values outside are moved to the nearer end.
    ///   - halvesChroma: Colours at half resolution, as most JPEGs have them.
    /// - Throws: when it has alpha, or more than 65,500 rows or columns.
    public func jpeg(quality: Int = 90, halvesChroma: Bool = true) throws -> [UInt8] {
        try encoded("a JPEG") { count, message, size in
            var result: UnsafeMutablePointer<UInt8>?
            let status = image_encode_jpeg(
                bytes, Int32(clamping: width), Int32(clamping: height), Int32(channels),
                Int32(min(max(quality, 1), 100)), halvesChroma ? 2 : 1, &result, &count, message, size)
            return (status, result)
        }
    }

    /// The image as an 8-bit PNG; `compression` 0 (none) … 9 (smallest).
    public func png(compression: Int = 6) throws -> [UInt8] {
        try encoded("a PNG") { count, message, size in
            var result: UnsafeMutablePointer<UInt8>?
            let status = image_encode_png(
                bytes, Int32(clamping: width), Int32(clamping: height), Int32(channels),
                Int32(min(max(compression, 0), 9)), &result, &count, message, size)
            return (status, result)
        }
    }

    /// Writes it as JPEG or PNG, by the ending of the name (`.png`, else JPEG); an old file is replaced at once or not.
    public func write(to path: String, quality: Int = 90) throws {
        let isPNG = path.lowercased().hasSuffix(".png")
        try writeFile(isPNG ? try png() : try jpeg(quality: quality), to: path)
    }

    private func encoded(
        _ kind: String,
        _ encode: (inout Int, UnsafeMutablePointer<CChar>, Int) -> (image_status, UnsafeMutablePointer<UInt8>?)
    ) throws -> [UInt8] {
        var count = 0
        let ((status, result), message) = withMessage { encode(&count, $0, $1) }
        defer { image_release(result) }
        guard status == IMAGE_OK, let result else {
            throw WorkbenchError(
                status == IMAGE_NO_MEMORY ? .memory : .value,
                "cannot write \(width) x \(height) pixels with \(channels) channels as \(kind): \(message)")
        }
        return [UInt8](UnsafeBufferPointer(start: result, count: count))
    }
}
