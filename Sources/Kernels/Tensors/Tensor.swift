import Diagnostics

/// A strided array of numbers on the CPU, with define-by-run gradients.
///
/// # The module in one page
/// Dimensions and indices count from 0 here (negative ones from the end); the R layer counts from 1. Everything a user
/// can get wrong throws a ``WorkbenchError``; nothing traps.
///
/// - **Make**: `Tensor(values, shape:)`, `Tensor(scalar:)` (0-d), `.zeros .ones .full .empty .arange .linspace .eye`,
///   `zerosLike()` …; random ones from a ``Generator`` (`generator.rand(shape)`, `randn`, `randint`, `randperm`,
///   `x.uniform_(…)`, `normal_`, `bernoulli`); initial weights of layers in `Initializers.swift`.
/// - **Read**: `shape dtype count dimensions strides`, `item()`, `toArray(of:)` (row-major), `text of type: typeText`.
/// - **Type**: `to(.float64)`; operations promote as torch does, numbers come in as ``Scalar`` (a *wrapped* 0-d tensor
///   by `Tensor(scalar:)`, which does not widen a tensor of its category).
/// - **Operations**: methods on `Tensor`, one file per family under Ops/, named as in torch (`add`, `mm`, `indexSelect`,
///   `logSoftmax`, `conv2d`, …); in-place ones end in `_`. Operators `+ - * / -x` exist and throw.
/// - **Views** (`view reshape permute transpose expand squeeze unsqueeze narrow select slice …`) share ``Storage``.
/// - **Gradients**: `requiresGrad_()`, `backward()`, `grad`, `Tensor.gradients(of:with:…)`, `detached()`,
///   `withoutGradients { }`, ``GradMode``, `node?.name` ("ReluBackward0"), `retainGrad()`, `registerHook`.
///   A new differentiable operation is one initializer: `Tensor(op: name, value, from: inputs) { dy in [gradients] }`.
/// - **Memory layout**: 4-d results of convolutions, pooling and batch normalisation are kept channels-last
///   (`strides` show it); shapes are always [N, C, H, W].
/// - **Files**: `Safetensors.read(path)`, `Safetensors.write(…)`. **Threads**: `Threads.setCount`.
public final class Tensor: @unchecked Sendable {
    /// The bytes, shared with views.
    public internal(set) var storage: Storage
    /// Sizes; empty for a single number.
    public internal(set) var shape: [Int]
    /// Elements between neighbours along each dimension.
    public internal(set) var strides: [Int]
    /// Elements between the storage's start and the first element.
    public internal(set) var offset: Int
    /// Type of the elements.
    public internal(set) var dtype: DType
    /// Whether it is a number of the program rather than a tensor, for type promotion.
    public internal(set) var isWrappedNumber = false

    // MARK: What autograd keeps (Autograd/)

    var recordedNode: Node?
    var leafRequiresGrad = false
    /// The gradient that `backward()` left here.
    public var grad: Tensor?
    /// The tensor this is a view of, and how often that one's history had been rewritten when the view last looked.
    var viewBase: Tensor?
    var viewGeneration = 0
    var generation = 0
    /// Its sums for each channel, where the pass that made it knew them.
    var channelTotals: ChannelTotals?
    /// Mean and variance of each channel, likewise.
    var channelMoments: ChannelMoments?
    var leafHooks: [(id: Int, body: (Tensor) throws -> Tensor?)] = []

    /// A tensor over given bytes; the caller answers for shape and strides lying inside the storage.
    init(storage: Storage, shape: [Int], strides: [Int], offset: Int = 0, dtype: DType) {
        self.storage = storage
        self.shape = shape
        self.strides = strides
        self.offset = offset
        self.dtype = dtype
    }

    /// Number of elements.
    public var count: Int { shape.reduce(1, *) }

    /// Number of dimensions.
    public var dimensions: Int { shape.count }

    /// "Float [2, 3]": type and shape, for messages.
    public var typeText: String { "\(dtype.torchName) \(bracketed(shape))" }

    /// Whether the elements lie in row-major order without gaps.
    public var isContiguous: Bool {
        var step = 1
        for d in shape.indices.reversed() where shape[d] != 1 {
            if strides[d] != step { return count == 0 }
            step *= shape[d]
        }
        return true
    }

    /// Whether the elements fill a block without gaps or overlap, in whatever order of dimensions.
    public var isDense: Bool {
        var step = 1
        for (stride, size) in zip(strides, shape).filter({ $1 != 1 }).sorted(by: { ($0.0, $0.1) < ($1.0, $1.1) }) {
            if stride != step { return count == 0 }
            step *= size
        }
        return true
    }

    /// Whether a [N, C, H, W] tensor is stored as N, H, W, C (also true for a contiguous one with C or H·W = 1).
    public var isChannelsLast: Bool {
        guard shape.count == 4 else { return false }
        let wanted = channelsLastStrides(shape)
        return shape.indices.allSatisfy { shape[$0] == 1 || strides[$0] == wanted[$0] }
    }

    /// First element.
    var pointer: UnsafeMutableRawPointer { storage.bytes + offset * dtype.byteCount }

    /// First element as a type; the caller has checked `dtype`.
    func typed<T>(_ type: T.Type) -> UnsafeMutablePointer<T> { pointer.assumingMemoryBound(to: T.self) }

    /// A dimension from 0, also given from the end (−1 is the last).
    ///
    /// - Throws: ``WorkbenchError`` of kind `.value` naming the allowed range, counted from 1: messages are for R.
    public func dimension(_ d: Int) throws -> Int {
        let n = Swift.max(1, dimensions)
        guard d >= -n, d < n else { throw dimensionOutOfRange(d, n) }
        return d < 0 ? d + n : d
    }

    /// The error for a dimension (from 0) of a tensor that has, or is going to have, `n` of them.
    func dimensionOutOfRange(_ d: Int, _ n: Int) -> WorkbenchError {
        WorkbenchError(
            .value,
            "Dimension out of range (expected to be in range of [\(-n), \(n)], but got \(fromOne(d)))",
            hint: "the tensor has shape \(bracketed(shape))")
    }

    /// Dimensions from 0 in the order given, each once; none means all.
    func dimensionList(_ dims: [Int]) throws -> [Int] {
        if dims.isEmpty { return Array(shape.indices) }
        var result: [Int] = []
        for d in dims {
            let d = try dimension(d)
            guard !result.contains(d) else {
                throw WorkbenchError(.value, "dim \(fromOne(d)) appears multiple times in the list of dims")
            }
            result.append(d)
        }
        return dimensions == 0 ? [] : result
    }

    /// The same elements under another shape and strides; not recorded.
    func alias(shape: [Int]? = nil, strides: [Int]? = nil, offset: Int? = nil) -> Tensor {
        Tensor(
            storage: storage, shape: shape ?? self.shape, strides: strides ?? self.strides,
            offset: offset ?? self.offset, dtype: dtype)
    }
}
