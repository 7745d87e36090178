import Diagnostics
import PluginAPI
import TensorCalls
import Tensors

/// Determinants, inverses, norms of matrices, distances, Kronecker products.
func registerLinearAlgebra(_ table: TensorFunctionTable) {
    table.both("det", [.value("self")], help: "Determinants of matrices [*, n, n]") { args in
        .tensor(try args.tensor("self").det())
    }
    table.both("inverse", [.value("self")], help: "Inverses of matrices [*, n, n]") { args in
        .tensor(try args.tensor("self").inverse())
    }
    table.function("linalg_det", [.value("A")], help: "Determinants of matrices [*, n, n]") { args in
        .tensor(try args.tensor("A").det())
    }
    table.function("linalg_inv", [.value("A")], help: "Inverses of matrices [*, n, n]") { args in
        .tensor(try args.tensor("A").inverse())
    }
    table.function(
        "linalg_norm",
        [
            .value("A"), .value("ord", nil, help: "a number; \"fro\" for matrices"), .value("dim", nil),
            .value("keepdim", false), .value("dtype", nil),
        ], help: "Norm of a vector or matrix"
    ) { args in .tensor(try norm(args)) }
    table.both("kron", [.value("self"), .value("other")], help: "Kronecker product") { args in
        .tensor(try kronecker(try args.tensor("self"), try args.tensor("other")))
    }
    table.function(
        "torch_cdist", [.value("x1"), .value("x2"), .value("p", 2), .value("compute_mode", nil)],
        help: "Distances of each row of x1 to each row of x2"
    ) { args in
        let (a, b) = (try args.tensor("x1"), try args.tensor("x2"))
        let p = try args.real("p")
        guard a.dimensions >= 2, b.dimensions >= 2, a.shape[a.dimensions - 1] == b.shape[b.dimensions - 1] else {
            throw WorkbenchError(
                .shape, "X1 and X2 must have the same number of columns. X1: \(a.shape) X2: \(b.shape)",
                hint: "both are [*, rows, columns]")
        }
        guard p >= 0 else { throw WorkbenchError(.value, "cdist only supports non-negative p values") }
        return .tensor(try a.unsqueeze(-2).sub(b.unsqueeze(-3)).norm(p, dims: [-1]))
    }
}

private func norm(_ args: Arguments) throws -> Tensor {
    var x = try args.tensor("A")
    if let dtype = try args.dtype() { x = try x.to(dtype) }
    let dims = try args.dimensions("dim")
    let keepdim = try args.flag("keepdim")
    guard !args["ord"].isNull else { return try x.norm(2, dims: dims, keepdim: keepdim) }
    let isMatrix = dims.count == 2 || (dims.isEmpty && x.dimensions == 2)
    if case .character = args["ord"] {
        let word = try args.string("ord")
        if word == "nuc", isMatrix {
            let (rows, columns) = (try x.dimension(dims.first ?? 0), try x.dimension(dims.last ?? 1))
            let others = (0..<x.dimensions).filter { $0 != rows && $0 != columns }
            let sums = try x.permute(others + [rows, columns]).nuclearNorm()
            guard keepdim else { return sums }
            return try sums.reshape(
                x.shape.enumerated().map { $0.offset == rows || $0.offset == columns ? 1 : $0.element })
        }
        guard word == "fro", isMatrix else {
            throw WorkbenchError(
                .unsupported, "linalg_norm(): ord = \"\(word)\" is not supported here",
                hint: "\"fro\" and \"nuc\" for matrices; numbers for vectors; 1, -1, Inf, -Inf for matrices")
        }
        return try x.norm(2, dims: dims, keepdim: keepdim)
    }
    let order = try args.real("ord")
    guard isMatrix else { return try x.norm(order, dims: dims, keepdim: keepdim) }
    let rows = try x.dimension(dims.first ?? 0), columns = try x.dimension(dims.last ?? 1)
    guard abs(order) == 1 || order.isInfinite, rows != columns else {
        throw WorkbenchError(
            .unsupported, "linalg_norm(): ord = \(numberText(order)) of matrices is not supported",
            hint: "\"fro\", 1, -1, Inf or -Inf")
    }
    let sums = try x.abs().sum(dims: [abs(order) == 1 ? rows : columns], keepdim: true)
    let other = [abs(order) == 1 ? columns : rows]
    let result = order > 0 ? try sums.amax(dims: other, keepdim: true) : try sums.amin(dims: other, keepdim: true)
    return keepdim ? result : try result.squeeze(dims: [rows, columns])
}

private func kronecker(_ a: Tensor, _ b: Tensor) throws -> Tensor {
    let n = max(a.dimensions, b.dimensions)
    func padded(_ x: Tensor) -> [Int] { [Int](repeating: 1, count: n - x.dimensions) + x.shape }
    let (left, right) = (padded(a), padded(b))
    var outer: [Int] = []
    var inner: [Int] = []
    var sizes: [Int] = []
    for d in 0..<n {
        outer += [left[d], 1]
        inner += [1, right[d]]
        let (size, overflow) = left[d].multipliedReportingOverflow(by: right[d])
        guard !overflow else { throw WorkbenchError(.memory, "kron: the product is too large") }
        sizes.append(size)
    }
    return try a.reshape(outer).mul(b.reshape(inner)).reshape(sizes)
}
