/// A picture made of panels: data only, drawn by whoever is registered as ``FigureRenderer``.
///
/// A plug-in that wants to show numbers makes a figure and calls ``Context/show(_:)``; it goes to the open graphics
/// device, else to a numbered PNG and, on a terminal, to a chart in text.
public struct Figure: Sendable {
    /// Heading over all panels.
    public var title: String?
    /// Rows of the grid in which panels lie.
    public var rows = 1
    /// Columns of the grid.
    public var columns = 1
    /// Relative widths of the columns; empty for equal ones.
    public var widths: [Double] = []
    /// Relative heights of the rows; empty for equal ones.
    public var heights: [Double] = []
    /// The panels, each at its place in the grid.
    public var panels: [Panel] = []
    /// Label under all panels, for panels that have none of their own.
    public var xLabel: String?
    /// Label left of all panels.
    public var yLabel: String?
    /// Names of the columns, on strips above the first row; empty for none.
    public var columnStrips: [String] = []
    /// Names of the rows, on strips right of the last column; empty for none.
    public var rowStrips: [String] = []
    /// Colour of the paper.
    public var background: Color = .white

    /// An empty figure.
    public init() {}

    /// A figure of one panel.
    public init(_ panel: Panel) { panels = [panel] }

    /// A grid of panels, one for each pair of names, with strips that name rows and columns.
    ///
    /// Panels of a column have the x limits in common, panels of a row the y limits; only the outer panels carry tick
    /// labels. `panel` makes the panel of a row and a column, or returns nil to leave the place empty.
    public static func facets(
        rows: [String], columns: [String], xLabel: String, yLabel: String, panel: (_ row: Int, _ column: Int) -> Panel?
    ) -> Figure {
        var figure = Figure()
        figure.rows = max(rows.count, 1)
        figure.columns = max(columns.count, 1)
        figure.columnStrips = columns
        figure.rowStrips = rows
        figure.xLabel = xLabel
        figure.yLabel = yLabel
        for row in rows.indices {
            for column in columns.indices {
                guard var made = panel(row, column) else { continue }
                made.row = row
                made.column = column
                made.axes = []
                if row == rows.count - 1 { made.axes.append(AxisLine(.bottom)) }
                if column == 0 { made.axes.append(AxisLine(.left)) }
                figure.panels.append(made)
            }
        }
        for row in rows.indices {
            figure.share(\.y, { $0.row == row }) { $0.yExtent }
        }
        for column in columns.indices {
            figure.share(\.x, { $0.column == column }) { $0.xExtent }
        }
        return figure
    }

    /// Gives panels that have no limits of their own those of all of them together.
    private mutating func share(
        _ axis: WritableKeyPath<Panel, Axis>, _ belongs: (Panel) -> Bool, extent: (Panel) -> ClosedRange<Double>?
    ) {
        let extents = panels.filter { belongs($0) && $0[keyPath: axis].limits == nil }.compactMap(extent)
        guard let low = extents.map(\.lowerBound).min(), let high = extents.map(\.upperBound).max() else { return }
        for index in panels.indices where belongs(panels[index]) && panels[index][keyPath: axis].limits == nil {
            panels[index][keyPath: axis].limits = Axis.widened(low, high, panels[index][keyPath: axis].scale)
        }
    }
}

/// One coordinate system with what is drawn in it.
public struct Panel: Sendable {
    /// Row in the figure's grid, from 0.
    public var row = 0
    /// Column in the figure's grid, from 0.
    public var column = 0
    /// Rows of the grid it covers.
    public var rowSpan = 1
    /// Columns of the grid it covers.
    public var columnSpan = 1
    /// Heading.
    public var title: String?
    /// Small line under the x label.
    public var subtitle: String?
    /// Label of the x axis.
    public var xLabel: String?
    /// Label of the y axis.
    public var yLabel: String?
    /// The horizontal axis.
    public var x = Axis()
    /// The vertical axis.
    public var y = Axis()
    /// What is drawn, in order.
    public var marks: [Mark] = []
    /// Legends, on top of the marks.
    public var legends: [Legend] = []
    /// Axes with ticks that are drawn.
    public var axes = [AxisLine(.bottom), AxisLine(.left)]
    /// Lines of text in the margins.
    public var marginTexts: [MarginText] = []
    /// The line around the plotting region.
    public var frame = PanelFrame.grid
    /// Margins in lines of text (bottom, left, top, right), or nil for as much as the labels need.
    public var margins: [Double]?
    /// Length of a unit of y over a unit of x, or nil for whatever fills the panel.
    public var aspect: Double?
    /// Factor for text and symbols.
    public var scale = 1.0

