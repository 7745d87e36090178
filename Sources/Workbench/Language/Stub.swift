import PluginAPI

/// Source lines of a value.
public func deparse(_ value: Value, _ options: DeparseOptions) -> [String] { [] }
