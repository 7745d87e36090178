import Glibc

/// A colour with transparency, 8 bits a part.
public struct Color: Hashable, Sendable {
    /// Red, 0 … 255.
    public var red: UInt8
    /// Green, 0 … 255.
    public var green: UInt8
    /// Blue, 0 … 255.
    public var blue: UInt8
    /// 0 invisible … 255 opaque.
    public var alpha: UInt8

    /// Makes a colour.
    public init(_ red: UInt8, _ green: UInt8, _ blue: UInt8, _ alpha: UInt8 = 255) {
        self.red = red
        self.green = green
        self.blue = blue
        self.alpha = alpha
    }

    /// A colour as `0xRRGGBB`.
    public init(_ hex: UInt32) {
        self.init(
            UInt8(truncatingIfNeeded: hex >> 16), UInt8(truncatingIfNeeded: hex >> 8), UInt8(truncatingIfNeeded: hex))
    }

    /// White.
    public static let white = Color(0xFFFFFF)
    /// Black, of text and of lines that ask for nothing else.
    public static let ink = Color(0x222222)
    /// Gray of axes.
    public static let axis = Color(0x555555)
    /// Nothing at all.
    public static let clear = Color(255, 255, 255, 0)
    /// Colours for series that are to be told apart, in order; told apart by most colour-blind readers too.
    public static let series: [Color] = [
        Color(0x2F6DB5), Color(0xD9662B), Color(0x2E9E77), Color(0xC24B7C), Color(0x7A6BB8), Color(0xB8992A),
        Color(0x5AA7C7), Color(0x6E6E6E),
    ]
}

/// How a line is drawn.
public struct Stroke: Sendable {
    /// Its colour.
    public var color: Color
    /// Width in 1/96 inch, as R's `lwd`.
    public var width: Double
    /// Lengths of dash and gap in turn, in line widths; empty for a solid line.
    public var dashes: [Double]

    /// Makes a stroke.
    public init(_ color: Color = .ink, width: Double = 1, dashes: [Double] = []) {
        self.color = color
        self.width = width
        self.dashes = dashes
    }
}

/// How points are drawn; lists of one element stand for all points, others are recycled.
public struct PointStyle: Sendable {
    /// R's `pch`: 0 … 25, or a character's scalar value from 32.
    public var symbols: [Int]
    /// Colours of lines and solid symbols.
    public var colors: [Color]
    /// Colours inside the symbols 21 … 25.
    public var fills: [Color]
    /// Factors of the size.
    public var sizes: [Double]

    /// Makes a style.
    public init(_ color: Color = .ink, symbol: Int = 1, size: Double = 1) {
        symbols = [symbol]
        colors = [color]
        fills = [.clear]
        sizes = [size]
    }
}

/// Pixels to draw: 8-bit red green blue alpha, rows from the top.
public struct RasterImage: Sendable {
    /// Columns.
    public let width: Int
    /// Rows.
    public let height: Int
    /// `width * height` pixels.
    public let pixels: [Color]

    /// Keeps pixels, or returns nil if their number is not `width * height`.
    public init?(width: Int, height: Int, pixels: [Color]) {
        guard width > 0, height > 0 else { return nil }
        let (count, overflow) = width.multipliedReportingOverflow(by: height)
        guard !overflow, count == pixels.count else { return nil }
        self.width = width
        self.height = height
        self.pixels = pixels
    }

    /// Makes pixels of interleaved 8-bit channels: 1 gray, 3 red green blue, 4 with alpha; nil for other numbers.
    public init?(width: Int, height: Int, channels: Int, bytes: [UInt8]) {
        guard width > 0, height > 0, [1, 3, 4].contains(channels) else { return nil }
        let (area, tooLarge) = width.multipliedReportingOverflow(by: height)
        guard !tooLarge, bytes.count % channels == 0, bytes.count / channels == area else { return nil }
        let pixels = (0..<area).map { index in
            let at = index * channels
            if channels == 1 { return Color(bytes[at], bytes[at], bytes[at]) }
            return Color(bytes[at], bytes[at + 1], bytes[at + 2], channels == 4 ? bytes[at + 3] : 255)
        }
        self.init(width: width, height: height, pixels: pixels)
    }
}

