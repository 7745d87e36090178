import Diagnostics
import Tensors

/// Typed access to tensor arguments; dimensions and indices are counted from 1, as in R torch.
extension Arguments {
    /// A tensor; R numbers, logicals, vectors and arrays are converted.
    public func tensor(_ name: String) throws -> Tensor {
        let value = try required(name)
        if let tensor = value.asTensor { return tensor }
        return try makeTensor(value, argument: name)
    }

    /// A tensor, or nil for a missing argument and `NULL`.
    public func optionalTensor(_ name: String) throws -> Tensor? {
        switch self[name] {
        case .missing, .null: return nil
        default: return try tensor(name)
        }
    }

    /// The second operand of an operation: a tensor, or a number that does not widen the other operand.
    public func operand(_ name: String) throws -> Tensor {
        let value = try required(name)
        if let tensor = value.asTensor { return tensor }
        if value.length == 1, value.dim == nil, let scalar = try value.asScalar() {
            return try Tensor(scalar: scalar)
        }
        return try makeTensor(value, argument: name)
    }

    /// One number of any type; a 0-d or one-element tensor is read.
    public func scalar(_ name: String) throws -> Scalar {
        let value = try required(name)
        if let tensor = value.asTensor { return try tensor.item() }
        guard let scalar = try value.asScalar() else { throw invalidNumber(name, value) }
        return scalar
    }

    /// One number; a one-element tensor is read; infinities and NaN are allowed.
    public func real(_ name: String) throws -> Double {
        switch try scalar(name) {
        case .bool(let flag): return flag ? 1 : 0
        case .int(let number): return Double(number)
        case .double(let number): return number
        }
    }

    /// One number, or nil for a missing argument and `NULL`.
    public func optionalReal(_ name: String) throws -> Double? {
        switch self[name] {
        case .missing, .null: return nil
        default: return try real(name)
        }
    }

    /// A dimension counted from 1 (negative from the end), for the tensor library that counts from 0.
    public func dimension(_ name: String) throws -> Int { try zeroBased(try wholeNumbers(name), name)[0] }

    /// Dimensions; none for a missing argument and `NULL`.
    public func dimensions(_ name: String) throws -> [Int] {
        switch self[name] {
        case .missing, .null: return []
        default: return try zeroBased(try wholeNumbers(name), name)
        }
    }

    /// A dimension, or nil for a missing argument and `NULL`.
    public func optionalDimension(_ name: String) throws -> Int? {
        switch self[name] {
        case .missing, .null: return nil
        default: return try dimension(name)
        }
    }

    private func zeroBased(_ numbers: [Int], _ name: String) throws -> [Int] {
        guard !numbers.isEmpty else { throw WorkbenchError(.value, "`\(name)` needs at least one dimension") }
        return try numbers.map { number in
            if number == 0 {
                var error = WorkbenchError(
                    .value, "Dimension is 1-based, but found 0.", hint: "the first is 1, the last -1")
                error.conditionClass = "value_error"
                throw error
            }
            return number > 0 ? number - 1 : number
        }
    }

    /// Whole numbers: sizes, counts. Tensors of whole numbers are read.
    public func wholeNumbers(_ name: String) throws -> [Int] { try self.wholeNumbers(in: try required(name), name) }

    /// Sizes given as one vector or as several arguments in `...`.
    public func sizes(_ name: String = "...") throws -> [Int] {
        if name != "..." { return try wholeNumbers(name) }
        return try dots.flatMap { try wholeNumbers(in: $0.value, $0.name?.name ?? "size") }
    }

    /// Whole numbers in a value, for an argument of this name.
    public func wholeNumbers(in value: Value, _ name: String) throws -> [Int] {
        if let tensor = value.asTensor { return try tensor.to(.int64).toArray(of: Int.self) }
        if case .list(let list) = value { return try list.elements.flatMap { try wholeNumbers(in: $0, name) } }
        guard value.isAtomic, let numbers = try? value.asDoubles().elements else {
            throw WorkbenchError(
                .type, "`\(name)` must be whole numbers, not \(describe(value))")
        }
        return try numbers.map { number in
            guard let whole = Int(exactly: number) else {
                let shown = value.typeName == "character" ? describe(value) : numberText(number)
                throw WorkbenchError(.value, "`\(name)` must be whole numbers, not \(shown)")
            }
            return whole
        }
    }

    /// An element type: `torch_float()`, or its name (`"float"`).
    public func dtype(_ name: String = "dtype") throws -> DType? {
        let value = self[name]
        switch value {
        case .missing, .null: return nil
        case .object(let object):
            if let type = object as? DTypeObject { return type.dtype }
            if let type = object as? UnavailableDType { throw type.error }
        case .character(let text) where text.count == 1:
            if let word = text[0]?.string, let type = DType(rName: word) { return type }
            throw WorkbenchError(
                .value, "unknown dtype \"\(text[0]?.string ?? "NA")\"",
                hint: "one of " + DType.rNames.map { "\"\($0)\"" }.joined(separator: ", "))
        default: break
        }
        throw WorkbenchError(
            .type, "`\(name)` must be a torch dtype such as torch_float(), not \(describe(value))")
    }

    /// A list of tensors.
    public func tensorList(_ name: String) throws -> [Tensor] {
        let value = try required(name)
        if let tensor = value.asTensor { return [tensor] }
        guard case .list(let list) = value else {
            throw WorkbenchError(.type, "`\(name)` must be a list of tensors, not \(describe(value))")
        }
        return try list.elements.map { element in
            if let tensor = element.asTensor { return tensor }
            return try makeTensor(element, argument: name)
        }
    }

    /// A tensor of an R value, for an argument of this name.
    public func makeTensor(_ value: Value, argument name: String) throws -> Tensor {
        guard value.isAtomic else {
            throw WorkbenchError(
                .type, "`\(name)` must be a tensor or numbers, not \(describe(value))",
                hint: "torch_tensor() makes one of an R vector, matrix or array")
        }
        return try tensorFromR(value, dtype: nil, defaultType: context.tensors.defaultType)
    }

    private func invalidNumber(_ name: String, _ value: Value) -> WorkbenchError {
        WorkbenchError(.type, "`\(name)` must be one number, not \(describe(value))")
    }
}

extension Value {
    /// One logical, integer or double as a number for tensors; nil for anything else. NA is NaN.
    public func asScalar() throws -> Scalar? {
        guard length == 1 else { return nil }
        switch self {
        case .logical(let v): return v[0].map { .bool($0) } ?? .double(.nan)
        case .integer(let v): return v[0].map { .int(Int64($0)) } ?? .double(.nan)
        case .double(let v): return .double(v[0])
        default: return nil
        }
    }
}

extension DType {
    /// Names that R torch's `dtype = "…"` takes.
    public static let rNames = [
        "float32", "float", "float64", "double", "uint8", "int8", "int16", "short", "int32", "int", "int64", "long",
        "bool", "float16", "half", "bfloat16",
    ]

    /// The type of one of R torch's names, in any case.
    public init?(rName: String) {
        switch rName.lowercased() {
        case "float32", "float": self = .float32
        case "float64", "double": self = .float64
        case "uint8", "byte": self = .uint8
        case "int8", "char": self = .int8
        case "int16", "short": self = .int16
        case "int32", "int": self = .int32
        case "int64", "long": self = .int64
        case "bool": self = .bool
        case "float16", "half": self = .float16
        case "bfloat16": self = .bfloat16
        default: return nil
        }
    }
}
