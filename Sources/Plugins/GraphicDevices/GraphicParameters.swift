import Diagnostics
import PluginAPI

/// What `par()` and `layout()` keep for a device.
package struct GraphicParameters {
    /// A place of the page's grid.
    struct Cell {
        var row: Int
        var column: Int
        var rows = 1
        var columns = 1
    }

    var rows = 1
    var columns = 1
    var widths: [Double] = []
    var heights: [Double] = []
    var cells = [Cell(row: 0, column: 0)]
    /// Position in ``cells`` of the next plot.
    var nextCell = 0
    /// The next plot goes over the present one.
    var isNew = false
    /// Factor for text in the panels: R makes it smaller in grids.
    var panelScale = 1.0
    /// Values of the other parameters that were set.
    package var values: [String: Value] = [:]

    /// The parameters that are kept and given back, with R's values.
    package static let defaults: [(String, Value)] = [
        ("adj", 0.5), ("ann", true), ("ask", false), ("bg", "white"), ("bty", "o"), ("cex", 1), ("cex.axis", 1),
        ("cex.lab", 1), ("cex.main", 1.2), ("cex.sub", 1), ("col", "black"), ("col.axis", "black"),
        ("col.lab", "black"), ("col.main", "black"), ("family", ""), ("fg", "black"), ("font", .int(1)),
        ("las", .int(0)),
        ("lty", "solid"), ("lwd", 1), ("mai", .numbers([1.02, 0.82, 0.82, 0.42])),
        ("mar", .numbers([5.1, 4.1, 4.1, 2.1])),
        ("mfcol", .ints([1, 1])), ("mfrow", .ints([1, 1])), ("mgp", .numbers([3, 1, 0])), ("new", false),
        ("oma", .numbers([0, 0, 0, 0])), ("pch", .int(1)), ("ps", .int(12)), ("pty", "m"), ("tck", .number(.na)),
        ("tcl", -0.5), ("usr", .numbers([0, 1, 0, 1])), ("xaxs", "r"), ("xaxt", "s"), ("xlog", false), ("xpd", false),
        ("yaxs", "r"), ("yaxt", "s"), ("ylog", false),
    ]

    /// The value of a parameter, or nil for a name that is none.
    package subscript(name: String) -> Value? {
        switch name {
        case "mfrow", "mfcol": return .ints([rows, columns])
        case "new": return .flag(isNew)
        default: return values[name] ?? GraphicParameters.defaults.first { $0.0 == name }?.1
        }
    }

    /// Sets a parameter.
    /// - Throws: when the value is none for it.
    package mutating func set(_ name: String, _ value: Value) throws {
        let invalid = WorkbenchError(.value, "invalid value specified for graphical parameter \"\(name)\"")
        switch name {
        case "mfrow", "mfcol":
            let sizes = try value.asIntegers().elements
            guard sizes.count == 2, let rows = sizes[0], let columns = sizes[1], (1...200).contains(rows),
                (1...200).contains(columns)
            else { throw invalid }
            setGrid(Int(rows), Int(columns), byRows: name == "mfrow")
        case "new":
            guard let flag = try value.asLogicals().elements.first, let flag else { throw invalid }
            isNew = flag
        case "mar", "mai", "oma":
            let lines = try value.asDoubles().elements
            guard lines.count == 4, lines.allSatisfy({ $0.isFinite && $0 >= 0 && $0 < 1000 }) else { throw invalid }
            if name == "mai" { values["mar"] = .numbers(lines.map { $0 / 0.2 }) }
            values[name] = value
        case "cex", "lwd", "cex.axis", "cex.lab", "cex.main":
            guard let number = try value.asDoubles().elements.first, number > 0, number < 1000 else { throw invalid }
            values[name] = value
        default: values[name] = value
        }
    }

    private mutating func setGrid(_ rows: Int, _ columns: Int, byRows: Bool) {
        self.rows = rows
        self.columns = columns
        widths = []
        heights = []
        cells = (0..<(rows * columns)).map { index in
            byRows
                ? Cell(row: index / columns, column: index % columns) : Cell(row: index % rows, column: index / rows)
        }
        panelScale = rows > 2 || columns > 2 ? 0.72 : rows == 2 && columns == 2 ? 0.88 : 1
        // The next plot begins a page.
        nextCell = cells.count
    }

    /// Divides the page as a matrix of plot numbers says; 0 leaves a place empty.
    package mutating func setLayout(_ matrix: [Int], rows: Int, columns: Int, widths: [Double], heights: [Double])
        throws
    {
        let count = matrix.max() ?? 0
        guard count >= 1, matrix.count == rows * columns else {
            throw WorkbenchError(.value, "invalid matrix specification")
        }
        var cells: [Cell] = []
        for number in 1...count {
            let places = matrix.indices.filter { matrix[$0] == number }.map { (row: $0 % rows, column: $0 / rows) }
            guard let top = places.map(\.row).min(), let bottom = places.map(\.row).max(),
                let left = places.map(\.column).min(), let right = places.map(\.column).max()
            else {
                throw WorkbenchError(
                    .value, "layout matrix must contain at least one reference\nto each of the values {1 ... \(count)}")
            }
            cells.append(Cell(row: top, column: left, rows: bottom - top + 1, columns: right - left + 1))
        }
        setGrid(rows, columns, byRows: true)
        self.cells = cells
        self.widths = widths
        self.heights = heights
        nextCell = cells.count
    }

    /// Margins that were asked for, or nil for as much as labels need.
    package var margins: [Double]? {
        guard let value = values["mar"] else { return nil }
        return try? value.asDoubles().elements
    }

    /// A number parameter.
    package func number(_ name: String, _ fallback: Double) -> Double {
        guard let value = self[name], let number = try? value.asDoubles().elements.first, number.isFinite else {
            return fallback
        }
        return number
    }

    /// A text parameter.
    package func text(_ name: String) -> String? {
        guard case .character(let texts)? = self[name], let first = texts.elements.first else { return nil }
        return first?.string
    }
}
