import Diagnostics
import PluginAPI
import Tensors

/// `options(workbench.winograd = , workbench.fusion = , workbench.explain_kernels = )`: which kernels compute, and whether
/// they say so.
func registerKernelOptions(_ registry: Registry) {
    registry.optionChecks.addEffect("workbench.winograd") { value, context in
        context.tensors.kernels.winograd = try flag("workbench.winograd", value, "exact 3×3 convolutions")
    }
    registry.optionChecks.addEffect("workbench.fusion") { value, context in
        context.tensors.kernels.fusion = try flag("workbench.fusion", value, "layers one after the other")
    }
    registry.optionChecks.addEffect("workbench.explain_kernels") { value, context in
        let isOn = try flag("workbench.explain_kernels", value, "say which kernel computes what", otherwise: false)
        let console = context.console
        context.tensors.kernels.explain = isOn ? { console.writeError($0 + "\n") } : nil
    }
}

/// - Parameters:
///   - meaning: What the value that is not the default does.
///   - otherwise: The default, which `NULL` stands for.
private func flag(_ name: String, _ value: Value, _ meaning: String, otherwise: Bool = true) throws -> Bool {
    if value.isNull { return otherwise }
    guard value.length == 1, let first = try? value.asLogicals().elements.first, let flag = first else {
        throw WorkbenchError(
            .value, "invalid value for '\(name)'",
            hint: otherwise ? "TRUE (the default) or FALSE: \(meaning)" : "FALSE (the default) or TRUE: \(meaning)")
    }
    return flag
}
