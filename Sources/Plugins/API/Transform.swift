import Diagnostics
import Tensors

/// The random streams that transforms draw from: the session's own, or those of a loader's worker.
public struct RandomStreams: Sendable {
    /// The generator of `torch_manual_seed`.
    public let torch: Generator
    /// The generator of `set.seed`.
    public let base: RRandom

    /// Puts two streams together.
    public init(torch: Generator, base: RRandom) {
        self.torch = torch
        self.base = base
    }

    /// One draw as `torch_empty(1)$uniform_(low, high)$item()` makes it.
    /// - Throws: `.value` if low > high.
    public func uniform(_ low: Double, _ high: Double) throws -> Double {
        try Tensor.empty([1]).uniform_(low, high, torch).item().doubleValue
    }
}

extension Context {
    /// The streams of this session.
    public var randomStreams: RandomStreams { RandomStreams(torch: tensors.generator, base: random) }
}

/// What a transform with given arguments does to one image.
public struct TransformStep {
    /// The image after the transform: an R array, a tensor, or what the transform makes of it.
    public let apply: (Value, RandomStreams, Context) throws -> Value
    /// The same on 8-bit pixels, for chains that run in one pass; nil if it cannot.
    public let pixels: PixelOperation?

    /// Makes a step.
    public init(
        pixels: PixelOperation? = nil, _ apply: @escaping (Value, RandomStreams, Context) throws -> Value
    ) {
        self.pixels = pixels
        self.apply = apply
    }
}

/// A transform of images: an R function `transform_…(img, …)` that loaders can also run without the interpreter.
///
/// Both ways run the same ``TransformStep``, so their results are the same.
///
/// For those who write one:
/// - `make` is called with the arguments beside the image, once for a chain over a whole data set: check them there, and
///   do there what does not depend on the image.
/// - The step's `apply` is called for each image, in the order of the items, on the thread that evaluates. The image is a
///   tensor [C, H, W] (or [N, C, H, W]), or an R array [H, W, C] before `transform_to_tensor()`; return a new one.
/// - Draw only from the ``RandomStreams`` handed in: with `num_workers` they are a worker's.
/// - ``PixelOperation`` is for those that can also work on 8-bit pixels in one pass with their neighbours; leave it out at
///   first.
/// - Throw `WorkbenchError(.type, …)` for what is no image. Check it with ``Checks/transform(_:image:as:)``, at the
///   prompt `check_transform(transform_…)`.
public final class Transform: @unchecked Sendable {
    /// Checks the arguments beside the image and makes the step.
    public typealias Make = (Arguments) throws -> TransformStep

    /// The function R calls; its first parameter is the image.
    public let function: Builtin
    /// Matches arguments and returns the step instead of running it.
    private let maker: Builtin

    init(_ name: String, namespace: String, _ parameters: [Parameter], help: String, _ make: @escaping Make) {
        let all = [Parameter.value("img", help: "a tensor [C, H, W] or [N, C, H, W]")] + parameters
        function = Builtin(name, namespace: namespace, all, help: help) { args in
            let image = try args.required("img")
            return try make(args).apply(image, args.context.randomStreams, args.context)
        }
        maker = Builtin(name, namespace: namespace, all, help: help) { args in .object(StepObject(try make(args))) }
    }

    /// The step that a call with these arguments (values, the image left out) runs.
    /// - Throws: what the check of the arguments throws.
    public func step(_ arguments: [Argument], call: Call, environment: Environment, _ context: Context) throws
        -> TransformStep
    {
        let made = try context.interpreter.apply(
            .builtin(maker), [Argument(.null)] + arguments, call: call, environment: environment, context)
        guard case .object(let object) = made, let holder = object as? StepObject else {
            throw WorkbenchError(.fault, "\(function.name)() made no step")
        }
        let (step, function) = (holder.step, self.function)
        guard context.registry.loadedPlugins.plugin(function.plugin) != nil else { return step }
        // Of a plug-in that is not in the box: an error on its way out of a loader names it.
        return TransformStep(pixels: step.pixels) { image, streams, context in
            try context.registry.naming(function.plugin, function.name.name) {
                try step.apply(image, streams, context)
            }
        }
    }

    private final class StepObject: ForeignObject, @unchecked Sendable {
        let step: TransformStep
        init(_ step: TransformStep) { self.step = step }
    }
}

/// The transforms that plug-ins have registered.
public final class TransformTable: @unchecked Sendable {
    private var byFunction: [ObjectIdentifier: Transform] = [:]

    /// The transform whose R function this is, or nil.
    public func transform(of function: Value) -> Transform? {
        guard case .builtin(let builtin) = function else { return nil }
        return byFunction[ObjectIdentifier(builtin)]
    }

    func add(_ transform: Transform) { byFunction[ObjectIdentifier(transform.function)] = transform }
}

extension Registry {
    /// Registered transforms.
    public var transforms: TransformTable { shelf(TransformTable.self) { TransformTable() } }

    /// Adds a transform: an R function whose first parameter is `img`, and the step behind it.
    ///
    /// - Parameters:
    ///   - name: R name.
    ///   - namespace: Where it goes.
    ///   - parameters: Those after `img`.
    ///   - help: First line is the summary.
    ///   - make: Checks the arguments and makes the step; called once for a whole data set.
    public func transform(
        _ name: String, in namespace: String, _ parameters: [Parameter], help: String, _ make: @escaping Transform.Make
    ) {
        let transform = Transform(name, namespace: namespace, parameters, help: help, make)
        own(transform.function)
        transforms.add(transform)
        self.namespace(namespace).object(name, .builtin(transform.function), .transform)
    }
}
