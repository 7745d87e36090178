import Diagnostics
import PluginAPI
public func parseProgram(text: String, file: String?) throws -> [Value] { [] }
public func deparse(_ value: Value, _ options: DeparseOptions) -> [String] { [] }
