import Diagnostics
import PluginAPI
import Tensors

/// One index in `x[…]`, read from the code: `2`, `1:N`, `1:9:2`, `..`, `newaxis`, `c(1, 3)`, a mask, a tensor.
enum TensorIndex {
    /// An empty argument: all of a dimension.
    case all
    /// `..`: all of the dimensions that the other indices leave.
    case ellipsis
    /// `newaxis` or `NULL`: a new dimension of size 1.
    case newAxis
    /// First and last element (from 1, negative from the end, both included) and step.
    case slice(start: Int?, end: Int?, step: Int)
    /// One element, from 1 or negative from the end: drops the dimension.
    case element(Int)
    /// Several elements, as R's outer indexing takes them.
    case elements([Int])
    /// R logicals.
    case mask([Bool])
    /// A tensor of indices (from 1) or a mask.
    case tensor(Tensor)

    /// How many dimensions of the tensor it takes.
    var dimensionsTaken: Int {
        switch self {
        case .ellipsis, .newAxis: return 0
        case .tensor(let tensor) where tensor.dtype == .bool: return tensor.dimensions
        default: return 1
        }
    }
}

/// The object behind `slc(start, end, step)` and `..`.
final class SliceObject: ForeignObject, @unchecked Sendable {
    let index: TensorIndex
    init(_ index: TensorIndex) { self.index = index }
    override var classes: [Text] { ["torch_slice"] }
}

/// Reads the indices of `x[…]`.
struct TensorIndexReader {
    let shape: [Int]
    let context: Context

    /// The indices, `..` spread out and missing ones at the end added.
    func read(_ arguments: [Argument]) throws -> [TensorIndex] {
        // Sizes of dimensions are needed for N, so positions are counted while reading; after `..` from the end.
        var indices: [TensorIndex] = []
        for (place, argument) in arguments.enumerated() {
            let taken = indices.reduce(0) { $0 + $1.dimensionsTaken }
            let dimension: Int
            if indices.contains(where: { if case .ellipsis = $0 { true } else { false } }) {
                dimension = shape.count - (arguments.count - place)
            } else {
                dimension = taken
            }
            let size = shape.indices.contains(dimension) ? shape[dimension] : 0
            indices.append(try index(argument.value, size: size))
        }
        let taken = indices.reduce(0) { $0 + $1.dimensionsTaken }
        guard taken <= shape.count else {
            throw WorkbenchError(
                .value, "too many indices for a tensor of dimension \(shape.count): got \(taken)",
                hint: "its shape is \(shapeText(shape))")
        }
        let missing = [TensorIndex](repeating: .all, count: shape.count - taken)
        if let place = indices.firstIndex(where: { if case .ellipsis = $0 { true } else { false } }) {
            indices.replaceSubrange(place...place, with: missing)
        } else {
            indices += missing
        }
        return indices
    }

    private func index(_ argument: Value, size: Int) throws -> TensorIndex {
        switch argument {
        case .missing: return .all
        case .promise(let promise):
            guard promise.value == nil, let environment = promise.environment else {
                return try index(of: try context.force(promise))
            }
            return try index(code: promise.expression, in: environment, size: size)
        default: return try index(of: argument)
        }
    }

    private func index(code: Value, in environment: Environment, size: Int) throws -> TensorIndex {
        switch code {
        case .symbol(let symbol):
            switch symbol.name {
            case "..": return .ellipsis
            case "newaxis": return .newAxis
            case "N": return .element(size)
            default: return try index(of: try context.evaluate(code, in: environment))
            }
        case .call(let call):
            if call.name?.name == ":", call.arguments.count == 2 {
                return try slice(call, in: environment, size: size)
            }
            return try index(of: try context.evaluate(code, in: masked(environment, size)))
        default: return try index(of: code)
        }
    }

    /// `N` inside a computed index is the dimension's size, as R torch's data mask has it.
    private func masked(_ environment: Environment, _ size: Int) -> Environment {
        let mask = Environment(parent: environment)
        mask.define(Symbol.named("N"), .number(Double(size)))
        return mask
    }

    private func slice(_ call: Call, in environment: Environment, size: Int) throws -> TensorIndex {
        var bounds = call.arguments
        var step = 1
        if case .call(let inner) = bounds[0].value, inner.name?.name == ":", inner.arguments.count == 2 {
            step = try bound(bounds[1].value, in: environment, size) ?? 1
            bounds = inner.arguments
        }
        return try checkedSlice(
            try bound(bounds[0].value, in: environment, size), try bound(bounds[1].value, in: environment, size), step)
    }

    private func bound(_ code: Value, in environment: Environment, _ size: Int) throws -> Int? {
        let value = try context.evaluate(code, in: masked(environment, size))
        if value.isNull { return nil }
        let number: Double
        if let tensor = value.asTensor {
            number = try tensor.to(.float64).toArray(of: Double.self).first ?? .nan
        } else {
            guard value.length == 1, let first = try? value.asDoubles().elements.first else {
                throw WorkbenchError(.type, "a bound of a slice must be one number")
            }
            number = first
        }
        if number == .infinity { return size }
        guard let whole = Int(exactly: number) else {
            throw WorkbenchError(.value, "a bound of a slice must be a whole number, not \(numberText(number))")
        }
        return whole
    }

    private func index(of value: Value) throws -> TensorIndex {
        switch value {
        case .null: return .newAxis
        case .missing: return .all
        case .object(let object):
            if let slice = object as? SliceObject { return slice.index }
            if let tensor = (object as? TensorObject)?.tensor { return try index(of: tensor) }
        case .logical(let mask):
            return .mask(
                try mask.elements.map { element in
                    guard let element else { throw WorkbenchError(.value, "an index cannot be NA") }
                    return element
                })
        case .integer, .double:
            let numbers = try value.asDoubles().elements.map { number -> Int in
                guard let whole = Int(exactly: number) else {
                    throw WorkbenchError(.value, "an index must be a whole number, not \(numberText(number))")
                }
                if whole == 0 {
                    throw WorkbenchError(
                        .value, "Indexing in R is 1-based and found a 0.", hint: "the first element has index 1")
                }
                return whole
            }
            return numbers.count == 1 ? .element(numbers[0]) : .elements(numbers)
        default: break
        }
        throw WorkbenchError(
            .type, "a tensor cannot be indexed by a value of type '\(value.typeName)'",
            hint: "numbers, 1:3, logicals, tensors, .. and newaxis can")
    }

    private func index(of tensor: Tensor) throws -> TensorIndex {
        if tensor.dtype == .bool { return .tensor(tensor) }
        guard tensor.dtype.isInteger else {
            throw WorkbenchError(
                .type, "a tensor used as index must hold whole numbers or truth values, not \(tensor.dtype.torchName)",
                hint: "convert it with $to(dtype = torch_long())")
        }
        if tensor.dimensions == 0, case .int(let number) = try tensor.item() {
            guard number != 0 else { throw WorkbenchError(.value, "Indexing in R is 1-based and found a 0.") }
            return .element(Int(number))
        }
        return .tensor(tensor)
    }
}

/// A slice whose bounds are no 0 and whose step is positive.
func checkedSlice(_ start: Int?, _ end: Int?, _ step: Int) throws -> TensorIndex {
    guard start != 0, end != 0 else {
        throw WorkbenchError(.value, "Indexing in R is 1-based and found a 0.", hint: "the first element has index 1")
    }
    guard step > 0 else { throw WorkbenchError(.value, "slice step must be positive, not \(step)") }
    return .slice(start: start, end: end, step: step)
}
