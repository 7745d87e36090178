/// ReLU and 2×2 max-pooling in one pass, where what comes before cannot take part.
enum ReluPoolingFusion: Fusion {
    static func match(_ stages: ArraySlice<any Stage>, _ x: Tensor) -> Fit<FusedRun> {
        let run = Array(stages.prefix(2))
        guard run.count == 2, let relu = run[0] as? ReluStage, let pooling = run[1] as? MaxPoolStage else {
            return .declines("not ReLU and max-pooling")
        }
        // Whoever holds x would see the change.
        guard !relu.inPlace else { return .declines("ReLU in place") }
        guard x.dimensions == 4, x.dtype == .float32 else { return .declines("single-precision images only") }
        guard pooling.halves(x.shape[2], x.shape[3]) else { return .declines("other windows than 2×2 side by side") }
        guard x.count > 0 else { return .declines("nothing to compute") }
        return .takes(FusedRun(count: 2) { try x.reluPooled() })
    }
}
