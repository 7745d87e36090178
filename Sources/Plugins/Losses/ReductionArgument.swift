import Diagnostics
import PluginAPI
import Tensors

/// `reduction = "mean" | "sum" | "none"`.
///
/// - Parameter allowed: Whether `"batchmean"` is known, as to the Kullback–Leibler divergence: a sum, to be divided.
func reduction(_ word: String?, batchMean allowed: Bool = false) throws -> Reduction {
    guard let word else { return .mean }
    if allowed, word == "batchmean" { return .sum }
    guard let reduction = Reduction(rawValue: word) else {
        throw WorkbenchError(
            .value, "\(word) is not a valid value for reduction",
            hint: allowed ? "batchmean, mean, sum or none" : "mean, sum or none")
    }
    return reduction
}

/// A loss written as a class of modules and as a function, with the same settings.
///
/// The settings are read anew at each call: `reduction` can be changed on the module (`nn_mixup_loss()` does).
struct LossDefinition {
    let name: String
    var inherits = ["nn_loss"]
    var settings: [Parameter] = []
    var help: String
    /// Computes from input, target and settings.
    let compute: (Tensor, Arguments, _ setting: (String) -> Value, Reduction) throws -> Tensor

    func register(_ torch: Namespace) {
        let inputs: [Parameter] = [.value("input"), .value("target")]
        let all = settings + [.value("reduction", "mean", help: "mean, sum or none")]
        let definition = self
        torch.module("nn_\(name)_loss", inherits: inherits, all, inputs: inputs, help: help) { module, args in
            // One tensor may be a weight.
            let tensors = args.values.filter { $0.isTensor }.count
            if args.function.parameters.first?.name.name != "input",
                tensors > (definition.settings.contains { $0.name.name == "weight" } ? 1 : 0)
            {
                throw WorkbenchError(
                    .value, "nn_\(definition.name)_loss() makes a loss; it was called with tensors",
                    hint: definition.functionHint)
            }
            _ = try definition.reductionWord(args["reduction"])
            return { args, module in
                let target = args["target"]
                guard !target.isMissing else {
                    throw WorkbenchError(.value, "argument \"target\" is missing, with no default")
                }
                let words = module.text("reduction")
                let context = args.context
                return .tensor(
                    try definition.compute(
                        try args.tensor("input"), args, { (try? module.field($0, context: context)) ?? .null },
                        try reduction(words, batchMean: definition.name == "kl_div")))
            }
        }
        if case .object(let object)? = torch.environment.local(Symbol.named("nn_\(name)_loss")),
            let generator = object as? ModuleGenerator, case .native(let constructor, _) = generator.kind
        {
            constructor.hintForUnused = { $0.contains { $0.isTensor } ? definition.functionHint : nil }
        }
        torch.function("nnf_\(functionName)", inputs + all, help: help) { args in
            let given = args
            return .tensor(
                try definition.compute(
                    try args.tensor("input"), args, { given[$0] },
                    try definition.reductionWord(args["reduction"])))
        }
    }

    private var functionHint: String {
        "nnf_\(functionName)(input, target) computes at once; nn_\(name)_loss()(input, target) does as well"
    }

    private var functionName: String {
        switch name {
        case "bce": return "binary_cross_entropy"
        case "bce_with_logits": return "binary_cross_entropy_with_logits"
        case "cross_entropy", "kl_div": return name
        default: return name + "_loss"
        }
    }

    private func reductionWord(_ value: Value) throws -> Reduction {
        guard case .character(let text) = value, text.count == 1 else { return try reduction("\(value.typeName)") }
        return try reduction(text[0]?.string, batchMean: name == "kl_div")
    }
}

/// A tensor setting (`weight`), or nil.
func tensorSetting(_ value: Value, _ args: Arguments, _ name: String) throws -> Tensor? {
    switch value {
    case .null, .missing: return nil
    default: return try value.asTensor ?? args.makeTensor(value, argument: name).to(.float32)
    }
}
