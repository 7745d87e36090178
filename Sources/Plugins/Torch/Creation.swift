import Diagnostics
import PluginAPI
import TensorCalls
import Tensors

private let factoryParameters: [Parameter] = [
    .value("dtype", nil, help: "element type, e.g. torch_float()"), .value("layout", nil),
    .value("device", nil, help: "\"cpu\""), .value("requires_grad", false),
]

/// `torch_tensor()`, `torch_zeros()`, `torch_arange()`, …
func registerCreation(_ torch: Namespace) {
    torch.function(
        "torch_tensor",
        [
            .value("data", help: "numbers, logicals, a matrix or array; a list of equal parts is stacked"),
            .value("dtype", nil), .value("device", nil), .value("requires_grad", false), .value("pin_memory", false),
        ], help: "A tensor of R values"
    ) { args in
        let dtype = try args.dtype()
        let data = try args.required("data")
        try warnAboutMissing(data, dtype, args)
        return try finish(try tensor(from: data, dtype, args), args)
    }
    torch.function(
        "torch_scalar_tensor",
        [.value("value"), .value("dtype", nil), .value("device", nil), .value("requires_grad", false)],
        help: "A tensor without dimensions"
    ) { args in
        let made = try tensor(from: try args.required("value"), try args.dtype(), args)
        guard made.count == 1 else {
            throw WorkbenchError(.value, "values must be length 1, not \(made.count)")
        }
        return try finish(try made.reshape([]), args)
    }
    let fills: [(String, Int64)] = [("torch_zeros", 0), ("torch_ones", 1)]
    for (name, number) in fills {
        torch.function(
            name, [.dots, .value("names", nil)] + factoryParameters,
            help: "A tensor full of \(number); sizes c(2, 3) or 2, 3"
        ) { args in
            let dtype = try args.dtype() ?? args.context.tensors.defaultType
            return try finish(try Tensor.full(try args.sizes(), .int(number), dtype), args)
        }
    }
    torch.function(
        "torch_empty", [.dots, .value("names", nil)] + factoryParameters, help: "A tensor; the numbers are zero"
    ) {
        args in
        let dtype = try args.dtype() ?? args.context.tensors.defaultType
        return try finish(try Tensor.zeros(try args.sizes(), dtype), args)
    }
    torch.function(
        "torch_full", [.value("size"), .value("fill_value"), .value("names", nil)] + factoryParameters,
        help: "A tensor full of one number"
    ) { args in
        let number = try args.scalar("fill_value")
        let natural: DType
        switch number {
        case .bool: natural = .bool
        case .int: natural = .int64
        case .double: natural = args.context.tensors.defaultType
        }
        return try finish(try Tensor.full(try args.sizes("size"), number, try args.dtype() ?? natural), args)
    }
    torch.function("torch_eye", [.value("n"), .value("m", nil)] + factoryParameters, help: "Ones on the diagonal") {
        args in
        let rows = try args.int("n")
        return try finish(
            try Tensor.eye(rows, try args.optionalInt("m"), try args.dtype() ?? args.context.tensors.defaultType), args)
    }
    registerRanges(torch)
    registerLike(torch)
}

private func registerRanges(_ torch: Namespace) {
    let arange: Builtin.Implementation = { args in
        var start = try args.real("start")
        var end: Double
        if let given = try args.optionalReal("end") {
            end = given
        } else {
            end = start
            start = 1
        }
        let step = try args.real("step")
        guard step != 0, step.isFinite, start.isFinite, end.isFinite else {
            throw WorkbenchError(.value, "step must be nonzero, and the bounds finite")
        }
        guard (end - start) * step >= 0 else {
            throw WorkbenchError(.value, "upper bound and lower bound inconsistent with step sign")
        }
        // The end belongs to the range, as in R.
        let count = ((end - start) / step + 1e-9).rounded(.down) + 1
        guard count <= 1e12, let steps = Int(exactly: count) else {
            throw WorkbenchError(.memory, "a range of \(numberText(count)) numbers is too long")
        }
        try MemoryDoor.check(count: steps, elementBytes: 16)
        end = start + step * Double(steps - 1)
        let dtype = try args.dtype() ?? args.context.tensors.defaultType
        let values = (0..<steps).map { start + step * Double($0) }
        return try finish(try Tensor(values, shape: [steps]).to(dtype), args)
    }
    for name in ["torch_arange", "torch_range"] {
        torch.function(
            name, [.value("start"), .value("end", nil), .value("step", 1)] + factoryParameters,
            help: "start, start + step, … up to and with end; one argument counts from 1", arange)
    }
    torch.function(
        "torch_linspace", [.value("start"), .value("end"), .value("steps", 100)] + factoryParameters,
        help: "Evenly spaced numbers, both ends included"
    ) { args in
        try finish(
            try Tensor.linspace(
                try args.real("start"), try args.real("end"), steps: try args.int("steps"),
                try args.dtype() ?? args.context.tensors.defaultType), args)
    }
    torch.function(
        "torch_logspace",
        [.value("start"), .value("end"), .value("steps", 100), .value("base", 10)] + factoryParameters,
        help: "Numbers base^start … base^end, evenly spaced exponents"
    ) { args in
        let exponents = try Tensor.linspace(
            try args.real("start"), try args.real("end"), steps: try args.int("steps"), .float64)
        let base = try Tensor(scalar: .double(try args.real("base")))
        return try finish(
            try base.pow(exponents).to(try args.dtype() ?? args.context.tensors.defaultType), args)
    }
}

