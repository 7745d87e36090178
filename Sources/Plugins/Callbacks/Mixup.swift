import Diagnostics
import FitStates
import PluginAPI
import Tensors

/// `luz_callback_mixup()`: each image of a batch is mixed with another one of it, and so are the losses.
///
/// Zhang et al., "mixup: Beyond Empirical Risk Minimization" (2018). Weights are R's rbeta, the partners torch's randperm,
/// in this order, as in luz.
final class Mixup: SettingsCallback, ReplacesLoss, @unchecked Sendable {
    private(set) var original = Value.null

    init(_ args: Arguments) throws {
        try args.checkNoDots()
        super.init(["mixup_callback"], args)
        guard try number("alpha") > 0 else { throw WorkbenchError(.value, "`alpha` must be above 0") }
        _ = try flag("run_valid")
        _ = try flag("auto_loss")
    }

    override func listens(to event: TrainingEvent) -> Bool {
        switch event {
        case .fitBegin, .trainBegin, .validBegin, .trainBatchBegin, .validBatchBegin, .fitEnd: return true
        default: return false
        }
    }

    /// A loss that comes in the box takes no targets of two parts; it would say so in terms of its own arguments.
    private func checkLoss(_ training: TrainingContext) throws {
        guard try !flag("auto_loss"),
            case .object(let object) = training.lossFunction, let loss = object as? Module, !(loss is MixupLoss),
            let name = loss.classNames.first,
            case .object(let known)? = training.session.registry.namespace("torch").environment.local(
                Symbol.named(name)), known is ModuleGenerator
        else { return }
        throw WorkbenchError(
            .type, "luz_callback_mixup() makes targets of two parts, and the loss \(loss.displayName) takes plain ones",
            hint:
                "setup(loss = nn_mixup_loss(\(name)()), …), or luz_callback_mixup(auto_loss = TRUE) with \(name)(reduction = \"none\")"
        )
    }

    override func handle(_ event: TrainingEvent, _ training: TrainingContext) throws {
        let runsInValidation = try flag("run_valid")
        let wrapsLoss = try flag("auto_loss")
        switch event {
        case .fitBegin: original = training.lossFunction
        case .trainBegin where wrapsLoss: training.lossFunction = wrapped(mixing: true)
        case .validBegin where wrapsLoss: training.lossFunction = wrapped(mixing: runsInValidation)
        case .trainBatchBegin: try mix(training)
        case .validBatchBegin where runsInValidation: try mix(training)
        case .fitEnd:
            if wrapsLoss { training.lossFunction = original }
            original = .null
        default: break
        }
    }

    private func mix(_ training: TrainingContext) throws {
        guard let input = training.input.asTensor, let target = training.target.asTensor, input.dimensions > 0 else {
            throw WorkbenchError(.type, "luz_callback_mixup() mixes batches of one input tensor and one target tensor")
        }
        try checkLoss(training)
        let alpha = try number("alpha")
        let random = training.session.random
        let weights = (0..<input.shape[0]).map { _ -> Float in
            let share = random.beta(alpha, alpha)
            return Float(max(share, 1 - share))
        }
        let weight = try Tensor(weights, shape: [weights.count])
        let mixed = try mixup(input, target, weight, training.session)
        training.input = .tensor(mixed.input)
        training.target = mixed.target
    }

    /// The user's loss for mixed targets, or its mean for plain ones.
    private func wrapped(mixing: Bool) -> Value {
        let loss = original
        return .builtin(
            Builtin("mixup_loss", namespace: "luz", [.value("input"), .value("target")]) { args in
                if mixing { return .tensor(try mixedLoss(loss, args["input"], args["target"], args.context)) }
                let value = try args.context.call(loss, [Argument(args["input"]), Argument(args["target"])])
                guard let tensor = value.asTensor else { return value }
                return .tensor(try tensor.mean())
            })
    }

    override func visitReferences(_ visit: (Value) -> Void) {
        super.visitReferences(visit)
        visit(original)
    }
}

/// Start and end at a share of the way, from the nearer side, as torch computes it.
private func lerp(_ start: Tensor, _ end: Tensor, _ weight: Tensor) throws -> Tensor {
    let way = try end.sub(start)
    func fromStart() throws -> Tensor { try start.add(way.mul(weight)) }
    func fromEnd() throws -> Tensor { try end.sub(way.mul(1 - weight)) }
    let isNearStart = weight.toArray(of: Float.self).map { $0 < 0.5 }
    if !isNearStart.contains(true) { return try fromEnd() }
    if !isNearStart.contains(false) { return try fromStart() }
    return try Tensor.select(weight.lt(Tensor(scalar: .double(0.5))), fromStart(), fromEnd())
}

