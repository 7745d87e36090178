import Diagnostics
import PluginAPI

/// How errors look at the top level: R's own first line, the place in a file, the source line with a caret, one hint.
struct ErrorReport {
    private let context: Context

    init(_ context: Context) { self.context = context }

    /// The report on an error condition; `expression` is the top-level expression it came out of.
    func text(_ error: UncaughtError, inside expression: SourceSpan? = nil) -> String {
        let heading = ErrorReport.heading(
            error.condition.conditionMessage, call: error.condition.conditionCall, context)
        let causes = context.causes(of: error.condition).dropFirst() + "\n"
        let cause = causes == "\n" ? "" : String(causes)
        guard var origin = error.origin else { return emphasised(heading) + cause + place(expression) }
        if let better = MissingPlugins(context).hint(to: error.condition) { origin.hint = better }
        var text = emphasised(heading) + trail(origin) + cause
        if let span = origin.span {
            text += place(span) + caret(span)
        } else if let expression {
            text += place(expression)
            // A caret under all of a long expression would say nothing.
            if !expression.text.utf8.contains(UInt8(ascii: "\n")) { text += caret(expression) }
        }
        return text + hint(origin)
    }

    /// The report on an error that is no R condition, a syntax error mostly.
    func text(_ error: WorkbenchError) -> String {
        var heading = "Error: \(error.message)\n"
        if error.kind == .syntax, let span = error.span, let file = span.source.file {
            let position = span.position
            heading = "Error: \(file):\(position.line):\(position.column + 1): \(error.message)\n"
        }
        return emphasised(heading) + trail(error) + (error.span.map(caret) ?? "") + hint(error)
    }

    /// R's `Error in call : message`, the message on a line of its own if both would be too long for one.
    static func heading(_ message: String, call: Call?, _ context: Context) -> String {
        guard let call else { return "Error: \(message)\n" }
        let shown = context.shown(call)
        let firstLine = message.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false).first ?? ""
        let length = 14 + shown.unicodeScalars.count + firstLine.unicodeScalars.count
        return "Error in \(shown) : " + (length > 75 ? "\n  " : "") + message + "\n"
    }

    // MARK: Parts

    private func emphasised(_ heading: String) -> String {
        guard context.console.usesColor, heading.hasPrefix("Error") else { return heading }
        return "\u{1B}[1;31mError\u{1B}[0m" + heading.dropFirst(5)
    }

    private func trail(_ error: WorkbenchError) -> String {
        error.trail.map { ($0.hasPrefix("before ") ? "  " : "  in ") + $0 + "\n" }.joined()
    }

    private func hint(_ error: WorkbenchError) -> String {
        guard let hint = error.hint else { return "" }
        return context.console.usesColor ? "  \u{1B}[36mhint:\u{1B}[0m \(hint)\n" : "  hint: \(hint)\n"
    }

    /// File and line, for code that came from a file.
    private func place(_ span: SourceSpan?) -> String {
        guard let span, let file = span.source.file else { return "" }
        let plugin = context.registry.loadedPlugins.plugin(ofFile: file).map { " (\($0.title))" } ?? ""
        return "  at \(file):\(span.position.line)\(plugin)\n"
    }

    /// The source line and carets under the stretch; long lines are cut to a window around it.
    private func caret(_ span: SourceSpan) -> String {
        let (line, column) = span.position
        let source = span.source.line(line)
        guard !source.isEmpty else { return "" }
        let bytes = Array(source.utf8)
        let end = min(bytes.count, column + max(1, span.range.count))
        let before = String(decoding: bytes[..<min(column, bytes.count)], as: UTF8.self)
        let marked = String(
            decoding: bytes[min(column, bytes.count)..<max(end, min(column, bytes.count))], as: UTF8.self)
        let after = String(decoding: bytes[end...], as: UTF8.self)
        let number = String(line)
        let room = max(30, context.console.width - number.count - 6)
        var shown = before.expandingTabs() + marked.expandingTabs() + after.expandingTabs()
        var offset = before.expandingTabs().unicodeScalars.count
        var width = max(1, marked.expandingTabs().unicodeScalars.count)
        if shown.unicodeScalars.count > room {
            let start = max(0, min(offset - 10, shown.unicodeScalars.count - room))
            let scalars = Array(shown.unicodeScalars)
            let window = scalars[start..<min(scalars.count, start + room)]
            shown = (start > 0 ? "…" : "") + String(String.UnicodeScalarView(window))
            if start + room < scalars.count { shown += "…" }
            offset = offset - start + (start > 0 ? 1 : 0)
            width = min(width, max(1, room - max(0, offset)))
        }
        let margin = String(repeating: " ", count: number.count)
        var carets = String(repeating: "^", count: max(1, width))
        if context.console.usesColor { carets = "\u{1B}[31m\(carets)\u{1B}[0m" }
        return "  \(number) | \(shown)\n  \(margin) | \(String(repeating: " ", count: max(0, offset)))\(carets)\n"
    }
}

extension String {
    fileprivate func expandingTabs() -> String {
        String(String.UnicodeScalarView(unicodeScalars.map { $0 == "\t" ? " " : $0 }))
    }
}
