import PluginAPI

/// How errors in the functions that users give a data set of images name them.
extension Call {
    static let transform = Call("transform", [.symbol(Symbol.named("img"))])
    static let targetTransform = Call("target_transform", [.symbol(Symbol.named("target"))])
    static let isValidFile = Call("is_valid_file", [.symbol(Symbol.named("path"))])
    static let loader = Call("loader", [.symbol(Symbol.named("path"))])
}
