/// Convolution, ReLU, 2×2 max-pooling and perhaps dropout of channels: the full-size output, four times the pooled one, is
/// never written, and dropout is a factor on what is.
enum PooledConvolutionFusion: Fusion {
    static func match(_ stages: ArraySlice<any Stage>, _ x: Tensor) -> Fit<FusedRun> {
        let run = Array(stages.prefix(4))
        guard run.count > 2, let convolution = run[0] as? ConvolutionStage, run[1] is ReluStage,
            let pooling = run[2] as? MaxPoolStage
        else { return .declines("not a convolution, ReLU and max-pooling") }
        switch convolution.sizes(x) {
        case .declines(let reason): return .declines(reason)
        case .takes(let shape):
            guard pooling.halves(shape.P, shape.Q) else { return .declines("other windows than 2×2 side by side") }
            guard x.count > 0, shape.K > 0 else { return .declines("nothing to compute") }
            let (algorithm, reasons) = PooledConvolutions.algorithm(shape, x.dtype)
            guard let algorithm else { return .declines(reasons) }
            let dropout = run.count == 4 ? (run[3] as? DropoutStage).flatMap { $0.dropsChannels ? $0 : nil } : nil
            return .takes(
                FusedRun(count: dropout == nil ? 3 : 4) {
                    try Tensor.pooledConvolution(
                        x, convolution.weight, convolution.bias, shape,
                        factor: dropout?.mask([shape.N, shape.K], x.dtype),
                        by: algorithm)
                })
        }
    }
}
