import PluginAPI
import Tensors

/// Finishes a new tensor: device checked, gradient wish set.
package func finish(_ tensor: Tensor, _ args: Arguments) throws -> Value {
    try checkDevice(args["device"])
    if args.has("requires_grad"), try args.flag("requires_grad") { try tensor.requiresGrad_() }
    return .tensor(tensor)
}
