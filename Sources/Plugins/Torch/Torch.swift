import PluginAPI
import TensorCalls

/// `library(torch)`: tensors at the prompt, made, indexed, converted, printed and kept in files.
public enum Torch: Plugin {
    /// Name in `plugins()`.
    public static var name: String { "torch" }

    /// Adds functions, methods and operators of tensors.
    public static func register(in registry: Registry) {
        let torch = registry.namespace("torch")
        registerPipes(torch)
        registerDTypes(torch, registry)
        registerDevices(torch)
        registerCreation(torch)
        registerConversion(torch, TensorFunctionTable(torch, registry))
        registerPrinting(torch, registry)
        registerMembers(torch, registry)
        registerOperators(torch)
        registerIndexing(torch)
        registerThreads(torch)
        registerKernelOptions(registry)
        registry.aroundThreads = { context, body in try context.withGradMode(body) }
        registerSerialization(torch)
    }
}
