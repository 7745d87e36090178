/// Batch normalisation and ReLU, also with a residual added between them, in one pass after the statistics.
enum NormReluFusion: Fusion {
    static func match(_ stages: ArraySlice<any Stage>, _ x: Tensor) -> Fit<FusedRun> {
        let run = Array(stages.prefix(3))
        guard let norm = run.first as? BatchNormStage else { return .declines("not batch normalisation") }
        if let reason = norm.declines(x) { return .declines(reason) }
        if run.count > 1, run[1] is ReluStage {
            return .takes(FusedRun(count: 2) { try x.batchNormRelu(norm.counted(), adding: nil) })
        }
        guard run.count > 2, let addition = run[1] as? AddStage, run[2] is ReluStage else {
            return .declines("not batch normalisation and ReLU")
        }
        guard addition.other.shape == x.shape, addition.other.dtype == x.dtype else {
            return .declines("a residual of another shape or type")
        }
        return .takes(FusedRun(count: 3) { try x.batchNormRelu(norm.counted(), adding: addition.other) })
    }
}
