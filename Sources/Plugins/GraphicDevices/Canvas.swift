import CCairo
import PluginAPI

/// A place in device coordinates: points of 1/72 inch, y downwards.
struct Place {
    var x: Double
    var y: Double
}

/// A rectangle in device coordinates.
struct Box {
    var x: Double
    var y: Double
    var width: Double
    var height: Double

    var right: Double { x + width }
    var bottom: Double { y + height }

    /// The same box with less on each side.
    func inset(left: Double = 0, top: Double = 0, right: Double = 0, bottom: Double = 0) -> Box {
        Box(x: x + left, y: y + top, width: max(width - left - right, 1), height: max(height - top - bottom, 1))
    }
}

/// Drawing on a cairo surface. Nothing here can fail: what cairo cannot draw it leaves out.
final class Canvas {
    private let cairo: OpaquePointer
    /// The size of text at `size` 1, in points.
    let pointSize: Double

    init(_ surface: OpaquePointer, scale: Double, pointSize: Double) {
        cairo = cairo_create(surface)
        self.pointSize = pointSize
        cairo_scale(cairo, scale, scale)
        let options = cairo_font_options_create()
        cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_SLIGHT)
        cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF)
        cairo_set_font_options(cairo, options)
        cairo_font_options_destroy(options)
        cairo_set_line_join(cairo, CAIRO_LINE_JOIN_ROUND)
    }

    deinit { cairo_destroy(cairo) }

    func showPage() { cairo_show_page(cairo) }

    /// What cairo says went wrong, or nil.
    var failure: String? {
        let status = cairo_status(cairo)
        return status == CAIRO_STATUS_SUCCESS ? nil : String(cString: cairo_status_to_string(status))
    }

    private func use(_ color: Color) {
        cairo_set_source_rgba(
            cairo, Double(color.red) / 255, Double(color.green) / 255, Double(color.blue) / 255,
            Double(color.alpha) / 255)
    }

    private func use(_ stroke: Stroke) {
        use(stroke.color)
        let width = stroke.width * 0.75
        cairo_set_line_width(cairo, width)
        let dashes = stroke.dashes.map { max($0, 0.1) * max(width, 0.75) }
        cairo_set_line_cap(cairo, dashes.isEmpty ? CAIRO_LINE_CAP_ROUND : CAIRO_LINE_CAP_BUTT)
        cairo_set_dash(cairo, dashes, Int32(dashes.count), 0)
    }

    func clipped(to box: Box, _ body: () -> Void) {
        cairo_save(cairo)
        cairo_rectangle(cairo, box.x, box.y, box.width, box.height)
        cairo_clip(cairo)
        body()
        cairo_restore(cairo)
    }

    /// A line through points; non-finite ones break it.
    func line(_ points: [Place], _ stroke: Stroke) {
        guard stroke.color.alpha > 0, stroke.width > 0 else { return }
        cairo_new_path(cairo)
        var isDown = false
        for point in points {
            guard point.x.isFinite, point.y.isFinite else {
                isDown = false
                continue
            }
            // Beyond a few thousand points cairo's fixed-point coordinates would wrap.
            let (x, y) = (min(max(point.x, -30_000), 30_000), min(max(point.y, -30_000), 30_000))
            if isDown { cairo_line_to(cairo, x, y) } else { cairo_move_to(cairo, x, y) }
            isDown = true
        }
        use(stroke)
        cairo_stroke(cairo)
    }

    func polygon(_ points: [Place], fill: Color, border: Stroke?) {
        let points = points.filter { $0.x.isFinite && $0.y.isFinite }
        guard points.count > 1 else { return }
        cairo_new_path(cairo)
        for (index, point) in points.enumerated() {
            let (x, y) = (min(max(point.x, -30_000), 30_000), min(max(point.y, -30_000), 30_000))
            if index == 0 { cairo_move_to(cairo, x, y) } else { cairo_line_to(cairo, x, y) }
        }
        cairo_close_path(cairo)
        paint(fill, border)
    }

    func rectangle(_ box: Box, fill: Color, border: Stroke?) {
        cairo_new_path(cairo)
        cairo_rectangle(cairo, box.x, box.y, box.width, box.height)
        paint(fill, border)
    }

    func circle(_ center: Place, radius: Double, fill: Color, border: Stroke?) {
        cairo_new_path(cairo)
        cairo_arc(cairo, center.x, center.y, max(radius, 0.1), 0, 2 * .pi)
        paint(fill, border)
    }

    private func paint(_ fill: Color, _ border: Stroke?) {
        if fill.alpha > 0 {
            use(fill)
            cairo_fill_preserve(cairo)
        }
        if let border, border.color.alpha > 0, border.width > 0 {
            use(border)
            cairo_stroke(cairo)
        }
        cairo_new_path(cairo)
    }

    private func setFont(_ size: Double, _ isBold: Bool) {
        cairo_select_font_face(
            cairo, "sans-serif", CAIRO_FONT_SLANT_NORMAL, isBold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL)
        cairo_set_font_size(cairo, max(size * pointSize, 0.5))
    }

    /// Width of a text in points.
    func width(_ text: String, size: Double, isBold: Bool = false) -> Double {
        setFont(size, isBold)
        var extents = cairo_text_extents_t()
        cairo_text_extents(cairo, text, &extents)
        return extents.x_advance
    }

    /// Writes lines of text: `adjust` of it left of the place, `rise` of a capital's height below it.
    func text(
        _ text: String, at place: Place, color: Color, size: Double, adjust: Double, rise: Double,
        rotation: Double = 0, isBold: Bool = false
    ) {
        guard place.x.isFinite, place.y.isFinite, color.alpha > 0 else { return }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
        let capital = 0.72 * size * pointSize
        let pitch = 1.2 * size * pointSize
        cairo_save(cairo)
        cairo_translate(cairo, place.x, place.y)
        cairo_rotate(cairo, -rotation * .pi / 180)
        use(color)
        var y = capital * rise - pitch * Double(lines.count - 1) * rise
        if rise == 0 { y = -pitch * Double(lines.count - 1) }
        for line in lines {
            let width = width(line, size: size, isBold: isBold)
            cairo_move_to(cairo, -width * adjust, y)
            cairo_show_text(cairo, line)
            y += pitch
        }
        cairo_restore(cairo)
        cairo_new_path(cairo)
    }

    /// Pixels in a box, which may be mirrored (negative width or height).
    func image(_ image: RasterImage, in box: Box, smooth: Bool) {
        guard box.width != 0, box.height != 0, box.width.isFinite, box.height.isFinite,
            let surface = cairo_image_surface_create(
                CAIRO_FORMAT_ARGB32, Int32(clamping: image.width), Int32(clamping: image.height))
        else { return }
        defer { cairo_surface_destroy(surface) }
        guard cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS, let data = cairo_image_surface_get_data(surface)
        else { return }
        let stride = Int(cairo_image_surface_get_stride(surface))
        for y in 0..<image.height {
            let row = UnsafeMutableRawPointer(data + y * stride).assumingMemoryBound(to: UInt32.self)
            for x in 0..<image.width { row[x] = image.pixels[y * image.width + x].premultiplied }
        }
        cairo_surface_mark_dirty(surface)
        cairo_save(cairo)
        cairo_rectangle(cairo, min(box.x, box.right), min(box.y, box.bottom), abs(box.width), abs(box.height))
        cairo_clip(cairo)
        cairo_translate(cairo, box.x, box.y)
        cairo_scale(cairo, box.width / Double(image.width), box.height / Double(image.height))
        cairo_set_source_surface(cairo, surface, 0, 0)
        let pattern = cairo_get_source(cairo)
        cairo_pattern_set_filter(pattern, smooth ? CAIRO_FILTER_BILINEAR : CAIRO_FILTER_NEAREST)
        cairo_pattern_set_extend(pattern, CAIRO_EXTEND_PAD)
        cairo_paint(cairo)
        cairo_restore(cairo)
    }
}

extension Color {
    fileprivate var premultiplied: UInt32 {
        func part(_ value: UInt8) -> UInt32 { (UInt32(value) * UInt32(alpha) + 127) / 255 }
        return UInt32(alpha) << 24 | part(red) << 16 | part(green) << 8 | part(blue)
    }
}
