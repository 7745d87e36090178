import PluginAPI
import TensorCalls
import Tensors

/// Views and copies in another shape.
func registerShaping(_ table: TensorFunctionTable) {
    let methods = table
    methods.method("size", [.value("self"), .value("dim", nil)], help: "Sizes, or the size of one dimension") { args in
        let x = try args.tensor("self")
        guard let d = try args.optionalDimension("dim") else { return .ints(x.shape) }
        return .int(x.shape[try x.dimension(d)])
    }
    methods.method("dim", [.value("self")], help: "Number of dimensions") { args in
        .int(try args.tensor("self").dimensions)
    }
    methods.method("ndimension", [.value("self")], help: "Number of dimensions") { args in
        .int(try args.tensor("self").dimensions)
    }
    methods.method("numel", [.value("self")], help: "Number of elements") { args in .int(try args.tensor("self").count)
    }
    methods.method("nelement", [.value("self")], help: "Number of elements") { args in
        .int(try args.tensor("self").count)
    }
    table.function("torch_numel", [.value("self")], help: "Number of elements") { args in
        .int(try args.tensor("self").count)
    }
    methods.method(
        "stride", [.value("self"), .value("dim", nil)], help: "Elements between neighbours along each dimension"
    ) { args in
        let x = try args.tensor("self")
        guard let d = try args.optionalDimension("dim") else { return .ints(x.strides) }
        return .int(x.strides[try x.dimension(d)])
    }
    methods.method("is_contiguous", [.value("self"), .dots], help: "Whether the elements lie in order without gaps") {
        args in
        .flag(try args.tensor("self").isContiguous)
    }
    methods.method("is_floating_point", [.value("self")], help: "Whether the elements are floating-point numbers") {
        args in
        .flag(try args.tensor("self").dtype.isReal)
    }
    methods.method("is_complex", [.value("self")], help: "Whether the elements are complex numbers: never") { _ in false
    }
    methods.method("view", [.value("self"), .value("size")], help: "The same elements in another shape; no copy") {
        args in
        let x = try args.tensor("self")
        if let dtype = try? args.dtype("size") { return .tensor(try x.to(dtype)) }
        return .tensor(try x.view(try args.sizes("size")))
    }
    table.both("reshape", [.value("self"), .value("shape")], help: "The elements in another shape") { args in
        .tensor(try args.tensor("self").reshape(try args.sizes("shape")))
    }
    for (name, like) in [("view_as", "other"), ("reshape_as", "other")] {
        methods.method(name, [.value("self"), .value(like)], help: "The elements in the shape of another tensor") {
            args in
            .tensor(try args.tensor("self").reshape(try args.tensor(like).shape))
        }
    }
    table.both(
        "flatten", [.value("self"), .value("start_dim", 1), .value("end_dim", -1)], help: "Several dimensions as one"
    ) { args in
        .tensor(try args.tensor("self").flatten(try args.dimension("start_dim"), try args.dimension("end_dim")))
    }
    table.both("ravel", [.value("self")], help: "All dimensions as one") { args in
        .tensor(try args.tensor("self").flatten())
    }
    table.both("unflatten", [.value("self"), .value("dim"), .value("sizes")], help: "One dimension as several") {
        args in
        .tensor(try args.tensor("self").unflatten(try args.dimension("dim"), try args.sizes("sizes")))
    }
    table.both("squeeze", [.value("self"), .value("dim", nil)], help: "Without dimensions of size 1") { args in
        .tensor(try args.tensor("self").squeeze(dims: try args.dimensions("dim")))
    }
    table.both("unsqueeze", [.value("self"), .value("dim")], help: "With a dimension of size 1 more") { args in
        .tensor(try args.tensor("self").unsqueeze(try args.dimension("dim")))
    }
    table.both("permute", [.value("self"), .value("dims")], help: "The dimensions in another order") { args in
        .tensor(try args.tensor("self").permute(try args.dimensions("dims")))
    }
    table.both(
        "transpose", [.value("self"), .value("dim0"), .value("dim1")], aliases: ["swapaxes", "swapdims"],
        help: "Two dimensions exchanged"
    ) { args in
        .tensor(try args.tensor("self").transpose(try args.dimension("dim0"), try args.dimension("dim1")))
    }
    table.both("t", [.value("self")], help: "The transpose of a matrix") { args in .tensor(try args.tensor("self").t())
    }
    table.both(
        "movedim", [.value("self"), .value("source"), .value("destination")], aliases: ["moveaxis"],
        help: "A dimension moved to another place"
    ) { args in
        .tensor(try args.tensor("self").movedim(try args.dimension("source"), try args.dimension("destination")))
    }
    methods.method(
        "expand", [.value("self"), .dots, .value("implicit", false)],
        help: "Dimensions of size 1 repeated without copying; −1 keeps a size"
    ) { args in
        .tensor(try args.tensor("self").expand(try args.sizes()))
    }
    methods.method("expand_as", [.value("self"), .value("other")], help: "Expanded to the shape of another tensor") {
        args in
        .tensor(try args.tensor("self").expand(try args.tensor("other").shape))
    }
    table.both("broadcast_to", [.value("self"), .value("size")], help: "Expanded to a shape") { args in
        .tensor(try args.tensor("self").expand(try args.sizes("size")))
    }
    methods.method("repeat", [.value("self"), .dots], help: "Copies along each dimension") { args in
        .tensor(try args.tensor("self").repeat(try args.sizes()))
    }
    table.both("tile", [.value("self"), .value("dims")], help: "Copies along each dimension") { args in
        let x = try args.tensor("self")
        let times = try args.sizes("dims")
        let padded = [Int](repeating: 1, count: max(0, x.dimensions - times.count)) + times
        return .tensor(try x.repeat(padded))
    }
    table.both(
        "repeat_interleave", [.value("self"), .value("repeats"), .value("dim", nil)], help: "Each element several times"
    ) { args in
        .tensor(try args.tensor("self").repeatInterleave(try args.int("repeats"), try args.optionalDimension("dim")))
    }
    methods.method(
        "unfold", [.value("self"), .value("dimension"), .value("size"), .value("step")],
        help: "Windows along a dimension, as a view"
    ) { args in
        .tensor(
            try args.tensor("self").unfold(
                try args.dimension("dimension"), size: try args.int("size"), step: try args.int("step")))
    }
    table.both("clone", [.value("self"), .value("memory_format", nil)], help: "A copy that gradients pass through") {
        args in
        .tensor(try args.tensor("self").clone())
    }
    for (name, make) in [("new_zeros", 0), ("new_ones", 1), ("new_empty", 0)] as [(String, Int64)] {
        methods.method(
            name,
            [
                .value("self"), .value("size"), .value("dtype", nil), .value("device", nil),
                .value("requires_grad", false),
            ], help: "A tensor of the same type"
        ) { args in
            try finish(
                try Tensor.full(try args.sizes("size"), .int(make), try args.dtype() ?? args.tensor("self").dtype), args
            )
        }
    }
    methods.method(
        "new_full",
        [
            .value("self"), .value("size"), .value("fill_value"), .value("dtype", nil), .value("device", nil),
            .value("requires_grad", false),
        ], help: "A tensor of the same type full of one number"
    ) { args in
        try finish(
            try Tensor.full(
                try args.sizes("size"), try args.scalar("fill_value"), try args.dtype() ?? args.tensor("self").dtype),
            args)
    }
}

