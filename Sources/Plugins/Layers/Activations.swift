import Diagnostics
import PluginAPI
import Tensors

/// One activation: its layer `nn_…`, its functions `nnf_…` and `torch_…`, its tensor method.
private struct Activation {
    let name: String
    var parameters: [Parameter] = []
    /// It has `inplace = FALSE` in R.
    var hasInPlace = false
    /// There are `torch_name()` and `$name()`.
    var isTensorMethod = false
    let help: String
    /// What the layer says of itself, given whether it works in place.
    var stage: (@Sendable (_ inPlace: Bool) -> any Stage)?
    /// Reads the settings and returns the computation.
    let compute: @Sendable (Arguments) throws -> (Tensor, Context, Bool) throws -> Tensor
}

private func plain(_ operation: @escaping @Sendable (Tensor) throws -> Tensor)
    -> @Sendable (Arguments) throws -> (Tensor, Context, Bool) throws -> Tensor
{
    { _ in { x, _, _ in try operation(x) } }
}

private func withNumber(
    _ name: String, _ operation: @escaping @Sendable (Tensor, Double) throws -> Tensor
) -> @Sendable (Arguments) throws -> (Tensor, Context, Bool) throws -> Tensor {
    { args in
        let number = try args.real(name)
        return { x, _, _ in try operation(x, number) }
    }
}

private let activations: [Activation] = [
    Activation(
        name: "relu", hasInPlace: true, isTensorMethod: true, help: "max(x, 0)", stage: { ReluStage(inPlace: $0) },
        compute: plain { try $0.relu() }),
    Activation(name: "relu6", hasInPlace: true, help: "min(max(x, 0), 6)", compute: plain { try $0.relu6() }),
    Activation(
        name: "leaky_relu", parameters: [.value("negative_slope", 0.01)], hasInPlace: true,
        help: "x above 0, slope · x below",
        compute: withNumber("negative_slope") { try $0.leakyRelu($1) }),
    Activation(
        name: "elu", parameters: [.value("alpha", 1)], hasInPlace: true, help: "x above 0, α(eˣ − 1) below",
        compute: withNumber("alpha") { try $0.elu($1) }),
    Activation(
        name: "celu", parameters: [.value("alpha", 1)], hasInPlace: true, isTensorMethod: true,
        help: "x above 0, α(e^(x/α) − 1) below", compute: withNumber("alpha") { try $0.celu($1) }),
    Activation(
        name: "selu", hasInPlace: true, isTensorMethod: true, help: "Scaled ELU that keeps mean 0 and variance 1",
        compute: plain { try $0.selu() }),
    Activation(
        name: "gelu", parameters: [.value("approximate", "none")], help: "x Φ(x)",
        compute: { args in
            let word = try args.string("approximate")
            guard word == "none" || word == "tanh" else {
                throw WorkbenchError(.value, "approximate must be \"none\" or \"tanh\", not \"\(word)\"")
            }
            return { x, _, _ in try x.gelu(tanh: word == "tanh") }
        }),
    Activation(name: "silu", hasInPlace: true, help: "x σ(x)", compute: plain { try $0.silu() }),
    Activation(name: "mish", hasInPlace: true, help: "x tanh(softplus(x))", compute: plain { try $0.mish() }),
    Activation(name: "sigmoid", isTensorMethod: true, help: "1 / (1 + e⁻ˣ)", compute: plain { try $0.sigmoid() }),
    Activation(name: "tanh", isTensorMethod: true, help: "Hyperbolic tangent", compute: plain { try $0.tanh() }),
    Activation(
        name: "hardtanh", parameters: [.value("min_val", -1.0), .value("max_val", 1)], hasInPlace: true,
        help: "x between min and max",
        compute: { args in
            let low = try args.real("min_val")
            let high = try args.real("max_val")
            guard low < high else {
                throw WorkbenchError(
                    .value, "min_val must be below max_val, not \(numberText(low)) and \(numberText(high))")
            }
            return { x, _, _ in try x.hardtanh(low, high) }
        }),
    Activation(
        name: "hardsigmoid", hasInPlace: true, help: "min(max(x + 3, 0), 6) / 6",
        compute: plain { try $0.hardsigmoid() }),
    Activation(name: "hardswish", hasInPlace: true, help: "x · hardsigmoid(x)", compute: plain { try $0.hardswish() }),
    Activation(
        name: "hardshrink", parameters: [.value("lambd", 0.5)], help: "0 within ±λ",
        compute: withNumber("lambd") { try $0.hardshrink($1) }),
    Activation(
        name: "softshrink", parameters: [.value("lambd", 0.5)], help: "x moved toward 0 by λ",
        compute: withNumber("lambd") { try $0.softshrink($1) }),
    Activation(
        name: "softplus", parameters: [.value("beta", 1), .value("threshold", 20)], help: "log(1 + e^(βx)) / β",
        compute: { args in
            let beta = try args.real("beta")
            let threshold = try args.real("threshold")
            return { x, _, _ in try x.softplus(beta: beta, threshold: threshold) }
        }),
    Activation(name: "softsign", help: "x / (1 + |x|)", compute: plain { try $0.softsign() }),
    Activation(name: "tanhshrink", help: "x − tanh(x)", compute: plain { try $0.tanhshrink() }),
    Activation(
        name: "threshold", parameters: [.value("threshold"), .value("value")], hasInPlace: true,
        help: "x above the threshold, else a value",
        compute: { args in
            let threshold = try args.real("threshold")
            let value = try args.real("value")
            return { x, _, _ in try x.threshold(threshold, value) }
        }),
    Activation(
        name: "glu", parameters: [.value("dim", -1.0)], help: "First half times σ(second half)",
        compute: { args in
            let d = try args.dimension("dim")
            return { x, _, _ in try x.glu(d) }
        }),
    Activation(
        name: "rrelu", parameters: [.value("lower", 0.125), .value("upper", .number(1.0 / 3))], hasInPlace: true,
        help: "Leaky ReLU with a random slope in training",
        compute: { args in
            let low = try args.real("lower")
            let high = try args.real("upper")
            return { x, context, training in
                guard training else { return try x.leakyRelu((low + high) / 2) }
                return try x.rrelu(low, high, context.tensors.generator)
            }
        }),
]

