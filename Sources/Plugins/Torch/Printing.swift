import Diagnostics
import PluginAPI
import Tensors

/// `print()`, `str()` and `format()` of tensors.
func registerPrinting(_ torch: Namespace, _ registry: Registry) {
    torch.method(
        "print", for: "torch_tensor", [.value("x"), .value("n", 30, help: "lines shown at most, -1 for all"), .dots],
        visible: false
    ) { args in
        let limit = try args.int("n")
        args.context.console.write("torch_tensor\n" + (try tensorText(args[0].asTensor, lines: limit)) + "\n")
        return args[0]
    }
    torch.method("str", for: "torch_tensor", [.value("object"), .dots], visible: false) { args in
        args.context.console.write((args[0].asTensor?.summaryText ?? "undefined tensor") + "\n")
        return .null
    }
    torch.method("format", for: "torch_tensor", [.value("x"), .dots]) { args in
        .string(args[0].asTensor?.summaryText ?? "undefined tensor")
    }
    let print: Builtin.Implementation = { args in
        args.context.console.write(
            "torch_tensor\n" + (try tensorText(args[0].asTensor, lines: try args.int("n"))) + "\n")
        return args[0]
    }
    registry.tensorMethods.add(
        "print",
        Builtin(
            "print", namespace: "torch", [.value("self"), .value("n", 30)], help: "Prints the tensor", visible: false,
            print))
}

/// What print shows below the line `torch_tensor`.
private func tensorText(_ tensor: Tensor?, lines limit: Int) throws -> String {
    guard let tensor else { return "[ Tensor (undefined) ]" }
    // Cutting early: an element takes a line at most, so nothing past the limit can be seen. The format, however,
    // depends on all numbers of a matrix, so only whole leading slices can be left out.
    let text = try TensorText.lines(tensor)
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let footer = lines.removeLast()
    if limit >= 0, lines.count > limit {
        lines = Array(lines.prefix(limit)) + ["... [the output was truncated (use n=-1 to disable)]"]
    }
    var result = (lines + [footer]).joined(separator: "\n")
    if let node = tensor.node {
        result += "[ grad_fn = <\(node.name)> ]"
    } else if tensor.requiresGrad {
        result += "[ requires_grad = TRUE ]"
    }
    return result
}
