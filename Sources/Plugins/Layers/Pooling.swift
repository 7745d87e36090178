import Diagnostics
import PluginAPI
import Tensors

private let windowParameters: [Parameter] = [
    .value("kernel_size", help: "side of the window, or c(height, width)"),
    .value("stride", nil, help: "pixels between windows; NULL for kernel_size"), .value("padding", 0),
    .value("dilation", 1), .value("return_indices", false), .value("ceil_mode", false),
]

private let averageParameters: [Parameter] = [
    .value("kernel_size"), .value("stride", nil), .value("padding", 0), .value("ceil_mode", false),
    .value("count_include_pad", true),
]

private func window(_ args: Arguments, dilated: Bool) throws -> PoolWindow {
    try PoolWindow(
        try extents(args, "kernel_size", 2), stride: args["stride"].isNull ? nil : try extents(args, "stride", 2),
        padding: try extents(args, "padding", 2, from: 0), dilation: dilated ? try extents(args, "dilation", 2) : [1],
        ceilMode: try args.flag("ceil_mode"))
}

/// Maximum and average over windows, and over a grid of given size.
func registerPooling(_ torch: Namespace) {
    torch.module(
        "nn_max_pool2d", inherits: ["nn_max_pool_nd"], windowParameters, inputs: [.value("input")],
        help: "Largest number of each window"
    ) { layer, args in
        let window = try window(args, dilated: true)
        let indices = try args.flag("return_indices")
        layer.describe { _ in indices ? nil : MaxPoolStage(window) }
        return { args, _ in try maxPool(try args.tensor("input"), window, indices: indices) }
    }
    for name in ["nnf_max_pool2d", "torch_max_pool2d"] {
        torch.function(name, [.value("input")] + windowParameters, help: "Largest number of each window") { args in
            try maxPool(
                try args.tensor("input"), try window(args, dilated: true), indices: try args.flag("return_indices"))
        }
    }
    torch.layer("nn_max_pool1d", inherits: ["nn_max_pool_nd"], windowParameters, help: "Largest number of each stretch")
    { _, args in
        let kernel = try args.int("kernel_size")
        let stride = try args.optionalInt("stride")
        let padding = try args.int("padding")
        let dilation = try args.int("dilation")
        let ceil = try args.flag("ceil_mode")
        return { x, _, _ in
            try x.maxPool1d(kernel, stride: stride, padding: padding, dilation: dilation, ceilMode: ceil)
        }
    }
    torch.layer(
        "nn_avg_pool2d", inherits: ["nn_avg_pool_nd"], averageParameters + [.value("divisor_override", nil)],
        help: "Mean of each window"
    ) { _, args in
        let window = try window(args, dilated: false)
        let include = try args.flag("count_include_pad")
        let divisor = try args.optionalInt("divisor_override")
        return { x, _, _ in try x.avgPool2d(window, countIncludePad: include, divisor: divisor) }
    }
    torch.function(
        "nnf_avg_pool2d", [.value("input")] + averageParameters + [.value("divisor_override", nil)],
        help: "Mean of each window"
    ) { args in
        .tensor(
            try args.tensor("input").avgPool2d(
                try window(args, dilated: false), countIncludePad: try args.flag("count_include_pad"),
                divisor: try args.optionalInt("divisor_override")))
    }
    torch.layer("nn_avg_pool1d", inherits: ["nn_avg_pool_nd"], averageParameters, help: "Mean of each stretch") {
        _, args in
        let kernel = try args.int("kernel_size")
        let stride = try args.optionalInt("stride")
        let padding = try args.int("padding")
        let ceil = try args.flag("ceil_mode")
        let include = try args.flag("count_include_pad")
        return { x, _, _ in
            try x.avgPool1d(kernel, stride: stride, padding: padding, ceilMode: ceil, countIncludePad: include)
        }
    }
    registerAdaptive(torch)
}

private func maxPool(_ x: Tensor, _ window: PoolWindow, indices: Bool) throws -> Value {
    guard indices else { return .tensor(try x.maxPool2d(window)) }
    let found = try x.maxPool2dWithIndices(window)
    return .tensors([found.values, try found.indices().add(Tensor(scalar: .int(1)))])
}

/// Sizes of the output: NULL or NA keeps the input's.
private func outputSize(_ args: Arguments) throws -> [Int?] {
    let numbers = try args.required("output_size")
    if case .list(let list) = numbers {
        return try list.elements.map { $0.isNull ? nil : try args.wholeNumbers(in: $0, "output_size")[0] }
    }
    let sizes: [Int?] = try numbers.asDoubles().elements.map { $0.isNaN ? nil : Int(exactly: $0) }
    return sizes.count == 1 ? [sizes[0], sizes[0]] : sizes
}

/// The largest numbers, and where they stand if wanted (from 1).
private func places(_ found: (values: Tensor, indices: Tensor), if wanted: Bool) throws -> Value {
    wanted
        ? .tensors([found.values, try found.indices.add(Tensor(scalar: .int(1)))]) : .tensor(found.values)
}

private func registerAdaptive(_ torch: Namespace) {
    torch.layer(
        "nn_adaptive_avg_pool2d", inherits: ["nn_adaptive_avg_pool_nd"],
        [.value("output_size", help: "side of the output, or c(height, width)")],
        help: "Means over a grid of given size"
    ) { _, args in
        let size = try outputSize(args)
        return { x, _, _ in try x.adaptiveAvgPool2d(size) }
    }
    torch.function(
        "nnf_adaptive_avg_pool2d", [.value("input"), .value("output_size")], help: "Means over a grid of given size"
    ) { args in
        .tensor(try args.tensor("input").adaptiveAvgPool2d(try outputSize(args)))
    }
    torch.layer(
        "nn_adaptive_avg_pool1d", inherits: ["nn_adaptive_avg_pool_nd"], [.value("output_size")],
        help: "Means over so many stretches"
    ) { _, args in
        let size = try args.int("output_size")
        return { x, _, _ in try x.adaptiveAvgPool1d(size) }
    }
    torch.module(
        "nn_adaptive_max_pool2d", inherits: ["nn_adaptive_max_pool_nd"],
        [.value("output_size"), .value("return_indices", false)], inputs: [.value("input")],
        help: "Largest numbers over a grid of given size"
    ) { _, args in
        let size = try outputSize(args)
        let indices = try args.flag("return_indices")
        return { args, _ in
            try places(try args.tensor("input").adaptiveMaxPool2d(size), if: indices)
        }
    }
    torch.function(
        "nnf_adaptive_max_pool2d", [.value("input"), .value("output_size"), .value("return_indices", false)],
        help: "Largest numbers over a grid of given size"
    ) { args in
        try places(
            try args.tensor("input").adaptiveMaxPool2d(try outputSize(args)), if: try args.flag("return_indices"))
    }
    torch.module(
        "nn_adaptive_max_pool1d", inherits: ["nn_adaptive_max_pool_nd"],
        [.value("output_size"), .value("return_indices", false)], inputs: [.value("input")],
        help: "Largest numbers over so many stretches"
    ) { _, args in
        let size = try args.int("output_size")
        let indices = try args.flag("return_indices")
        return { args, _ in
            try places(try args.tensor("input").adaptiveMaxPool1d(size), if: indices)
        }
    }
}
