import Diagnostics
import PluginAPI
import Tensors

/// `x[…]` and `x[…] <- value`.
func registerIndexing(_ torch: Namespace) {
    torch.method("[", for: "torch_tensor", [.value("x"), .promiseDots, .value("drop", true)]) { args in
        let x = try args.tensor("x")
        let indices = try TensorIndexReader(shape: x.shape, context: args.context).read(args.dots)
        return .tensor(try subset(x, indices, drop: try args.flag("drop")))
    }
    torch.method("[<-", for: "torch_tensor", [.value("x"), .promiseDots, .value("value")]) { args in
        let x = try args.tensor("x")
        let indices = try TensorIndexReader(shape: x.shape, context: args.context).read(args.dots)
        let value = try context(args, value: args["value"], for: x)
        try assign(x, indices, value)
        return args[0]
    }
    torch.function(
        "slc", [.value("start"), .value("end"), .value("step", 1)],
        help: "A slice for x[…]: first and last element (both included) and step"
    ) { args in
        let end = try args.real("end")
        return .object(
            SliceObject(
                try checkedSlice(
                    try args.int("start"), end == .infinity ? nil : try args.int("end"), try args.int("step"))))
    }
    torch.object("newaxis", .null)
    torch.object("..", .object(SliceObject(.ellipsis)))
    torch.object("N", .number(.infinity))
    torch.method("rev", for: "torch_tensor", [.value("x")]) { args in
        let x = try args.tensor("x")
        guard x.dimensions <= 1 else {
            throw WorkbenchError(
                .shape, "rev() takes a tensor of one dimension, not of shape \(x.shape)",
                hint: "x$flip(1) turns the order along a dimension")
        }
        return .tensor(x.dimensions == 0 ? x : try x.flip([0]))
    }
    for name in ["head", "tail"] {
        torch.method(name, for: "torch_tensor", [.value("x"), .value("n", 6), .dots]) { args in
            let x = try args.tensor("x")
            guard x.dimensions > 0 else { throw WorkbenchError(.shape, "a 0-d tensor has no elements to take from") }
            let n = try args.int("n")
            let count = n >= 0 ? min(n, x.shape[0]) : max(0, x.shape[0] + n)
            return .tensor(try x.narrow(0, from: name == "head" ? 0 : x.shape[0] - count, length: count))
        }
    }
}

private func context(_ args: Arguments, value: Value, for x: Tensor) throws -> Tensor {
    if let tensor = value.asTensor { return tensor }
    guard value.isAtomic else {
        throw WorkbenchError(
            .type, "elements of a tensor can be set to numbers or tensors, not \(args.describe(value))")
    }
    let made = try tensorFromR(value, dtype: x.dtype, defaultType: x.dtype)
    return value.length == 1 && value.dim == nil ? try made.reshape([]) : made
}

/// Elements, slices and copies of a tensor.
private func subset(_ x: Tensor, _ indices: [TensorIndex], drop: Bool) throws -> Tensor {
    let tensors = indices.filter { if case .tensor = $0 { true } else { false } }
    if tensors.count > 1 { return try broadcastSubset(x, indices) }
    var result = x
    var d = 0
    for index in indices {
        switch index {
        case .all, .ellipsis: d += 1
        case .newAxis:
            result = try result.unsqueeze(d)
            d += 1
        case .slice(let start, let end, let step):
            let bounds = try sliceBounds(start, end, size: result.shape[d])
            result = try result.slice(d, from: bounds.from, to: bounds.to, step: step)
            d += 1
        case .element(let number):
            let place = try position(number, size: result.shape[d], dimension: d)
            if drop {
                result = try result.select(d, place)
            } else {
                result = try result.narrow(d, from: place, length: 1)
                d += 1
            }
        case .elements(let numbers):
            let places = try numbers.map { try position($0, size: result.shape[d], dimension: d) }
            result = try result.indexSelect(d, Tensor(places.map { Int64($0) }, shape: [places.count]))
            d += 1
        case .mask(let mask):
            result = try result.indexSelect(d, try places(of: mask, size: result.shape[d]))
            d += 1
        case .tensor(let tensor):
            result = try subset(result, d, tensor)
            d += tensor.dtype == .bool ? 1 : tensor.dimensions
        }
    }
    return result
}

/// Elements along dimension `d` by a tensor of indices or a mask.
private func subset(_ x: Tensor, _ d: Int, _ tensor: Tensor) throws -> Tensor {
    var list = [Tensor?](repeating: nil, count: d)
    list.append(try zeroBased(tensor))
    return try x.index(list)
}

