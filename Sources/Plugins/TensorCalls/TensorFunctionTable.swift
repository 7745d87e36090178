import Diagnostics
import PluginAPI
import Tensors

/// Registers each operation once for its forms: `torch_name(self, …)`, `x$name(…)` and, where there is one,
/// the form that changes the tensor, `x$name_(…)`.
package struct TensorFunctionTable {
    let torch: Namespace
    let methods: TensorMethods

    package init(_ torch: Namespace, _ registry: Registry) {
        self.torch = torch
        methods = registry.tensorMethods
    }

    /// `torch_name()` and `$name()`, also under other names.
    package func both(
        _ name: String, _ parameters: [Parameter], aliases: [String] = [], inPlace: Bool = false, help: String = "",
        _ implementation: @escaping Builtin.Implementation
    ) {
        for name in [name] + aliases {
            function("torch_" + name, parameters, help: help, implementation)
            method(name, parameters, help: help, implementation)
            guard inPlace else { continue }
            method(name + "_", parameters, help: help + ", in place") { args in
                guard let target = args[0].asTensor else { return try implementation(&args) }
                _ = try target.inPlace { _ in
                    guard let result = try implementation(&args).asTensor else {
                        throw WorkbenchError(.fault, "\(name)_ made no tensor")
                    }
                    return result
                }
                return args[0]
            }
        }
    }

    /// `torch_…()` alone, by its whole name.
    package func function(
        _ name: String, _ parameters: [Parameter], help: String = "",
        _ implementation: @escaping Builtin.Implementation
    ) {
        torch.function(name, parameters, help: help, implementation)
    }

    /// `$name()` alone.
    package func method(
        _ name: String, _ parameters: [Parameter], help: String = "", visible: Bool = true,
        _ implementation: @escaping Builtin.Implementation
    ) {
        methods.add(
            name,
            Builtin(name, namespace: "torch", parameters, help: help, visible: visible, implementation))
    }

    /// An operation of one tensor, in all three forms.
    package func unary(_ names: String..., operation: @escaping (Tensor) throws -> Tensor) {
        both(
            names[0], [.value("self")], aliases: Array(names.dropFirst()), inPlace: true,
            help: "Element-wise \(names[0])"
        ) { args in
            .tensor(try operation(try args.tensor("self")))
        }
    }
}
