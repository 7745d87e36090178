import RRuntime

/// How values are shown: the arguments of `print.default`, with the options behind them.
package struct PrintSettings {
    /// Significant digits, 1 … 22.
    package var digits = 7
    /// Columns that fixed notation may be wider than scientific.
    package var scipen = 0
    /// Columns of a line.
    package var width = 80
    /// Elements shown at most.
    package var max = 99_999
    /// Strings in quotes.
    package var quote = true
    /// Strings right-justified in matrices.
    package var right = false
    /// Blanks between columns.
    package var gap = 1
    /// What stands for NA, if something special was asked for.
    package var naPrint: String?
    /// Functions as they were written.
    package var useSource = true
    /// Decimal point.
    package var decimalMark = "."

    /// The session's options.
    package init(_ context: Context) {
        digits = Swift.min(Swift.max(context.options.int("digits", 7), 1), 22)
        scipen = context.options.int("scipen", 0)
        width = Swift.min(Swift.max(context.options.int("width", 80), 10), 10_000)
        max = Swift.max(context.options.int("max.print", 99_999), 1)
        if case .character(let mark)? = context.options["OutDec"], let first = mark.elements.first, let text = first {
            decimalMark = text.string
        }
    }

    /// NA as it stands among numbers, and among strings with quotes.
    var naText: String { naPrint ?? "NA" }

    /// NA among strings.
    func naString(quoted: Bool) -> String { naPrint ?? (quoted ? "NA" : "<NA>") }
}
