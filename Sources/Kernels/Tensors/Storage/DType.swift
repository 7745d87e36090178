import CKernels

/// Type of a tensor's elements.
public enum DType: Int32, Sendable, CaseIterable {
    /// IEEE single precision.
    case float32 = 0
    /// IEEE double precision.
    case float64 = 1
    /// Signed, 32 bits.
    case int32 = 2
    /// Signed, 64 bits: indices and labels.
    case int64 = 3
    /// Unsigned, 8 bits: pixels.
    case uint8 = 4
    /// True or false, one byte.
    case bool = 5
    /// Signed, 8 bits.
    case int8 = 6
    /// Signed, 16 bits.
    case int16 = 7
    /// IEEE half precision; computed with in single precision and rounded.
    case float16 = 8
    /// The upper half of a single-precision number; computed with in single precision and rounded.
    case bfloat16 = 9

    /// Bytes of one element.
    public var byteCount: Int {
        switch self {
        case .float32, .int32: 4
        case .float64, .int64: 8
        case .uint8, .bool, .int8: 1
        case .int16, .float16, .bfloat16: 2
        }
    }

    /// Whether it is single or double precision: the types that every operation has kernels for.
    public var isFloating: Bool { self == .float32 || self == .float64 }

    /// Whether it is half precision: a type to keep numbers in. Arithmetic, comparison, reductions, products of matrices
    /// and softmax go through single precision; convolution, pooling and normalization refuse it.
    public var isHalf: Bool { self == .float16 || self == .bfloat16 }

    /// Whether it is a floating-point type of any precision: only such tensors can have gradients.
    public var isReal: Bool { isFloating || isHalf }

    /// Whether it is a whole-number type; bool is not.
    public var isInteger: Bool { !isReal && self != .bool }

    /// The name torch prints, such as "Float", "Long" or "Bool".
    public var torchName: String {
        switch self {
        case .float32: "Float"
        case .float64: "Double"
        case .int32: "Int"
        case .int64: "Long"
        case .uint8: "Byte"
        case .bool: "Bool"
        case .int8: "Char"
        case .int16: "Short"
        case .float16: "Half"
        case .bfloat16: "BFloat16"
        }
    }

    /// The number the kernels know it by.
    var kernel: KernelType { KernelType(UInt32(rawValue)) }

    /// 0 for bool, 1 for whole numbers, 2 for floats: a higher category wins a promotion.
    var category: Int { self == .bool ? 0 : isReal ? 2 : 1 }

    /// The smallest type that holds the numbers of both, as torch promotes them.
    public func promoted(with other: DType) -> DType {
        if self == other { return self }
        if category != other.category { return category > other.category ? self : other }
        if isReal { return self == .float64 || other == .float64 ? .float64 : .float32 }
        // Unsigned bytes and signed bytes fit together in 16 bits only; otherwise the wider one holds both.
        if (self == .uint8 && other == .int8) || (self == .int8 && other == .uint8) { return .int16 }
        return byteCount >= other.byteCount ? self : other
    }
}

/// A Swift type that a tensor's elements can be read and written as.
public protocol Element: Sendable {
    /// The element type it stands for.
    static var dtype: DType { get }
}

extension Float: Element {
    /// Single precision.
    public static var dtype: DType { .float32 }
}
extension Double: Element {
    /// Double precision.
    public static var dtype: DType { .float64 }
}
extension Int32: Element {
    /// Signed, 32 bits.
    public static var dtype: DType { .int32 }
}
extension Int64: Element {
    /// Signed, 64 bits.
    public static var dtype: DType { .int64 }
}
extension Int: Element {
    /// Signed, 64 bits.
    public static var dtype: DType { .int64 }
}
extension UInt8: Element {
    /// Unsigned, 8 bits.
    public static var dtype: DType { .uint8 }
}
extension Int8: Element {
    /// Signed, 8 bits.
    public static var dtype: DType { .int8 }
}
extension Int16: Element {
    /// Signed, 16 bits.
    public static var dtype: DType { .int16 }
}
extension Bool: Element {
    /// True or false.
    public static var dtype: DType { .bool }
}

/// One number of any element type.
public enum Scalar: Sendable, Equatable {
    /// True or false.
    case bool(Bool)
    /// A whole number.
    case int(Int64)
    /// A floating-point number.
    case double(Double)

    /// The number in double precision.
    public var doubleValue: Double {
        switch self {
        case .bool(let value): value ? 1 : 0
        case .int(let value): Double(value)
        case .double(let value): value
        }
    }

    /// The number as int64; what int64 cannot hold becomes its smallest value.
    public var intValue: Int64 {
        switch self {
        case .bool(let value): value ? 1 : 0
        case .int(let value): value
        case .double(let value): Int64(exactly: value.rounded(.towardZero)) ?? .min
        }
    }
}
