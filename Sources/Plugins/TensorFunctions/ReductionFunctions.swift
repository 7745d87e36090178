import Diagnostics
import PluginAPI
import TensorCalls
import Tensors

/// Sums, means and the like over all or some dimensions.
func registerReductions(_ table: TensorFunctionTable) {
    let parameters: [Parameter] = [.value("self"), .value("dim", nil), .value("keepdim", false), .value("dtype", nil)]
    func reduction(
        _ name: String, help: String, _ operation: @escaping (Tensor, [Int], Bool, DType?) throws -> Tensor
    ) {
        table.both(name, parameters, help: help) { args in
            .tensor(
                try operation(
                    try args.tensor("self"), try args.dimensions("dim"), try args.flag("keepdim"), try args.dtype()))
        }
    }
    reduction("sum", help: "Sum") { try $0.sum(dims: $1, keepdim: $2, dtype: $3) }
    reduction("mean", help: "Mean") { x, dims, keepdim, dtype in
        guard x.dtype.isReal || dtype != nil else {
            throw WorkbenchError(
                .type,
                "mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. "
                    + "Got: \(x.dtype.torchName)", hint: "x$to(dtype = torch_float())$mean()")
        }
        return try x.mean(dims: dims, keepdim: keepdim, dtype: dtype)
    }
    reduction("prod", help: "Product") { x, dims, keepdim, dtype in
        try (dtype.map { try x.to($0) } ?? x).prod(dims: dims, keepdim: keepdim)
    }
    reduction("nansum", help: "Sum, NaN left out") { x, dims, keepdim, dtype in
        try x.nanToNum(nan: 0, posinf: .infinity, neginf: -.infinity).sum(dims: dims, keepdim: keepdim, dtype: dtype)
    }
    reduction("any", help: "Whether one is not zero") { x, dims, keepdim, _ in try x.any(dims: dims, keepdim: keepdim) }
    reduction("all", help: "Whether all are not zero") { x, dims, keepdim, _ in try x.all(dims: dims, keepdim: keepdim)
    }
    reduction("amax", help: "Largest number") { x, dims, keepdim, _ in try x.amax(dims: dims, keepdim: keepdim) }
    reduction("amin", help: "Smallest number") { x, dims, keepdim, _ in try x.amin(dims: dims, keepdim: keepdim) }
    reduction("logsumexp", help: "log(Σ exp(x))") { x, dims, keepdim, _ in try x.logsumexp(dims: dims, keepdim: keepdim)
    }
    table.both("count_nonzero", [.value("self"), .value("dim", nil)], help: "How many are not zero") { args in
        .tensor(try args.tensor("self").countNonzero(dims: try args.dimensions("dim")))
    }
    registerSpread(table)
}

private func registerSpread(_ table: TensorFunctionTable) {
    let parameters: [Parameter] = [
        .value("self"), .value("dim", nil), .value("unbiased", true), .value("keepdim", false),
        .value("correction", nil),
    ]
    /// `x$std(TRUE)` and `x$std(dim = 1)`: a truth value in second place is `unbiased`.
    func spread(_ name: String, _ operation: @escaping (Tensor, [Int], Double, Bool) throws -> Tensor) {
        table.both(name, parameters, help: name == "std" ? "Standard deviation" : "Variance") { args in
            var dims: [Int] = []
            var unbiased = try args.flag("unbiased")
            if case .logical = args["dim"] {
                unbiased = try args.flag("dim")
            } else {
                dims = try args.dimensions("dim")
            }
            let correction = try args.optionalReal("correction") ?? (unbiased ? 1 : 0)
            return .tensor(try operation(try args.tensor("self"), dims, correction, try args.flag("keepdim")))
        }
    }
    spread("std") { try $0.std(dims: $1, correction: $2, keepdim: $3) }
    spread("var") { try $0.variance(dims: $1, correction: $2, keepdim: $3) }
    table.both(
        "norm", [.value("self"), .value("p", 2), .value("dim", nil), .value("keepdim", false), .value("dtype", nil)],
        help: "The p-norm"
    ) { args in
        let x = try args.tensor("self")
        let p: Double
        if case .character = args["p"] {
            guard try args.string("p") == "fro" else {
                throw WorkbenchError(
                    .value, "the norm \"\(try args.string("p"))\" is not known", hint: "a number, Inf or \"fro\"")
            }
            p = 2
        } else {
            p = try args.optionalReal("p") ?? 2
        }
        return .tensor(try x.norm(p, dims: try args.dimensions("dim"), keepdim: try args.flag("keepdim")))
    }
    table.both("dist", [.value("self"), .value("other"), .value("p", 2)], help: "The p-norm of the difference") {
        args in
        .tensor(try args.tensor("self").sub(try args.tensor("other")).norm(try args.real("p")))
    }
}

