import Diagnostics

/// A tensor that a trial is given, drawn anew each time; written as a shape where numbers around 0 will do: `[2, 8]`.
public struct TrialTensor: ExpressibleByArrayLiteral, Sendable {
    /// What its elements are.
    public enum Elements: Sendable {
        /// Around 0, single precision.
        case normal
        /// From 0 to 1, single precision.
        case unit
        /// Whole numbers of a range, 64 bits: classes, words.
        case whole(ClosedRange<Int>)
    }

    /// Sizes; the first is the batch.
    public let shape: [Int]
    /// What is in it.
    public let elements: Elements

    /// Puts both together.
    public init(_ shape: [Int], _ elements: Elements = .normal) {
        self.shape = shape
        self.elements = elements
    }

    /// A shape: numbers around 0.
    public init(arrayLiteral shape: Int...) { self.init(shape) }

    /// Numbers from 0 to 1.
    public static func unit(_ shape: [Int]) -> TrialTensor { TrialTensor(shape, .unit) }

    /// Whole numbers of a range.
    public static func whole(_ shape: [Int], in range: ClosedRange<Int>) -> TrialTensor {
        TrialTensor(shape, .whole(range))
    }
}

/// How the checks make one of what was registered under a name, and what they give it.
public struct Trial: Sendable {
    /// R code.
    public let code: String
    /// What a layer or metric takes; a batch of a callback's fit.
    public let input: TrialTensor?
    /// What a metric compares with.
    public let target: TrialTensor?
    /// R code of the metrics of a callback's fit.
    public let metrics: String?
    /// Whether gradients of a layer are compared with differences.
    public let gradients: Bool
}

/// The trials of all namespaces.
public final class Trials: @unchecked Sendable {
    private var trials: [String: Trial] = [:]
    private var owners: [String: String] = [:]

    init() {}

    /// The trial of a name such as `squeeze::nn_squeeze`.
    public subscript(name: String) -> Trial? { trials[name] }

    func add(_ trial: Trial, _ name: String, of plugin: String) {
        trials[name] = trial
        owners[name] = plugin
    }

    /// Names of a plug-in's trials.
    package func names(of plugin: String) -> [String] {
        owners.filter { $0.value == plugin }.map { $0.key }.inByteOrder()
    }
}

extension Registry {
    /// How what was registered is to be tried.
    public var trials: Trials { shelf(Trials.self) { Trials() } }
}
