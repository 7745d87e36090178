/// Batch normalisation, ReLU and 2×2 max-pooling in one pass after the statistics; nothing of full size is kept but x.
enum NormPoolingFusion: Fusion {
    static func match(_ stages: ArraySlice<any Stage>, _ x: Tensor) -> Fit<FusedRun> {
        let run = Array(stages.prefix(3))
        guard run.count == 3, let norm = run[0] as? BatchNormStage, run[1] is ReluStage,
            let pooling = run[2] as? MaxPoolStage
        else { return .declines("not batch normalisation, ReLU and max-pooling") }
        if let reason = norm.declines(x) { return .declines(reason) }
        guard pooling.halves(x.shape[2], x.shape[3]) else { return .declines("other windows than 2×2 side by side") }
        return .takes(FusedRun(count: 3) { try x.batchNormReluPooled(norm.counted()) })
    }
}
