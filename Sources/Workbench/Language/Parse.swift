import Diagnostics
import RRuntime

/// A top-level expression and where it stands.
public struct ParsedExpression: Sendable {
    /// The expression: a constant, `.symbol` or `.call`.
    public let value: Value
    /// Its text.
    public let span: SourceSpan
}

/// What became of a text.
public enum ParseResult: Sendable {
    /// All of it, in order.
    case complete([ParsedExpression])
    /// It is right so far, but ends where more must follow: the prompt asks for another line. What is complete of it,
    /// and the error it is if no more comes.
    case incomplete([ParsedExpression], WorkbenchError)
    /// It is no R program. The expressions before the failing one, which R runs, and what is wrong.
    case failure([ParsedExpression], WorkbenchError)
}

/// A text as far as it could be read.
public struct ParsedProgram: Sendable {
    /// The complete expressions before the end or the failure: what R runs of a script before it stops.
    public var expressions: [ParsedExpression] = []
    /// Why it ends there, or nil.
    public var failure: SyntaxFailure?
    /// Warnings about numbers such as `1.5L`, in R's words.
    public var warnings: [String] = []

    /// The text ends where more must follow.
    public var isIncomplete: Bool { failure?.isIncomplete ?? false }
}

/// Reads a text: all of it, or what is wrong with it.
///
/// - Parameter source: R code in UTF-8; line ends of any kind.
/// - Returns: Calls carry spans; `function(…)` is a call of `function` with the parameters (``Formals/asValue``) and the
///   body, its span being the text of the whole function. The error's span is the token that R reports.
public func parse(_ source: SourceText) -> ParseResult {
    let program = parseProgram(source)
    guard let failure = program.failure else { return .complete(program.expressions) }
    return failure.isIncomplete
        ? .incomplete(program.expressions, failure.error) : .failure(program.expressions, failure.error)
}

/// Reads a text as far as it goes.
public func parseProgram(_ source: SourceText) -> ParsedProgram {
    var parser = Parser(source)
    var program = ParsedProgram()
    do {
        while let node = try parser.topLevel() {
            program.expressions.append(
                ParsedExpression(value: node.value, span: SourceSpan(source, node.range)))
        }
    } catch let failure as SyntaxFailure {
        program.failure = failure
    } catch {
        let fault = WorkbenchError(.fault, "\(error)")
        program.failure = SyntaxFailure(error: fault, position: nil, isIncomplete: false, lastLine: 1)
    }
    program.warnings = parser.stream.scanner.warnings
    return program
}

/// The expressions of a text.
/// - Throws: a `.syntax` error, also for a text that ends too early.
public func parseProgram(text: String, file: String? = nil) throws -> [Value] {
    let program = parseProgram(SourceText(text, file: file))
    if let failure = program.failure { throw failure.error }
    return program.expressions.map(\.value)
}

/// All tokens of a text, comments and newlines included, for highlighting and completion; never fails.
public func tokens(_ source: SourceText) -> [Token] {
    var scanner = Scanner(source)
    var result: [Token] = []
    while true {
        let lexeme = scanner.next(comments: true)
        if lexeme.kind == .endOfInput { return result }
        result.append(Token(kind: lexeme.kind, span: SourceSpan(source, lexeme.range)))
    }
}
