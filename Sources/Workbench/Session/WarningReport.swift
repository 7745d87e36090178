import PluginAPI

/// How warnings look that were kept for the end of a top-level call.
struct WarningReport {
    private let context: Context

    init(_ context: Context) { self.context = context }

    func text(_ warnings: [Value], afterError: Bool) -> String {
        let lead = afterError ? "In addition: " : ""
        if warnings.count == 1 { return "\(lead)Warning message:\n\(line(warnings[0], number: nil))" }
        if warnings.count <= 10 {
            return "\(lead)Warning messages:\n"
                + warnings.enumerated().map { line($0.element, number: $0.offset + 1) }.joined()
        }
        if warnings.count < 50 {
            return "\(lead)There were \(warnings.count) warnings (use warnings() to see them)\n"
        }
        return "\(lead)There were 50 or more warnings (use warnings() to see the first 50)\n"
    }

    private func line(_ condition: Value, number: Int?) -> String {
        let prefix = number.map { "\($0): " } ?? ""
        let message = condition.conditionMessage
        guard let call = condition.conditionCall else { return "\(prefix)\(message) \n" }
        let shown = context.shown(call)
        let firstLine = message.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false).first ?? ""
        let length = (number == nil ? 6 : 10) + shown.unicodeScalars.count + firstLine.unicodeScalars.count
        return "\(prefix)In \(shown) :" + (length > 75 ? "\n  " : " ") + message + "\n"
    }
}
