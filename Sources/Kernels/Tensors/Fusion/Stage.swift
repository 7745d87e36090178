import Diagnostics

/// What a layer computes, said as data: a net that knows its neighbours can then compute several at once.
///
/// A layer that has one computes ``apply(_:)`` and nothing else. Stages that no ``Fusion`` knows are never looked at.
public protocol Stage {
    /// The computation by itself: the reference for every fusion it takes part in.
    ///
    /// - Throws: ``WorkbenchError`` where the input does not fit.
    func apply(_ x: Tensor) throws -> Tensor
}

/// A convolution over images; see ``Tensor/conv2d(_:_:stride:padding:dilation:groups:)``.
public struct ConvolutionStage: Stage {
    /// Filters `[K, C / groups, R, S]`.
    public var weight: Tensor
    /// One number for each filter, or nil.
    public var bias: Tensor?
    /// Pixels between windows: one number or two, ≥ 1.
    public var stride: [Int]
    /// Zero pixels around the image.
    public var padding: Tensor.Padding
    /// Pixels between the taps of a filter: one number or two, ≥ 1.
    public var dilation: [Int]
    /// Groups of channels convolved apart.
    public var groups: Int

    /// A convolution with its tensors and settings.
    public init(
        weight: Tensor, bias: Tensor?, stride: [Int] = [1], padding: Tensor.Padding = .pixels([0]),
        dilation: [Int] = [1], groups: Int = 1
    ) {
        self.weight = weight
        self.bias = bias
        self.stride = stride
        self.padding = padding
        self.dilation = dilation
        self.groups = groups
    }

    /// Convolves.
    public func apply(_ x: Tensor) throws -> Tensor {
        try x.conv2d(weight, bias, stride: stride, padding: padding, dilation: dilation, groups: groups)
    }

    /// Sizes for an image batch [N, C, H, W] that it can take as it is, or why it cannot.
    func sizes(_ x: Tensor) -> Fit<ConvolutionShape> {
        guard x.dimensions == 4, weight.dimensions == 4, bias.map({ $0.shape == [weight.shape[0]] }) ?? true else {
            return .declines("not a batch of images")
        }
        guard x.dtype == weight.dtype, bias.map({ $0.dtype == x.dtype }) ?? true else {
            return .declines("different types of numbers")
        }
        guard case .pixels(let pixels) = padding else { return .declines("padding = \"same\"") }
        guard let pad = try? Tensor.pair(pixels, "padding"), let stride = try? Tensor.pair(stride, "stride"),
            let dilation = try? Tensor.pair(dilation, "dilation"),
            let shape = try? ConvolutionShape(
                x.shape, weight.shape, stride: stride, padding: pad, dilation: dilation, groups: groups)
        else { return .declines("sizes that do not fit") }
        return .takes(shape)
    }
}

/// max(x, 0).
public struct ReluStage: Stage {
    /// Whether it overwrites its input.
    public var inPlace: Bool

    /// A ReLU.
    public init(inPlace: Bool = false) { self.inPlace = inPlace }

    /// Applies it, in place where autograd allows.
    public func apply(_ x: Tensor) throws -> Tensor {
        try inPlace ? x.inPlaceIfAllowed { try $0.relu() } : x.relu()
    }
}

/// The largest number of each window; see ``Tensor/maxPool2d(_:)``.
public struct MaxPoolStage: Stage {
    /// Size and movement of the window.
    public var window: PoolWindow

    /// A pooling.
    public init(_ window: PoolWindow) { self.window = window }

    /// Pools.
    public func apply(_ x: Tensor) throws -> Tensor { try x.maxPool2d(window) }

    /// Whether it pools H×W images by 2×2 windows side by side, with at least one window.
    func halves(_ H: Int, _ W: Int) -> Bool {
        guard window.kernel == [2, 2], window.stride == [2, 2], window.padding == [0, 0], window.dilation == [1, 1],
            H >= 2, W >= 2, H < 1 << 15, W < 1 << 15
        else { return false }
        return !window.ceilMode || (H % 2 == 0 && W % 2 == 0)
    }
}

/// What was asked for, or why it cannot be had.
enum Fit<Value> {
    case takes(Value)
    case declines(String)
}
