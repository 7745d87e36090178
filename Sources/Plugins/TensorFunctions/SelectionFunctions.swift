import Diagnostics
import PluginAPI
import TensorCalls
import Tensors

/// Indices counted from 1, for the tensor library that counts from 0.
func zeroBasedIndex(_ args: Arguments, _ name: String) throws -> Tensor {
    let index = try args.tensor(name)
    let whole = index.dtype.isReal ? try index.to(.int64) : index
    if whole.count > 0, whole.dtype != .bool, try whole.eq(Tensor(scalar: .int(0))).any().item() == .bool(true) {
        throw WorkbenchError(.value, "Indexing starts at 1 but found a 0.", hint: "the first element has index 1")
    }
    return try whole.sub(Tensor(scalar: .int(1)))
}

/// Elements by index or mask.
func registerSelection(_ table: TensorFunctionTable) {
    let one = { try Tensor(scalar: .int(1)) }
    table.both("index_select", [.value("self"), .value("dim"), .value("index")], help: "Slices by index") { args in
        .tensor(try args.tensor("self").indexSelect(try args.dimension("dim"), try zeroBasedIndex(args, "index")))
    }
    table.both(
        "gather", [.value("self"), .value("dim"), .value("index"), .value("sparse_grad", false)],
        help: "Elements by index along a dimension"
    ) { args in
        .tensor(try args.tensor("self").gather(try args.dimension("dim"), try zeroBasedIndex(args, "index")))
    }
    table.both(
        "scatter",
        [
            .value("self"), .value("dim"), .value("index"), .value("src", nil), .value("value", nil),
            .value("reduce", nil),
        ], inPlace: true, help: "With elements set by index along a dimension"
    ) { args in
        let x = try args.tensor("self")
        let d = try args.dimension("dim")
        let index = try zeroBasedIndex(args, "index")
        let source = args["src"].isNull ? args["value"] : args["src"]
        if let tensor = source.asTensor { return .tensor(try x.scatter(d, index, tensor)) }
        guard let number = try source.asScalar() else {
            throw WorkbenchError(.type, "`src` must be a tensor or a number, not \(args.describe(source))")
        }
        return .tensor(try x.scatter(d, index, number))
    }
    table.both(
        "scatter_add", [.value("self"), .value("dim"), .value("index"), .value("src")], inPlace: true,
        help: "With elements added by index along a dimension"
    ) { args in
        .tensor(
            try args.tensor("self").scatterAdd(
                try args.dimension("dim"), try zeroBasedIndex(args, "index"), try args.tensor("src")))
    }
    table.both(
        "index_add", [.value("self"), .value("dim"), .value("index"), .value("source"), .value("alpha", 1)],
        inPlace: true, help: "With slices added by index"
    ) { args in
        .tensor(
            try args.tensor("self").indexAdd(
                try args.dimension("dim"), try zeroBasedIndex(args, "index"), try args.tensor("source"),
                alpha: try args.real("alpha")))
    }
    table.both("take", [.value("self"), .value("index")], help: "Elements by their place in the flattened tensor") {
        args in
        .tensor(try args.tensor("self").take(try zeroBasedIndex(args, "index")))
    }
    table.both(
        "narrow", [.value("self"), .value("dim"), .value("start"), .value("length")],
        help: "A stretch along a dimension, as a view"
    ) { args in
        .tensor(
            try args.tensor("self").narrow(
                try args.dimension("dim"), from: try args.int("start") - 1, length: try args.int("length")))
    }
    table.both(
        "select", [.value("self"), .value("dim"), .value("index")], help: "One slice along a dimension, as a view"
    ) { args in
        let index = try args.int("index")
        guard index != 0 else { throw WorkbenchError(.value, "Indexing starts at 1 but found a 0.") }
        return .tensor(try args.tensor("self").select(try args.dimension("dim"), index > 0 ? index - 1 : index))
    }
    table.both(
        "masked_fill", [.value("self"), .value("mask"), .value("value")], inPlace: true,
        help: "With one number where a mask holds"
    ) { args in
        let (x, mask) = (try args.tensor("self"), try args.tensor("mask"))
        if let value = args["value"].asTensor, value.requiresGrad, value.count == 1, mask.dtype == .bool {
            return .tensor(try Tensor.select(mask, value.reshape([]).to(x.dtype), x))
        }
        return .tensor(try x.maskedFill(mask, try args.scalar("value")))
    }
    table.both("masked_select", [.value("self"), .value("mask")], help: "The elements where a mask holds") { args in
        .tensor(try args.tensor("self").maskedSelect(try args.tensor("mask")))
    }
    table.both(
        "nonzero", [.value("self"), .value("as_list", false)],
        help: "Indices (from 1) of the elements that are not zero"
    ) { args in
        let places = try args.tensor("self").nonzero().add(one())
        return try args.flag("as_list") ? .tensors(try places.unbind(1)) : .tensor(places)
    }
}