private func registerLike(_ torch: Namespace) {
    let parameters: [Parameter] = [
        .value("input"), .value("dtype", nil), .value("layout", nil), .value("device", nil),
        .value("requires_grad", false), .value("memory_format", nil),
    ]
    torch.function("torch_zeros_like", parameters, help: "Zeros in the shape of a tensor") { args in
        try finish(try args.tensor("input").zerosLike(try args.dtype()), args)
    }
    torch.function("torch_ones_like", parameters, help: "Ones in the shape of a tensor") { args in
        try finish(try args.tensor("input").onesLike(try args.dtype()), args)
    }
    torch.function("torch_empty_like", parameters, help: "A tensor in the shape of another; the numbers are zero") {
        args in
        try finish(try args.tensor("input").zerosLike(try args.dtype()), args)
    }
    torch.function(
        "torch_full_like", [parameters[0], .value("fill_value")] + parameters.dropFirst(),
        help: "One number in the shape of a tensor"
    ) { args in
        try finish(try args.tensor("input").fullLike(try args.scalar("fill_value"), try args.dtype()), args)
    }
}

/// A tensor of an R value; lists of equal tensors, vectors or lists are stacked. R doubles become float32 whatever the
/// default type is, as in R torch.
func tensor(from value: Value, _ dtype: DType?, _ args: Arguments) throws -> Tensor {
    if let tensor = value.asTensor { return try tensor.detached().to(dtype ?? tensor.dtype, copy: true) }
    if case .list(let list) = value {
        guard !list.isEmpty else { return try Tensor.zeros([0], dtype ?? .float32) }
        let parts = try list.elements.map { element in
            let part = try tensor(from: element, dtype, args)
            return element.asTensor == nil && element.length == 1 && element.isAtomic ? try part.reshape([]) : part
        }
        guard parts.allSatisfy({ $0.shape == parts[0].shape }) else {
            throw WorkbenchError(
                .shape,
                "the elements of the list have different shapes: "
                    + parts.map { "[\($0.shape.map { String($0) }.joined(separator: ", "))]" }.joined(separator: ", "))
        }
        return try Tensor.stack(parts)
    }
    if case .object(let object) = value {
        throw WorkbenchError(
            .type, "a tensor cannot be made of a <\(object.classes.first?.string ?? "object")>")
    }
    if value.inherits("factor") {
        return try tensorFromR(value.bare, dtype: dtype, defaultType: .float32)
    }
    if value.inherits("data.frame") {
        throw WorkbenchError(.type, "a tensor cannot be made of a data.frame", hint: "use as.matrix() first")
    }
    return try tensorFromR(value, dtype: dtype, defaultType: .float32)
}

/// Whole numbers and truth values of a tensor cannot be NA: what becomes of them is said, R torch does not.
private func warnAboutMissing(_ data: Value, _ dtype: DType?, _ args: Arguments) throws {
    guard !(dtype?.isReal ?? false) else { return }
    let becomes: String
    switch data {
    case .logical(let v) where v.elements.contains { $0 == nil }: becomes = "FALSE"
    case .integer(let v) where v.elements.contains { $0 == nil }: becomes = "-2147483648"
    default: return
    }
    try args.context.warn(
        "NA becomes \(becomes) in a tensor of type \(becomes == "FALSE" ? "bool" : "long"); dtype = torch_float() makes it NaN",
        call: args.call)
}
