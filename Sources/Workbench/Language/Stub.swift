import Diagnostics
import PluginAPI

public struct ParsedExpression: @unchecked Sendable {
    public let value: Value
    public let span: SourceSpan
}
public enum ParseResult: @unchecked Sendable {
    case complete([ParsedExpression])
    case incomplete([ParsedExpression], WorkbenchError)
    case failure([ParsedExpression], WorkbenchError)
}
public func parse(_ source: SourceText) -> ParseResult { .complete([]) }
public func parseProgram(text: String, file: String?) throws -> [Value] { [] }
public func deparse(_ value: Value, _ options: DeparseOptions) -> [String] { [] }