/// `nn_relu()`, `nnf_relu()`, `torch_relu()`, `$relu()`, … of every activation above.
func registerActivations(_ torch: Namespace, _ methods: TensorMethods) {
    for activation in activations {
        let inPlace: [Parameter] = activation.hasInPlace ? [.value("inplace", false)] : []
        torch.layer("nn_\(activation.name)", activation.parameters + inPlace, help: activation.help) {
            layer, args in
            let compute = try activation.compute(args)
            let changes = activation.hasInPlace ? try args.flag("inplace") : false
            if let stage = activation.stage { layer.describe { _ in stage(changes) } }
            return { x, layer, context in
                guard changes else { return try compute(x, context, layer.isTraining) }
                return try x.inPlaceIfAllowed { try compute($0, context, layer.isTraining) }
            }
        }
        let functional: [Parameter] = activation.name == "rrelu" ? [.value("training", false)] : []
        torch.function(
            "nnf_\(activation.name)", [.value("input")] + activation.parameters + functional + inPlace,
            help: activation.help
        ) { args in
            let training = activation.name == "rrelu" ? try args.flag("training") : false
            let compute = try activation.compute(args)
            let x = try args.tensor("input")
            if activation.hasInPlace, try args.flag("inplace") {
                return .tensor(try x.inPlace { try compute($0, args.context, training) })
            }
            return .tensor(try compute(x, args.context, training))
        }
        registerForms(activation, torch, methods)
    }
    registerOthers(torch, methods)
}

private func registerForms(_ activation: Activation, _ torch: Namespace, _ methods: TensorMethods) {
    let changing: Builtin.Implementation = { args in
        let compute = try activation.compute(args)
        let context = args.context
        _ = try args.tensor(args.function.parameters[0].name.name).inPlace { try compute($0, context, false) }
        return args[0]
    }
    if activation.hasInPlace {
        for prefix in ["nnf_", "torch_"] {
            torch.function(
                "\(prefix)\(activation.name)_", [.value("input")] + activation.parameters,
                help: activation.help + ", in place", changing)
        }
    }
    guard activation.isTensorMethod else { return }
    let implementation: Builtin.Implementation = { args in
        .tensor(try activation.compute(args)(try args.tensor("self"), args.context, false))
    }
    let parameters = [.value("self")] + activation.parameters
    torch.function("torch_\(activation.name)", parameters, help: activation.help, implementation)
    methods.add(
        activation.name, Builtin(activation.name, namespace: "torch", parameters, help: activation.help, implementation)
    )
    methods.add(
        activation.name + "_",
        Builtin(activation.name + "_", namespace: "torch", parameters, help: activation.help + ", in place", changing))
}

private func registerOthers(_ torch: Namespace, _ methods: TensorMethods) {
    torch.layer(
        "nn_prelu", [.value("num_parameters", 1), .value("init", 0.25)], help: "x above 0, a learned slope · x below"
    ) { layer, args in
        let weight = try Tensor.full([try size(args, "num_parameters")], .double(try args.real("init")))
        layer.setParameter("weight", try weight.requiresGrad_())
        return { x, layer, _ in try x.prelu(try layer.needed("weight")) }
    }
    torch.function("nnf_prelu", [.value("input"), .value("weight")], help: "x above 0, weight · x below") { args in
        .tensor(try args.tensor("input").prelu(try args.tensor("weight")))
    }
    torch.layer("nn_log_sigmoid", [], help: "log σ(x)") { _, _ in { x, _, _ in try x.logsigmoid() } }
    torch.function("nnf_logsigmoid", [.value("input")], help: "log σ(x)") { args in
        .tensor(try args.tensor("input").logsigmoid())
    }
    torch.function(
        "torch_threshold_", [.value("self"), .value("threshold"), .value("value")],
        help: "x above the threshold, else a value; in place"
    ) { args in
        let threshold = try args.real("threshold")
        let value = try args.real("value")
        _ = try args.tensor("self").inPlace { try $0.threshold(threshold, value) }
        return args[0]
    }
}
