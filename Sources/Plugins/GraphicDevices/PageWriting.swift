import CCairo
import Diagnostics
import Glibc
import Images
import PluginAPI

/// What a file of pages looks like.
package struct PageFormat {
    /// Kinds of files.
    package enum Kind: String {
        case png
        case jpeg
        case svg
        case pdf
    }

    package var kind: Kind
    /// Width and height in points.
    package var width: Double
    package var height: Double
    /// Pixels a point, for PNG and JPEG.
    package var scale: Double
    /// Size of text in points.
    package var pointSize: Double
    /// 1 … 100, for JPEG.
    package var quality: Int

    package init(
        kind: Kind, width: Double, height: Double, scale: Double = 1, pointSize: Double = 12, quality: Int = 75
    ) {
        self.kind = kind
        self.width = width
        self.height = height
        self.scale = scale
        self.pointSize = pointSize
        self.quality = quality
    }

    fileprivate var page: Box { Box(x: 0, y: 0, width: width, height: height) }
}

/// Writes figures as the pages of a file, which gets its name when it is complete.
/// - Throws: a `.data` error that names the file.
func writePages(_ figures: [Figure], to path: String, _ format: PageFormat) throws {
    switch format.kind {
    case .png, .jpeg:
        guard let figure = figures.last else { return }
        let image = try pixels(figure, format)
        try AtomicFile.write(
            format.kind == .png ? try image.png() : try image.jpeg(quality: format.quality), to: path)
    case .svg, .pdf: try writeVector(figures, to: path, format)
    }
}

/// A figure as pixels, red green blue.
func pixels(_ figure: Figure, _ format: PageFormat) throws -> DecodedImage {
    let (columns, rows) = (format.width * format.scale, format.height * format.scale)
    guard let width = Int(exactly: columns.rounded()), let height = Int(exactly: rows.rounded()),
        (1...32_000).contains(width), (1...32_000).contains(height), width * height <= 200_000_000,
        let surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, Int32(width), Int32(height))
    else {
        throw WorkbenchError(.value, "a plot of \(numberText(columns)) x \(numberText(rows)) pixels cannot be drawn")
    }
    defer { cairo_surface_destroy(surface) }
    guard cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS else {
        throw WorkbenchError(.memory, "no memory for a plot of \(width) x \(height) pixels")
    }
    let canvas = Canvas(surface, scale: format.scale, pointSize: format.pointSize)
    let hasAlpha = figure.background.alpha < 255 && format.kind == .png
    canvas.draw(figure, page: format.page)
    cairo_surface_flush(surface)
    guard let data = cairo_image_surface_get_data(surface) else {
        throw WorkbenchError(.memory, "no memory for a plot of \(width) x \(height) pixels")
    }
    let stride = Int(cairo_image_surface_get_stride(surface))
    var bytes: [UInt8] = []
    bytes.reserveCapacity(width * height * (hasAlpha ? 4 : 3))
    for y in 0..<height {
        let row = UnsafeMutableRawPointer(data + y * stride).assumingMemoryBound(to: UInt32.self)
        for x in 0..<width {
            let pixel = row[x]
            let alpha = pixel >> 24
            for shift in [UInt32(16), 8, 0] {
                let part = pixel >> shift & 255
                if hasAlpha {
                    bytes.append(UInt8(truncatingIfNeeded: alpha == 0 ? 0 : min((part * 255 + alpha / 2) / alpha, 255)))
                } else {
                    // What is not covered is paper.
                    bytes.append(UInt8(truncatingIfNeeded: min(part + 255 - alpha, 255)))
                }
            }
            if hasAlpha { bytes.append(UInt8(truncatingIfNeeded: alpha)) }
        }
    }
    guard let image = DecodedImage(height: height, width: width, channels: hasAlpha ? 4 : 3, bytes: bytes) else {
        throw WorkbenchError(.fault, "a plot has \(bytes.count) bytes for \(width) x \(height) pixels")
    }
    return image
}

private func writeVector(_ figures: [Figure], to path: String, _ format: PageFormat) throws {
    try AtomicFile.write(to: path) { file in
        // Cairo writes the file under the name it has until it is complete.
        let part = file.temporaryPath
        let made =
            format.kind == .pdf
            ? cairo_pdf_surface_create(part, format.width, format.height)
            : cairo_svg_surface_create(part, format.width, format.height)
        guard let surface = made else { throw WorkbenchError(.memory, "no memory to write '\(path)'") }
        var failure: String?
        if format.kind == .svg { cairo_svg_surface_set_document_unit(surface, CAIRO_SVG_UNIT_PT) }
        do {
            let canvas = Canvas(surface, scale: 1, pointSize: format.pointSize)
            for figure in figures {
                canvas.draw(figure, page: format.page)
                canvas.showPage()
            }
            failure = canvas.failure
        }
        cairo_surface_finish(surface)
        let status = cairo_surface_status(surface)
        if failure == nil, status != CAIRO_STATUS_SUCCESS { failure = String(cString: cairo_status_to_string(status)) }
        cairo_surface_destroy(surface)
        if let failure { throw WorkbenchError(.data, "cannot write '\(path)': \(failure)") }
    }
}
