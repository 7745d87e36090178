/// A linear map, ReLU and perhaps dropout: the last two in one pass over each piece of the product while it is in the
/// cache, and one tensor kept for the gradient in place of two.
enum LinearReluFusion: Fusion {
    static func match(_ stages: ArraySlice<any Stage>, _ x: Tensor) -> Fit<FusedRun> {
        let run = Array(stages.prefix(3))
        guard run.count > 1, let linear = run[0] as? LinearStage, run[1] is ReluStage else {
            return .declines("not a linear map and ReLU")
        }
        guard x.dimensions == 2, linear.weight.dimensions == 2, x.dtype == .float32, linear.weight.dtype == .float32
        else { return .declines("matrices in single precision only") }
        let features = linear.weight.shape[0]
        guard x.shape[1] == linear.weight.shape[1],
            linear.bias.map({ $0.shape == [features] && $0.dtype == .float32 }) ?? true
        else { return .declines("sizes or types that do not fit") }
        guard x.shape[0] > 0, features > 0 else { return .declines("nothing to compute") }
        let dropout = run.count == 3 ? (run[2] as? DropoutStage).flatMap { $0.dropsChannels ? nil : $0 } : nil
        return .takes(
            FusedRun(count: dropout == nil ? 2 : 3) {
                try x.linearRelu(
                    linear.weight, linear.bias, mask: dropout?.mask([x.shape[0], features], .float32))
            })
    }
}
