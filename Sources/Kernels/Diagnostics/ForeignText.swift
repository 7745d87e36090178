/// What a file says, fit for an error of one line: control characters are written as `\\u{1B}`, and a long text ends in `…`.
/// A name in a file must neither move the cursor of a terminal nor fill its screen.
///
/// - Parameters:
///   - text: A message with names from a file in it.
///   - most: Characters of the line; it may be a little longer.
public func inOneLine(_ text: String, most: Int = 400) -> String {
    var line = ""
    var count = 0
    for scalar in text.unicodeScalars {
        guard count < most else { return line + "…" }
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .format:
            let digits = String(scalar.value, radix: 16, uppercase: true)
            line += "\\u{" + digits + "}"
            count += digits.utf8.count + 4
        default:
            line.unicodeScalars.append(scalar)
            count += 1
        }
    }
    return line
}

/// Runs a body that reads a file of unknown origin; the messages of its errors come ``inOneLine(_:most:)``.
public func readingForeignText<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try body() } catch var error as WorkbenchError {
        error.message = inOneLine(error.message, most: 800)
        error.hint = error.hint.map { inOneLine($0) }
        throw error
    }
}
