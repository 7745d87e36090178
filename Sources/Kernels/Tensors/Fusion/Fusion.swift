import CKernels
import Diagnostics

/// A run of stages computed in one go, to the same numbers as one after the other.
///
/// It declines whatever a stage of the run would report an error for, so that errors name the stage they come from.
protocol Fusion: SendableMetatype {
    /// The run it can take from the front of `stages`, applied to x, or why it cannot.
    static func match(_ stages: ArraySlice<any Stage>, _ x: Tensor) -> Fit<FusedRun>
}

/// A run that a fusion takes.
struct FusedRun {
    /// How many stages it covers.
    let count: Int
    /// Computes what they compute one after the other.
    let compute: () throws -> Tensor
}

/// The fusions; the first that does not decline is used.
public enum Fusions {
    static let candidates: [any Fusion.Type] = [
        PooledConvolutionFusion.self, NormPoolingFusion.self, NormReluFusion.self, ReluPoolingFusion.self,
        LinearReluFusion.self, NormalizedConvolutionFusion.self,
    ]

    /// Most stages that a run covers.
    public static let longest = 4

    /// Computes the longest known run at the front of `stages`.
    ///
    /// - Parameter most: Stages that it may cover; those behind are only looked at.
    /// - Returns: Its value and how many stages it covers; nil if no fusion takes a run, or none is allowed
    ///   (``KernelSwitches/fusion``).
    /// - Throws: ``WorkbenchError`` of kind `.memory`.
    public static func run(
        _ stages: [any Stage], atMost most: Int = longest, on x: Tensor
    ) throws -> (value: Tensor, count: Int)? {
        guard KernelSwitches.allowsFusion, stages.count > 1 else { return nil }
        for candidate in candidates {
            guard case .takes(let run) = candidate.match(stages[...], x), run.count <= most else { continue }
            KernelSwitches.explain {
                "\(run.count == 1 ? "a layer" : "\(run.count) layers") on \(bracketed(x.shape)) together"
                    + "\(run.count == 1 ? " with the next" : ""): \(candidate)"
            }
            return (try run.compute(), run.count)
        }
        KernelSwitches.explain {
            "a layer on \(bracketed(x.shape)) by itself (\(reasons(stages, on: x).joined(separator: "; ")))"
        }
        return nil
    }

    /// Why each fusion declines a run, in the order of the candidates; "takes 3" for one that does not.
    static func reasons(_ stages: [any Stage], on x: Tensor) -> [String] {
        candidates.map { candidate in
            switch candidate.match(stages[...], x) {
            case .takes(let run): "\(candidate): takes \(run.count)"
            case .declines(let reason): "\(candidate): \(reason)"
            }
        }
    }
}
