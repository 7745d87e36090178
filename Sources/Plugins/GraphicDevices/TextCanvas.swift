import PluginAPI

/// Which characters and colours a chart in text may use.
struct ChartStyle {
    /// Braille, blocks and line-drawing characters; else ASCII only.
    var usesUnicode: Bool
    /// Colours by escape sequences.
    var usesColor: Bool
}

/// A grid of characters, each of which can also hold 2 × 4 dots.
struct TextCanvas {
    let width: Int
    let height: Int
    let style: ChartStyle
    private var scalars: [Unicode.Scalar]
    private var dots: [UInt8]
    private var inks: [Color?]
    private var papers: [Color?]

    init(width: Int, height: Int, style: ChartStyle) {
        self.width = max(width, 1)
        self.height = max(height, 1)
        self.style = style
        let count = self.width * self.height
        scalars = [Unicode.Scalar](repeating: " ", count: count)
        dots = [UInt8](repeating: 0, count: count)
        inks = [Color?](repeating: nil, count: count)
        papers = inks
    }

    /// Puts a character; outside nothing happens.
    mutating func put(_ scalar: Unicode.Scalar, _ column: Int, _ row: Int, _ ink: Color? = nil, on paper: Color? = nil)
    {
        guard (0..<width).contains(column), (0..<height).contains(row) else { return }
        let index = row * width + column
        scalars[index] = scalar
        dots[index] = 0
        inks[index] = ink
        papers[index] = paper
    }

    /// Writes text from a column on.
    mutating func write(_ text: String, _ column: Int, _ row: Int, _ ink: Color? = nil) {
        for (offset, scalar) in text.unicodeScalars.enumerated() {
            let plain = style.usesUnicode || scalar.isASCII ? scalar : "?"
            put(plain.properties.generalCategory == .control ? " " : plain, column + offset, row, ink)
        }
    }

    /// Sets a dot: x counts half columns, y quarter rows (in ASCII each sets the character of its cell).
    mutating func dot(_ x: Int, _ y: Int, _ ink: Color?) {
        guard x >= 0, y >= 0, x / 2 < width, y / 4 < height else { return }
        let index = y / 4 * width + x / 2
        guard style.usesUnicode else {
            scalars[index] = "*"
            inks[index] = ink
            return
        }
        if scalars[index] != " " && dots[index] == 0 { return }
        let bits: [[UInt8]] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]]
        dots[index] |= bits[x % 2][y % 4]
        scalars[index] = Unicode.Scalar(0x2800 + UInt32(dots[index])) ?? " "
        inks[index] = ink
    }

    /// Dots from one to another.
    mutating func line(_ x0: Int, _ y0: Int, _ x1: Int, _ y1: Int, _ ink: Color?, dashed: Bool = false) {
        let length = max(abs(x1 - x0), abs(y1 - y0))
        guard length > 0 else { return dot(x0, y0, ink) }
        for step in 0...length where !dashed || step % 4 < 2 {
            dot(x0 + (x1 - x0) * step / length, y0 + (y1 - y0) * step / length, ink)
        }
    }

    /// The rows, blanks at their ends left out.
    func text() -> String {
        var result = ""
        for row in 0..<height {
            var end = width
            while end > 0, scalars[row * width + end - 1] == " ", papers[row * width + end - 1] == nil { end -= 1 }
            var last: (Color?, Color?) = (nil, nil)
            for index in (row * width)..<(row * width + end) {
                let now = style.usesColor ? (inks[index], papers[index]) : (nil, nil)
                if now != last {
                    if last != (nil, nil) { result += "\u{1B}[0m" }
                    if let ink = now.0 { result += "\u{1B}[38;2;\(ink.red);\(ink.green);\(ink.blue)m" }
                    if let paper = now.1 { result += "\u{1B}[48;2;\(paper.red);\(paper.green);\(paper.blue)m" }
                    last = now
                }
                result.unicodeScalars.append(scalars[index])
            }
            if last != (nil, nil) { result += "\u{1B}[0m" }
            result += "\n"
        }
        return result
    }
}
