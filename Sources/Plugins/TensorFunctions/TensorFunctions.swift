import PluginAPI
import TensorCalls

/// `library(torch)`: what is computed of tensors.
public enum TensorFunctions: Plugin {
    /// Name in `plugins()`.
    public static var name: String { "tensor-functions" }

    /// Adds functions and methods of tensors.
    public static func register(in registry: Registry) {
        let torch = registry.namespace("torch")
        let table = TensorFunctionTable(torch, registry)
        registerRandom(torch, table)
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
        registerInPlace(table)
        registerReshapingInPlace(table)
        registerAutograd(torch, table)
    }
}
