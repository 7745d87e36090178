import PluginAPI

/// `library(torch)`: tensors at the prompt.
public enum Torch: Plugin {
    /// Name in `plugins()`.
    public static var name: String { "torch" }

    /// Adds functions, methods and operators of tensors.
    public static func register(in registry: Registry) {
        let torch = registry.namespace("torch")
        registerPipes(torch)
        let table = TensorFunctionTable(torch, registry)
        registerDTypes(torch, registry)
        registerDevices(torch)
        registerCreation(torch)
        registerRandom(torch, table)
        registerConversion(torch, table)
        registerPrinting(torch, registry)
        registerMembers(torch, registry)
        registerUnary(table)
        registerBinary(table)
        registerComparison(table)
        registerReductions(table)
        registerReductionsAlongDimension(table)
        registerShaping(table)
        registerJoining(table)
        registerLinearAlgebra(table)
        registerEinsum(table)
        registerCounting(table)
        registerSelection(table)
        registerSorting(table)
        registerMatrices(table)
        registerOperators(torch)
        registerIndexing(torch)
        registerInPlace(table)
        registerReshapingInPlace(table)
        registerAutograd(torch, table)
        registerThreads(torch)
        registerSerialization(torch)
    }
}
