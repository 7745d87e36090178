import PluginAPI

/// Where functions of plug-ins in R look up names that are not their own: torch, torchvision, luz and R itself, attached or
/// not, and nothing of the session. One environment for all plug-ins of a session.
final class PluginSurroundings {
    let environment: Environment
    /// The namespaces whose names are in it; the later hide the earlier, as if attached in this order.
    private let namespaces: [Namespace]

    private init(_ context: Context) {
        environment = Environment(parent: context.baseEnvironment, name: "imports")
        let registry = context.registry
        let attached = registry.namespaces.filter { $0.isAttachedAtStart && $0.name != "base" }
        let packages = ["torch", "torchvision", "luz"].compactMap { registry.existingNamespace($0) }
        // Base's own are copied so that one look is enough.
        namespaces = [registry.namespace("base")] + attached.reversed() + packages
        for namespace in namespaces {
            for symbol in namespace.environment.names() {
                if let value = namespace.environment.local(symbol) { environment.define(symbol, value) }
            }
        }
    }

    /// A session's.
    static func of(_ context: Context) -> PluginSurroundings {
        context.storage(PluginSurroundings.self) { PluginSurroundings(context) }
    }

    /// Takes over what a plug-in has put in the place of a name.
    func refresh(_ symbol: Symbol) {
        guard let home = namespaces.last(where: { $0.environment.local(symbol) != nil }),
            let value = home.environment.local(symbol)
        else { return }
        environment.define(symbol, value)
    }
}