/// Mixes a batch: input x + λ (x[perm] − x), target `list(ys = list(y1 = , y2 = ), weight = )`.
private func mixup(
    _ input: Tensor, _ target: Tensor, _ weight: Tensor, _ context: Context
) throws -> (input: Tensor, target: Value) {
    let count = input.shape[0]
    guard weight.count == count, target.dimensions > 0, target.shape[0] == count else {
        throw WorkbenchError(
            .shape, "mixup needs a target and a weight for each of the \(count) items of the batch",
            hint:
                "the target has shape [\(target.shape.map(String.init).joined(separator: ", "))], there are \(weight.count) weights"
        )
    }
    let partners = try context.tensors.generator.randperm(count)
    let wide = try weight.reshape([count] + Array(repeating: 1, count: input.dimensions - 1))
    let mixed = try lerp(input, input.indexSelect(0, partners), wide)
    let pair: Value = .named([("y1", .tensor(target)), ("y2", .tensor(try target.indexSelect(0, partners)))])
    return (mixed, .named([("ys", pair), ("weight", .tensor(wide))]))
}

/// Mean of the two losses, weighted. The weights [N, 1] of a batch are broadcast against losses [N], as luz does it.
private func mixedLoss(_ loss: Value, _ input: Value, _ target: Value, _ context: Context) throws -> Tensor {
    guard case .list(let parts) = target, parts.count == 2, case .list(let pair) = parts[0], pair.count == 2,
        let weight = parts[1].asTensor
    else { throw WorkbenchError(.type, "a mixed target is list(ys = list(y1, y2), weight = )") }
    let losses = try pair.elements.map { y -> Tensor in
        let value = try context.call(loss, [Argument(input), Argument(y)])
        guard let tensor = value.asTensor else { throw WorkbenchError(.type, "the loss is no tensor") }
        return tensor
    }
    return try lerp(losses[0], losses[1], weight).mean()
}

/// `nn_mixup_loss()`: a loss for mixed and for plain targets around an ordinary one.
private final class MixupLoss: Module, @unchecked Sendable {
    init(_ loss: Module) {
        super.init()
        setChild("loss", loss)
    }

    override func forward(
        _ arguments: [Argument], call: Call, environment: Environment, context: Context
    ) throws -> Value {
        let input = arguments.first { $0.name?.name == "input" } ?? arguments.first { $0.name == nil }
        let target = arguments.first { $0.name?.name == "target" } ?? arguments.last
        guard arguments.count == 2, let input, let target, let loss = child("loss") else {
            throw WorkbenchError(.value, "nn_mixup_loss() takes input and target, not \(arguments.count) arguments")
        }
        guard case .list = target.value else {
            return try loss.call(
                [Argument(input.value), Argument(target.value)], call: call, environment: environment, context: context)
        }
        let before = try loss.field("reduction", context: context) ?? .null
        try loss.setField("reduction", "none", context: context)
        defer { try? loss.setField("reduction", before, context: context) }
        return .tensor(try mixedLoss(.object(loss), input.value, target.value, context))
    }

    override func copy(context: Context) throws -> Module {
        guard let loss = child("loss") else { return try super.copy(context: context) }
        return MixupLoss(try loss.copy(context: context))
    }
}

func registerMixup(_ luz: Namespace) {
    luz.callback(
        "luz_callback_mixup",
        [
            .value("alpha", 0.4, help: "both parameters of the beta distribution"), .dots,
            .value("run_valid", false, help: "mix in validation too"),
            .value("auto_loss", false, help: "mix the losses too; the loss then needs reduction = \"none\""),
        ], help: "Mixes the items of a batch (with nn_mixup_loss())"
    ) { args in try Mixup(args) }
    luz.function(
        "nnf_mixup", [.value("x"), .value("y"), .value("weight", help: "one for each item: the share of its partner")],
        help: "Mixes the items of a batch: list(x = , y = list(ys = list(y1, y2), weight = ))"
    ) { args in
        let weight = try args.tensor("weight").to(.float32)
        let mixed = try mixup(try args.tensor("x"), try args.tensor("y"), weight, args.context)
        return .named([("x", .tensor(mixed.input)), ("y", mixed.target)])
    }
    luz.module(
        "nn_mixup_loss", [.value("loss", help: "a loss module with a field `reduction`")],
        help: "A loss for mixed targets"
    ) { args in
        guard case .object(let object) = try args.required("loss"), let loss = object as? Module else {
            throw WorkbenchError(
                .type, "Loss must be a `nn_module`.", hint: "nn_mixup_loss(nn_cross_entropy_loss())")
        }
        guard let reduction = try loss.field("reduction", context: args.context), !reduction.isNull else {
            throw WorkbenchError(
                .value, "The `reduction` attribute must be supported by the `nn_module`.",
                hint: "\(loss.displayName) has none; nn_cross_entropy_loss() has")
        }
        return MixupLoss(loss)
    }
}
