import Diagnostics
import PluginAPI
import Tensors

/// `nn_flatten()`, `nn_unflatten()`, `nn_identity()`, `nnf_pad()`.
func registerReshaping(_ torch: Namespace) {
    torch.layer("nn_flatten", [.value("start_dim", 2), .value("end_dim", -1.0)], help: "Several dimensions as one") {
        _, args in
        let start = try args.dimension("start_dim")
        let end = try args.dimension("end_dim")
        return { x, _, _ in try x.flatten(start, end) }
    }
    torch.layer("nn_unflatten", [.value("dim"), .value("unflattened_size")], help: "One dimension as several") {
        _, args in
        let d = try args.dimension("dim")
        let sizes = try args.wholeNumbers("unflattened_size")
        return { x, _, _ in try x.unflatten(d, sizes) }
    }
    torch.module("nn_identity", [.dots], inputs: [.value("input")], help: "Returns what it gets") { _, _ in
        { args, _ in try args.required("input") }
    }
    torch.function(
        "nnf_pad",
        [
            .value("input"), .value("pad", help: "left, right, top, bottom, …: last dimension first"),
            .value("mode", "constant"), .value("value", 0),
        ],
        help: "Adds numbers around a tensor"
    ) { args in
        let word = try args.string("mode")
        guard let mode = PadMode(rawValue: word) else {
            throw WorkbenchError(
                .value, "mode = \"\(word)\" is not known", hint: "constant, reflect, replicate or circular")
        }
        return .tensor(
            try args.tensor("input").pad(
                try args.wholeNumbers("pad"), mode: mode, value: try args.optionalReal("value") ?? 0))
    }
    torch.function(
        "nnf_one_hot", [.value("tensor"), .value("num_classes", -1.0)], help: "1 at the class (from 1), else 0"
    ) { args in
        let classes = try args.int("num_classes")
        return .tensor(try classIndex(args, "tensor").oneHot(classes: classes < 0 ? nil : classes))
    }
}

/// Class numbers from 1 as indices from 0.
func classIndex(_ args: Arguments, _ name: String) throws -> Tensor {
    let index = try args.tensor(name)
    let whole = index.dtype.isInteger ? index : try index.to(.int64)
    if whole.count > 0, try whole.lt(Tensor(scalar: .int(1))).any().item() == .bool(true) {
        let lowest = try whole.amin().item()
        throw WorkbenchError(
            .value, "Indexing starts at 1 but found a \(numberText(lowest)).",
            hint: "classes and indices are counted from 1")
    }
    return try whole.sub(Tensor(scalar: .int(1)))
}

private func numberText(_ scalar: Scalar) -> String {
    if case .int(let number) = scalar { return String(number) }
    return "\(scalar)"
}
