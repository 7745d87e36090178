import Tensors

extension ForeignObject {
    /// Runs a layer's computation as ``naming(_:_:)`` does; an error of its backward pass names the plug-in too.
    final func namingBackward(_ context: Context, _ body: () throws -> Value) throws -> Value {
        guard let entry = context.registry.loadedPlugins.plugin(plugin) else { return try body() }
        let start = Node.now()
        let result = try naming(context, body)
        if let node = result.asTensor?.node {
            node.claim(since: start, for: "\(entry.title), \(construction?.maker.function.name.name ?? "")(), backward")
        }
        return result
    }
}