/// Several tensors as indices are broadcast against each other, as in libtorch.
private func broadcastSubset(_ x: Tensor, _ indices: [TensorIndex]) throws -> Tensor {
    var list: [Tensor?] = []
    for (d, index) in indices.enumerated() {
        switch index {
        case .all, .ellipsis: list.append(nil)
        case .tensor(let tensor): list.append(try zeroBased(tensor))
        case .element(let number):
            list.append(
                try Tensor([Int64(try position(number, size: x.shape[min(d, x.dimensions - 1)], dimension: d))]))
        default:
            throw WorkbenchError(
                .unsupported, "slices and vectors beside several tensors in one index are not supported",
                hint: "index in two steps")
        }
    }
    return try x.index(list)
}

private func zeroBased(_ tensor: Tensor) throws -> Tensor {
    guard tensor.dtype != .bool else { return tensor }
    if tensor.count > 0, try tensor.eq(Tensor(scalar: .int(0))).any().item() == .bool(true) {
        throw WorkbenchError(.value, "Indexing in R is 1-based and found a 0.", hint: "the first element has index 1")
    }
    // Negative numbers count from the end already.
    let shifted = try tensor.sub(Tensor(scalar: .int(1)))
    return try Tensor.select(tensor.gt(Tensor(scalar: .int(0))), shifted, tensor)
}

private func position(_ number: Int, size: Int, dimension: Int) throws -> Int {
    let place = number > 0 ? number - 1 : size + number
    guard place >= 0, place < size else {
        throw WorkbenchError(
            .value, "index \(number) is out of bounds for dimension \(dimension + 1) with size \(size)")
    }
    return place
}

private func sliceBounds(_ start: Int?, _ end: Int?, size: Int) throws -> (from: Int, to: Int) {
    let from = start.map { $0 > 0 ? $0 - 1 : max(0, size + $0) } ?? 0
    let to = end.map { $0 > 0 ? min($0, size) : size + $0 + 1 } ?? size
    return (min(from, size), max(min(from, size), to))
}

private func places(of mask: [Bool], size: Int) throws -> Tensor {
    guard mask.count == size else {
        throw WorkbenchError(.shape, "a logical index of length \(mask.count) does not fit a dimension of size \(size)")
    }
    let places = mask.indices.filter { mask[$0] }.map { Int64($0) }
    return try Tensor(places, shape: [places.count])
}

/// Sets elements in place.
private func assign(_ x: Tensor, _ indices: [TensorIndex], _ given: Tensor) throws {
    // A batch of one fits where the one has its place, as in libtorch.
    let value = given.shape.first == 1 ? try given.reshape(Array(given.shape.drop { $0 == 1 })) : given
    // Plain indices make a view; what is left are vectors, masks and tensors along dimensions of the view.
    var target = x
    var list: [Tensor?] = []
    var d = 0
    for index in indices {
        switch index {
        case .all, .ellipsis:
            list.append(nil)
            d += 1
        case .newAxis:
            target = try target.unsqueeze(d)
            list.append(nil)
            d += 1
        case .slice(let start, let end, let step):
            let bounds = try sliceBounds(start, end, size: target.shape[d])
            target = try target.slice(d, from: bounds.from, to: bounds.to, step: step)
            list.append(nil)
            d += 1
        case .element(let number):
            target = try target.select(d, position(number, size: target.shape[d], dimension: d))
        case .elements(let numbers):
            let places = try numbers.map { Int64(try position($0, size: target.shape[d], dimension: d)) }
            list.append(try Tensor(places, shape: [places.count]))
            d += 1
        case .mask(let mask):
            list.append(try places(of: mask, size: target.shape[d]))
            d += 1
        case .tensor(let tensor):
            list.append(try zeroBased(tensor))
            d += index.dimensionsTaken
        }
    }
    let advanced = list.indices.filter { list[$0] != nil }
    guard let last = advanced.last else {
        _ = try target.copy_(value)
        return
    }
    if advanced.count > 1 {
        // R's outer indexing: each vector along a dimension of its own.
        for (place, dimension) in advanced.enumerated() {
            guard let index = list[dimension], index.dimensions == 1, index.dtype != .bool else {
                throw WorkbenchError(
                    .unsupported, "only one tensor is allowed in the index of an assignment",
                    hint: "assign in two steps")
            }
            var shape = [Int](repeating: 1, count: advanced.count)
            shape[place] = index.count
            list[dimension] = try index.reshape(shape)
        }
    }
    _ = try target.indexPut_(Array(list[...last]), value)
}