/// Reductions with indices, and running ones.
func registerReductionsAlongDimension(_ table: TensorFunctionTable) {
    let one = { try Tensor(scalar: .int(1)) }
    func extremum(
        _ name: String, whole: @escaping (Tensor) throws -> Tensor, pair: @escaping (Tensor, Tensor) throws -> Tensor,
        along: @escaping (Tensor, Int, Bool) throws -> (values: Tensor, indices: Tensor)
    ) {
        table.both(
            name, [.value("self"), .value("dim", nil), .value("other", nil), .value("keepdim", false)],
            help: "The \(name) of all numbers, or along a dimension with indices from 1"
        ) { args in
            let x = try args.tensor("self")
            if let other = args["dim"].asTensor ?? args["other"].asTensor { return .tensor(try pair(x, other)) }
            guard let d = try args.optionalDimension("dim") else { return .tensor(try whole(x)) }
            let found = try along(x, d, try args.flag("keepdim"))
            return .tensors([found.values, try found.indices.add(one())])
        }
    }
    extremum("max", whole: { try $0.amax() }, pair: { try $0.maximum($1) }) { try $0.max($1, keepdim: $2) }
    extremum("min", whole: { try $0.amin() }, pair: { try $0.minimum($1) }) { try $0.min($1, keepdim: $2) }
    let place: [Parameter] = [.value("self"), .value("dim", nil), .value("keepdim", false)]
    table.both("argmax", place, help: "Index (from 1) of the largest number") { args in
        .tensor(
            try args.tensor("self").argmax(try args.optionalDimension("dim"), keepdim: try args.flag("keepdim")).add(
                one()))
    }
    table.both("argmin", place, help: "Index (from 1) of the smallest number") { args in
        .tensor(
            try args.tensor("self").argmin(try args.optionalDimension("dim"), keepdim: try args.flag("keepdim")).add(
                one()))
    }
    table.both("median", [.value("self"), .value("dim", nil), .value("keepdim", false)], help: "The lower median") {
        args in
        let x = try args.tensor("self")
        guard let d = try args.optionalDimension("dim") else { return .tensor(try x.median()) }
        let found = try x.median(d, keepdim: try args.flag("keepdim"))
        return .tensors([found.values, try found.indices.add(one())])
    }
    table.both(
        "quantile",
        [.value("self"), .value("q"), .value("dim", nil), .value("keepdim", false), .value("interpolation", "linear")],
        help: "A quantile; interpolation is linear, lower, higher, midpoint or nearest"
    ) { args in
        let x = try args.tensor("self")
        let dim = try args.optionalDimension("dim")
        let name = try args.string("interpolation")
        guard let between = QuantileInterpolation(rawValue: name) else {
            throw WorkbenchError(
                .value,
                "quantile() interpolation must be one of linear, lower, higher, midpoint or nearest, but got \(name)")
        }
        if let q = args["q"].asTensor, q.dimensions > 0 {
            return .tensor(
                try Tensor.stack(
                    q.to(.float64).toArray(of: Double.self).map {
                        try x.quantile($0, dim, keepdim: try args.flag("keepdim"), between: between)
                    }))
        }
        return .tensor(try x.quantile(try args.real("q"), dim, keepdim: try args.flag("keepdim"), between: between))
    }
    let along: [Parameter] = [.value("self"), .value("dim"), .value("dtype", nil)]
    table.both("cumsum", along, inPlace: true, help: "Running sums along a dimension") { args in
        let x = try args.tensor("self")
        return .tensor(try (try args.dtype().map { try x.to($0) } ?? x).cumsum(try args.dimension("dim")))
    }
    table.both("cumprod", along, inPlace: true, help: "Running products along a dimension") { args in
        let x = try args.tensor("self")
        return .tensor(try (try args.dtype().map { try x.to($0) } ?? x).cumprod(try args.dimension("dim")))
    }
}
