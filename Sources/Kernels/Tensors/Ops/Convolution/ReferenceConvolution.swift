import CKernels

/// Convolution by its definition: slow, for every case, and what the others are tested against.
enum ReferenceConvolution: ConvolutionAlgorithm {
    static func declines(_ shape: ConvolutionShape, _ dtype: DType) -> String? { nil }

    private static func plan(_ s: ConvolutionShape) -> KernelConvolution {
        KernelConvolution(window: s.window, N: s.N, K: s.K / s.groups, groups: s.groups)
    }

    static func forward(_ y: Tensor, _ x: Tensor, _ w: Tensor, bias: Tensor?, _ shape: ConvolutionShape) throws {
        let w = try w.channelsLast()
        if y.dtype == .float32 {
            kernel_convolution_reference_f32(
                y.typed(Float.self), x.typed(Float.self), w.typed(Float.self), plan(shape))
        } else {
            kernel_convolution_reference_f64(
                y.typed(Double.self), x.typed(Double.self), w.typed(Double.self), plan(shape))
        }
        if let bias { try y.addElements(bias.alias(shape: [1, shape.K, 1, 1], strides: [0, 1, 0, 0])) }
    }

    static func inputGradient(_ dx: Tensor, _ dy: Tensor, _ w: Tensor, _ shape: ConvolutionShape) throws {
        let w = try w.channelsLast()
        if dx.dtype == .float32 {
            kernel_convolution_reference_dx_f32(
                dx.typed(Float.self), dy.typed(Float.self), w.typed(Float.self), plan(shape))
        } else {
            kernel_convolution_reference_dx_f64(
                dx.typed(Double.self), dy.typed(Double.self), w.typed(Double.self), plan(shape))
        }
    }

    static func weightGradient(_ dw: Tensor, _ x: Tensor, _ dy: Tensor, _ shape: ConvolutionShape) throws {
        if !dw.isChannelsLast {
            let turned = try Tensor.empty(dw.shape, dw.dtype, strides: channelsLastStrides(dw.shape))
            try weightGradient(turned, x, dy, shape)
            return try dw.copyElements(from: turned)
        }
        if dw.dtype == .float32 {
            kernel_convolution_reference_dw_f32(
                dw.typed(Float.self), x.typed(Float.self), dy.typed(Float.self), plan(shape))
        } else {
            kernel_convolution_reference_dw_f64(
                dw.typed(Double.self), x.typed(Double.self), dy.typed(Double.self), plan(shape))
        }
    }
}
