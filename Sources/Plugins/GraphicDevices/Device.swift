import Diagnostics
import Glibc
import Images
import PluginAPI

/// An open graphics device: where pages go, and the page being drawn.
package final class Device {
    /// Where its pages go.
    package enum Target {
        /// A file for each page (`%03d` in the name is the page's number; without it the last page stays).
        case files(pattern: String)
        /// One file of all pages.
        case document(path: String)
        /// A numbered PNG of its own for each page, and a chart on a terminal: what is open when nothing is.
        case session
    }

    /// Its name in `dev.list()`.
    package let name: String
    let target: Target
    let format: PageFormat
    let background: Color
    /// Parameters of `par()`.
    package var parameters = GraphicParameters()
    /// The page being drawn, or nil before the first plot.
    package var figure: Figure?
    /// Pages finished.
    private var finished: [Figure] = []
    private var pageCount = 0
    /// The page has changed since it was last written (the session's device only).
    private var isChanged = false
    private var sessionPath: String?

    package init(_ name: String, _ target: Target, _ format: PageFormat, background: Color = .white) {
        self.name = name
        self.target = target
        self.format = format
        self.background = background
    }

    /// Begins a panel in the next free place, on a new page if there is none.
    package func beginPanel(_ panel: Panel, _ context: Context) throws {
        var panel = panel
        let cells = parameters.cells
        if parameters.isNew, var figure, let last = figure.panels.last {
            (panel.row, panel.column, panel.rowSpan, panel.columnSpan) = (
                last.row, last.column, last.rowSpan, last.columnSpan
            )
            parameters.isNew = false
            figure.panels.append(panel)
            self.figure = figure
            isChanged = true
            return
        }
        parameters.isNew = false
        if figure == nil || parameters.nextCell >= cells.count {
            try endPage(context)
            var fresh = Figure()
            fresh.rows = parameters.rows
            fresh.columns = parameters.columns
            fresh.widths = parameters.widths
            fresh.heights = parameters.heights
            fresh.background = background
            figure = fresh
            parameters.nextCell = 0
        }
        let cell = cells[min(parameters.nextCell, cells.count - 1)]
        (panel.row, panel.column, panel.rowSpan, panel.columnSpan) = (cell.row, cell.column, cell.rows, cell.columns)
        panel.scale *= parameters.panelScale
        parameters.nextCell += 1
        figure?.panels.append(panel)
        isChanged = true
    }

    /// Changes the panel drawn last.
    /// - Throws: R's `plot.new has not been called yet`.
    package func changePanel(_ change: (inout Panel) throws -> Void) throws {
        guard var figure, !figure.panels.isEmpty else {
            throw WorkbenchError(.runtime, "plot.new has not been called yet")
        }
        self.figure = nil
        defer { self.figure = figure }
        try change(&figure.panels[figure.panels.count - 1])
        isChanged = true
    }

    /// Shows a figure as a page of its own.
    func show(_ shown: Figure, _ context: Context) throws {
        try endPage(context)
        var page = shown
        if page.background == .white { page.background = background }
        figure = page
        parameters.nextCell = parameters.cells.count
        isChanged = true
    }

    /// Finishes the page being drawn.
    func endPage(_ context: Context) throws {
        guard let figure else { return }
        switch target {
        case .session: try flush(context)
        case .document: finished.append(figure)
        case .files(let pattern):
            pageCount += 1
            try writePages([figure], to: context.absolutePath(numbered(pattern, pageCount)), format)
        }
        self.figure = nil
        sessionPath = nil
    }

    /// Finishes everything.
    func close(_ context: Context) throws {
        try endPage(context)
        guard case .document(let path) = target, !finished.isEmpty else { return }
        try writePages(finished, to: context.absolutePath(path), format)
    }

    /// Writes the page of the session's device if it has changed, says where, and draws it on a terminal.
    func flush(_ context: Context) throws {
        guard case .session = target, isChanged, let figure else { return }
        isChanged = false
        let isFirst = sessionPath == nil
        let path = sessionPath ?? freePath(in: context.workingDirectory)
        sessionPath = path
        try writePages([figure], to: path, format)
        let console = context.console
        if console.isInteractiveTerminal {
            let chart = textChart(
                figure, width: min(max(console.width, 30), 110),
                style: ChartStyle.terminal(usesColor: console.usesColor))
            console.writeError(chart)
        }
        if isFirst { console.writeError("plot saved as \(splitName(path))\n") }
    }

    private func freePath(in folder: String) -> String {
        for number in 1..<1_000_000 {
            let digits = formatInteger(Int64(number), conversion: "d", width: 3, flags: "0")
            let path = "\(folder)/plot-\(digits).png"
            var status = stat()
            if lstat(path, &status) != 0 { return path }
        }
        return "\(folder)/plot-\(getpid()).png"
    }
}

/// The last part of a path.
private func splitName(_ path: String) -> String { path.split(separator: "/").last.map { String($0) } ?? path }

/// A file name with a page's number in place of `%d`, `%3d` or `%03d`; `%%` is a percent sign.
func numbered(_ pattern: String, _ number: Int) -> String {
    var result: [UInt8] = []
    let bytes = Array(pattern.utf8)
    var index = 0
    while index < bytes.count {
        guard bytes[index] == UInt8(ascii: "%") else {
            result.append(bytes[index])
            index += 1
            continue
        }
        var end = index + 1
        while end < bytes.count, (48...57).contains(bytes[end]) { end += 1 }
        if end < bytes.count, bytes[end] == UInt8(ascii: "d") || bytes[end] == UInt8(ascii: "i") {
            let digits = bytes[(index + 1)..<end]
            let width = min(Int(String(decoding: digits, as: UTF8.self)) ?? 0, 20)
            let flags = digits.first == UInt8(ascii: "0") ? "0" : ""
            result += formatInteger(Int64(number), conversion: "d", width: width, flags: flags).utf8
            index = end + 1
        } else if index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "%") {
            result.append(bytes[index])
            index += 2
        } else {
            result.append(bytes[index])
            index += 1
        }
    }
    return String(decoding: result, as: UTF8.self)
}

extension Context {
    /// A path as seen from the session's working directory, `~` expanded.
    package func absolutePath(_ path: String) -> String {
        if path.hasPrefix("/") { return path }
        if path == "~" || path.hasPrefix("~/"), let home = getenv("HOME") {
            return String(cString: home) + path.dropFirst()
        }
        return workingDirectory + "/" + path
    }
}