    /// An empty panel.
    public init() {}

    /// Smallest and largest finite x of the marks (positive ones on a logarithmic axis), or nil if there is none.
    public var xExtent: ClosedRange<Double>? { extent(x.scale) { $0.xs } }

    /// Smallest and largest finite y of the marks (positive ones on a logarithmic axis), or nil if there is none.
    public var yExtent: ClosedRange<Double>? { extent(y.scale) { $0.ys } }

    private func extent(_ scale: Axis.Scale, _ values: (Mark) -> [[Double]]) -> ClosedRange<Double>? {
        var low = Double.infinity
        var high = -Double.infinity
        for mark in marks {
            for list in values(mark) {
                for value in list where value.isFinite && (scale == .linear || value > 0) {
                    low = min(low, value)
                    high = max(high, value)
                }
            }
        }
        return low <= high ? low...high : nil
    }
}

/// What surrounds the plotting region.
public enum PanelFrame: Sendable {
    /// Nothing.
    case none
    /// A line on all sides.
    case box
    /// Light lines at the ticks and no box: the look of figures made by plug-ins.
    case grid
}

/// How numbers become places along one side of a panel.
public struct Axis: Sendable {
    /// Linear, or by the decimal logarithm.
    public enum Scale: Sendable {
        /// Equal steps for equal differences.
        case linear
        /// Equal steps for equal factors; numbers up to 0 are left out.
        case log10
    }

    /// The scale.
    public var scale: Scale
    /// Numbers at the two ends (the first may be the larger one), or nil for those of the marks and 4 % more.
    public var limits: Limits?

    /// Makes an axis.
    public init(_ scale: Scale = .linear, limits: Limits? = nil) {
        self.scale = scale
        self.limits = limits
    }

    /// Numbers at the two ends of an axis.
    public struct Limits: Sendable, Equatable {
        /// Left or lower end.
        public var from: Double
        /// Right or upper end.
        public var to: Double

        /// Makes limits.
        public init(_ from: Double, _ to: Double) {
            self.from = from
            self.to = to
        }
    }

    /// Limits that leave 4 % room at both ends, as R does; a single number gets room around it.
    public static func widened(_ low: Double, _ high: Double, _ scale: Scale, by share: Double = 0.04) -> Limits {
        switch scale {
        case .linear:
            var (low, high) = (low, high)
            if low == high {
                let room = low == 0 ? 1 : abs(low) * 0.4
                low -= room
                high += room
            }
            let room = (high - low) * share
            guard room.isFinite else { return Limits(low, high) }
            return Limits(low - room, high + room)
        case .log10:
            guard low > 0, high > 0 else { return Limits(low, high) }
            let limits = widened(decimalLogarithm(low), decimalLogarithm(high), .linear, by: share)
            return Limits(powerOfTen(limits.from), powerOfTen(limits.to))
        }
    }
}

/// A side of a panel with tick marks.
public struct AxisLine: Sendable {
    /// The side.
    public var side: Side
    /// Where ticks are and what stands at them.
    public var ticks: Ticks
    /// Labels perpendicular to the axis.
    public var isRotated = false
    /// Draw the line along the side.
    public var showsLine = false

    /// Makes an axis line.
    public init(_ side: Side, ticks: Ticks = .automatic) {
        self.side = side
        self.ticks = ticks
    }

    /// Ticks of an axis.
    public enum Ticks: Sendable {
        /// Round numbers.
        case automatic
        /// At given numbers, with their values or given labels.
        case at([Double], labels: [String]?)
    }
}

/// A side of a panel.
public enum Side: Int, Sendable {
    /// R's side 1.
    case bottom = 1
    /// R's side 2.
    case left = 2
    /// R's side 3.
    case top = 3
    /// R's side 4.
    case right = 4
}