/// One thing drawn in a panel, in the panel's coordinates; NaN breaks lines and leaves out points.
public enum Mark: Sendable {
    /// Points joined by a line. `name` makes it an entry of charts in text.
    case line(x: [Double], y: [Double], Stroke, name: String? = nil)
    /// Symbols.
    case points(x: [Double], y: [Double], PointStyle, name: String? = nil)
    /// Separate lines.
    case segments(x0: [Double], y0: [Double], x1: [Double], y1: [Double], [Stroke])
    /// An area with a border.
    case polygon(x: [Double], y: [Double], fill: Color, border: Stroke?)
    /// Boxes with edges along the axes; fills are recycled.
    case rectangles(x0: [Double], y0: [Double], x1: [Double], y1: [Double], fills: [Color], border: Stroke?)
    /// Lines across the panel at heights.
    case horizontal([Double], Stroke)
    /// Lines across the panel at places along x.
    case vertical([Double], Stroke)
    /// The line y = intercept + slope · x across the panel.
    case slope(intercept: Double, slope: Double, Stroke)
    /// Text at points; `adjust` 0 left of … 1 right of the point, lines down by `drop` of a line height.
    case text(x: [Double], y: [Double], [String], TextStyle)
    /// Pixels that fill a box; smoothed if asked for.
    case raster(RasterImage, x0: Double, y0: Double, x1: Double, y1: Double, smooth: Bool)

    /// Lists of x that matter for automatic limits.
    var xs: [[Double]] {
        switch self {
        case .line(let x, _, _, _), .points(let x, _, _, _), .polygon(let x, _, _, _), .text(let x, _, _, _):
            return [x]
        case .segments(let x0, _, let x1, _, _), .rectangles(let x0, _, let x1, _, _, _): return [x0, x1]
        case .raster(_, let x0, _, let x1, _, _): return [[x0, x1]]
        case .horizontal, .vertical, .slope: return []
        }
    }

    /// Lists of y that matter for automatic limits.
    var ys: [[Double]] {
        switch self {
        case .line(_, let y, _, _), .points(_, let y, _, _), .polygon(_, let y, _, _), .text(_, let y, _, _):
            return [y]
        case .segments(_, let y0, _, let y1, _), .rectangles(_, let y0, _, let y1, _, _): return [y0, y1]
        case .raster(_, _, let y0, _, let y1, _): return [[y0, y1]]
        case .horizontal, .vertical, .slope: return []
        }
    }
}

/// How text is drawn.
public struct TextStyle: Sendable {
    /// Colours, recycled.
    public var colors: [Color] = [.ink]
    /// Factor of the size.
    public var size = 1.0
    /// Part of the text that lies left of the point: 0 … 1.
    public var adjust = 0.5
    /// Part of the text that lies below the point: 0 … 1.
    public var rise = 0.5
    /// Shift to the right and up, in character widths.
    public var shift = (x: 0.0, y: 0.0)
    /// Degrees counter-clockwise.
    public var rotation = 0.0
    /// Bold.
    public var isBold = false

    /// The defaults: dark, centred.
    public init() {}
}

/// A line of text in a margin.
public struct MarginText: Sendable {
    /// The text.
    public var text: String
    /// The side.
    public var side: Side
    /// Lines of text away from the plotting region.
    public var line: Double
    /// Place along the side in the panel's coordinates, or nil for the place `adjust` says.
    public var at: Double?
    /// 0 beginning … 1 end of the side.
    public var adjust = 0.5
    /// Colour.
    public var color = Color.ink
    /// Factor of the size.
    public var size = 1.0

    /// Makes a line of text.
    public init(_ text: String, _ side: Side, line: Double = 0) {
        self.text = text
        self.side = side
        self.line = line
    }
}

/// Explains colours, lines and symbols.
public struct Legend: Sendable {
    /// One line.
    public struct Entry: Sendable {
        /// What it says.
        public var label: String
        /// Sample line, or nil.
        public var stroke: Stroke?
        /// Sample symbol, or nil.
        public var point: PointStyle?
        /// Sample area, or nil.
        public var fill: Color?

        /// Makes an entry.
        public init(_ label: String, stroke: Stroke? = nil, point: PointStyle? = nil, fill: Color? = nil) {
            self.label = label
            self.stroke = stroke
            self.point = point
            self.fill = fill
        }
    }

    /// Where it lies.
    public enum Place: Sendable {
        /// In the plotting region: 0, 0 is the lower left corner, 1, 1 the upper right, 0.5 the middle.
        case inside(x: Double, y: Double)
        /// Upper left corner in the panel's coordinates.
        case at(x: Double, y: Double)
    }

    /// The lines.
    public var entries: [Entry]
    /// Where it lies.
    public var place: Place
    /// Heading.
    public var title: String?
    /// Entries beside each other.
    public var isHorizontal = false
    /// Line around it.
    public var hasBox = true
    /// Colour behind it.
    public var background = Color(255, 255, 255, 225)
    /// Factor of the size.
    public var size = 1.0

    /// Makes a legend.
    public init(_ entries: [Entry], at place: Place) {
        self.entries = entries
        self.place = place
    }
}

func decimalLogarithm(_ value: Double) -> Double { Glibc.log10(value) }
func powerOfTen(_ value: Double) -> Double { Glibc.pow(10, value) }
