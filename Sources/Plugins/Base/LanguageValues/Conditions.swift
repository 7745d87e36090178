import PluginAPI

package func isCondition(_ value: Value) -> Bool { value.inherits("condition") }