/// `$squeeze_()`, `$unsqueeze_()`, `$transpose_()`, `$t_()`: the tensor itself gets another shape.
func registerReshapingInPlace(_ table: TensorFunctionTable) {
    func reshaping(_ name: String, _ parameters: [Parameter], _ operation: @escaping (Arguments) throws -> Tensor) {
        table.method(name, [.value("self")] + parameters, help: "Changes the tensor's shape") { args in
            let x = try args.tensor("self")
            x.setData(try operation(args))
            return args[0]
        }
    }
    reshaping("squeeze_", [.value("dim", nil)]) { args in
        try args.tensor("self").squeeze(dims: try args.dimensions("dim"))
    }
    reshaping("unsqueeze_", [.value("dim")]) { args in
        try args.tensor("self").unsqueeze(try args.dimension("dim"))
    }
    reshaping("transpose_", [.value("dim0"), .value("dim1")]) { args in
        try args.tensor("self").transpose(try args.dimension("dim0"), try args.dimension("dim1"))
    }
    reshaping("t_", []) { args in try args.tensor("self").t() }
}

/// Several tensors as one, one as several.
func registerJoining(_ table: TensorFunctionTable) {
    table.function(
        "torch_cat", [.value("tensors"), .value("dim", 1)], help: "Tensors one after the other along a dimension"
    ) { args in
        .tensor(try Tensor.cat(try args.tensorList("tensors"), try args.dimension("dim")))
    }
    table.function(
        "torch_concat", [.value("tensors"), .value("dim", 1)], help: "Tensors one after the other along a dimension"
    ) { args in
        .tensor(try Tensor.cat(try args.tensorList("tensors"), try args.dimension("dim")))
    }
    table.function("torch_stack", [.value("tensors"), .value("dim", 1)], help: "Tensors along a new dimension") {
        args in
        .tensor(try Tensor.stack(try args.tensorList("tensors"), try args.dimension("dim")))
    }
    for (name, d) in [("torch_vstack", 0), ("torch_hstack", 1), ("torch_dstack", 2)] {
        table.function(name, [.value("tensors")], help: "Tensors one after the other along dimension \(d + 1)") {
            args in
            let tensors = try args.tensorList("tensors").map { tensor -> Tensor in
                var x = tensor
                while x.dimensions < d + (d == 1 ? 0 : 1) {
                    x = d == 0 ? try x.unsqueeze(0) : try x.unsqueeze(x.dimensions == 1 && d == 2 ? 0 : -1)
                }
                return d == 0 && x.dimensions < 2 ? try x.unsqueeze(0) : x
            }
            return .tensor(try Tensor.cat(tensors, min(d, (tensors.first?.dimensions ?? 1) - 1)))
        }
    }
    table.both("chunk", [.value("self"), .value("chunks"), .value("dim", 1)], help: "A list of so many parts") { args in
        .tensors(try args.tensor("self").chunk(try args.int("chunks"), try args.dimension("dim")))
    }
    table.both(
        "split", [.value("self"), .value("split_size"), .value("dim", 1)],
        help: "A list of parts of a size, or of several sizes"
    ) { args in
        let x = try args.tensor("self")
        let sizes = try args.wholeNumbers("split_size")
        let d = try args.dimension("dim")
        return .tensors(sizes.count == 1 ? try x.split(sizes[0], d) : try x.split(sizes: sizes, d))
    }
    table.both("unbind", [.value("self"), .value("dim", 1)], help: "A list of slices along a dimension") { args in
        .tensors(try args.tensor("self").unbind(try args.dimension("dim")))
    }
    table.both("flip", [.value("self"), .value("dims")], help: "Reversed along dimensions") { args in
        .tensor(try args.tensor("self").flip(try args.dimensions("dims")))
    }
    table.both("fliplr", [.value("self")], help: "Reversed along the second dimension") { args in
        .tensor(try args.tensor("self").flip([1]))
    }
    table.both("flipud", [.value("self")], help: "Reversed along the first dimension") { args in
        .tensor(try args.tensor("self").flip([0]))
    }
    table.both("roll", [.value("self"), .value("shifts"), .value("dims", nil)], help: "Shifted in a circle") { args in
        .tensor(try args.tensor("self").roll(try args.wholeNumbers("shifts"), try args.dimensions("dims")))
    }
    table.both("tril", [.value("self"), .value("diagonal", 0)], inPlace: true, help: "The lower triangle, zeros above")
    { args in
        .tensor(try args.tensor("self").tril(try args.int("diagonal")))
    }
    table.both("triu", [.value("self"), .value("diagonal", 0)], inPlace: true, help: "The upper triangle, zeros below")
    { args in
        .tensor(try args.tensor("self").triu(try args.int("diagonal")))
    }
    table.both(
        "diag", [.value("self"), .value("diagonal", 0)], help: "The diagonal of a matrix, or a matrix of a diagonal"
    ) { args in
        .tensor(try args.tensor("self").diag(try args.int("diagonal")))
    }
    table.both(
        "diagonal", [.value("self"), .value("offset", 0), .value("dim1", 1), .value("dim2", 2)],
        help: "The diagonal, as a view"
    ) { args in
        .tensor(
            try args.tensor("self").diagonal(
                offset: try args.int("offset"), try args.dimension("dim1"), try args.dimension("dim2")))
    }
    table.both("trace", [.value("self")], help: "Sum of the diagonal") { args in
        .tensor(try args.tensor("self").trace())
    }
}
