/// A convolution before batch normalisation: mean and variance of the batch are taken while the output is in the cache,
/// and go along with it. The normalisation itself is left to whoever takes the stages that follow.
enum NormalizedConvolutionFusion: Fusion {
    static func match(_ stages: ArraySlice<any Stage>, _ x: Tensor) -> Fit<FusedRun> {
        let run = Array(stages.prefix(2))
        guard run.count == 2, let convolution = run[0] as? ConvolutionStage, let norm = run[1] as? BatchNormStage,
            norm.takesStatistics
        else { return .declines("not a convolution and batch normalisation that takes statistics") }
        switch convolution.sizes(x) {
        case .declines(let reason): return .declines(reason)
        case .takes(let shape):
            return .takes(
                FusedRun(count: 1) {
                    try Tensor.convolution(x, convolution.weight, convolution.bias, shape, isNormalized: true)
                })
        }
    }
}