/// Sorting and the like; indices are counted from 1.
func registerSorting(_ table: TensorFunctionTable) {
    let one = { try Tensor(scalar: .int(1)) }
    table.both(
        "sort", [.value("self"), .value("dim", -1), .value("descending", false), .value("stable", true)],
        help: "Sorted numbers and their indices"
    ) { args in
        let x = try args.tensor("self")
        let d = x.dimensions == 0 ? -1 : try args.dimension("dim")
        let sorted = try x.sort(d, descending: try args.flag("descending"))
        return .tensors([sorted.values, try sorted.indices.add(one())])
    }
    table.both(
        "argsort", [.value("self"), .value("dim", -1), .value("descending", false)],
        help: "Indices that sort the numbers"
    ) { args in
        .tensor(
            try args.tensor("self").argsort(try args.dimension("dim"), descending: try args.flag("descending")).add(
                one()))
    }
    table.both(
        "topk", [.value("self"), .value("k"), .value("dim", -1), .value("largest", true), .value("sorted", true)],
        help: "The k largest numbers and their indices"
    ) { args in
        let found = try args.tensor("self").topk(
            try args.int("k"), try args.dimension("dim"), largest: try args.flag("largest"))
        return .tensors([found.values, try found.indices.add(one())])
    }
    table.both(
        "kthvalue", [.value("self"), .value("k"), .value("dim", -1), .value("keepdim", false)],
        help: "The k-th smallest number and its index"
    ) { args in
        let found = try args.tensor("self").kthvalue(
            try args.int("k"), try args.dimension("dim"), keepdim: try args.flag("keepdim"))
        return .tensors([found.values, try found.indices.add(one())])
    }
    table.function(
        "torch_unique2",
        [.value("self"), .value("sorted", true), .value("return_inverse", false), .value("return_counts", false)],
        help: "Distinct numbers, where each stands, how often"
    ) { args in
        let found = try args.tensor("self").unique()
        return .tensors([found.values, try found.inverse.add(one()), found.counts])
    }
    table.method("unique", [.value("self")], help: "Distinct numbers") { args in
        .tensor(try args.tensor("self").unique().values)
    }
}

/// Products of matrices.
func registerMatrices(_ table: TensorFunctionTable) {
    table.both("matmul", [.value("self"), .value("other")], help: "Matrix product") { args in
        .tensor(try args.tensor("self").matmul(try args.tensor("other")))
    }
    table.both("mm", [.value("self"), .value("mat2")], help: "Product of two matrices") { args in
        .tensor(try args.tensor("self").mm(try args.tensor("mat2")))
    }
    table.both("bmm", [.value("self"), .value("mat2")], help: "Products of two batches of matrices") { args in
        .tensor(try args.tensor("self").bmm(try args.tensor("mat2")))
    }
    table.both("mv", [.value("self"), .value("vec")], help: "Matrix times vector") { args in
        .tensor(try args.tensor("self").mv(try args.tensor("vec")))
    }
    table.both("dot", [.value("self"), .value("tensor")], help: "Inner product of two vectors") { args in
        .tensor(try args.tensor("self").dot(try args.tensor("tensor")))
    }
    table.both("outer", [.value("self"), .value("vec2")], aliases: ["ger"], help: "Outer product of two vectors") {
        args in
        .tensor(try args.tensor("self").outer(try args.tensor("vec2")))
    }
    table.both(
        "addmm", [.value("self"), .value("mat1"), .value("mat2"), .value("beta", 1), .value("alpha", 1)], inPlace: true,
        help: "beta · self + alpha · mat1 mat2"
    ) { args in
        .tensor(
            try args.tensor("self").addmm(
                try args.tensor("mat1"), try args.tensor("mat2"), beta: try args.real("beta"),
                alpha: try args.real("alpha")))
    }
}
