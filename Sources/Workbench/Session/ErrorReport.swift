import Diagnostics
import PluginAPI

/// How errors look at the top level: R's own first line, the source line with a caret, then one hint.
struct ErrorReport {
    private let context: Context

    init(_ context: Context) { self.context = context }

    func text(_ error: UncaughtError) -> String {
        let message = error.condition.conditionMessage
        var text = ErrorReport.heading(message, call: error.condition.conditionCall, context)
        if let origin = error.origin {
            text += details(origin)
        }
        return text
    }

    func text(_ error: WorkbenchError) -> String {
        var heading = "Error: \(error.message)\n"
        if error.kind == .syntax, let span = error.span {
            let file = span.source.file.map { "\($0):" } ?? ""
            let position = span.position
            heading = "Error: \(file)\(position.line):\(position.column + 1): \(error.message)\n"
        }
        return heading + details(error)
    }

    /// R's `Error in call : message`, the message on a line of its own if both would be too long for one.
    static func heading(_ message: String, call: Call?, _ context: Context) -> String {
        guard let call, let shown = context.deparse(.call(call)).first else { return "Error: \(message)\n" }
        let firstLine = message.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false).first ?? ""
        let length = 14 + shown.unicodeScalars.count + firstLine.unicodeScalars.count
        return "Error in \(shown) : " + (length > 75 ? "\n  " : "") + message + "\n"
    }

    private func details(_ error: WorkbenchError) -> String {
        var text = ""
        for place in error.trail { text += "  in \(place)\n" }
        if let span = error.span { text += caret(span) }
        if let hint = error.hint { text += "  hint: \(hint)\n" }
        return text
    }

    /// The source line and carets under the stretch; long lines are cut to a window around it.
    private func caret(_ span: SourceSpan) -> String {
        let (line, column) = span.position
        let source = span.source.line(line)
        guard !source.isEmpty else { return "" }
        let bytes = Array(source.utf8)
        let end = min(bytes.count, column + max(1, span.range.count))
        let before = String(decoding: bytes[..<min(column, bytes.count)], as: UTF8.self)
        let marked = String(decoding: bytes[min(column, bytes.count)..<end], as: UTF8.self)
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
            width = min(width, room - max(0, offset))
        }
        let margin = String(repeating: " ", count: number.count)
        return "  \(number) | \(shown)\n  \(margin) | \(String(repeating: " ", count: max(0, offset)))"
            + "\(String(repeating: "^", count: max(1, width)))\n"
    }
}

extension String {
    fileprivate func expandingTabs() -> String {
        String(String.UnicodeScalarView(unicodeScalars.map { $0 == "\t" ? " " : $0 }))
    }
}
