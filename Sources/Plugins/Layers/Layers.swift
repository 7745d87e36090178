import PluginAPI

/// The layers of `library(torch)`, and their functions `nnf_…`.
public enum Layers: Plugin {
    /// Name in `plugins()`.
    public static var name: String { "layers" }

    /// One line a file.
    public static func register(in registry: Registry) {
        let torch = registry.namespace("torch")
        registerLinear(torch)
        registerConvolutions(torch)
        registerBatchNormalization(torch)
        registerNormalization(torch)
        registerDropout(torch)
        registerPooling(torch)
        registerActivations(torch, registry.tensorMethods)
        registerSoftmax(torch, registry.tensorMethods)
        registerReshaping(torch)
        registerEmbedding(torch)
        registerResampling(torch)
        registerSimilarity(torch)
        registerInitialization(torch)
        registerGradientClipping(torch)
    }
}
