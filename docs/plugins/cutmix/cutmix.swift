import Diagnostics
import PluginAPI
import Tensors

/// `luz_callback_cutmix()`: pastes a box of another image of the batch into each image, and mixes the losses accordingly.
///
/// Yun et al., "CutMix" (2019). With a share s of the image pasted, the training loss is (1 - s) of that for the image's
/// own target and s of that for the target of the image it came from; metrics and validation see the own targets.
final class CutMix: SettingsCallback, @unchecked Sendable {
    /// What the present batch was mixed with.
    private var partners: (targets: Value, share: Double)?
    private var original = Value.null

    init(_ args: Arguments) throws {
        try args.checkNoDots()
        super.init(["cutmix_callback"], args)
        guard try number("alpha") > 0 else { throw WorkbenchError(.value, "`alpha` must be above 0") }
        guard (0...1).contains(try number("p")) else { throw WorkbenchError(.value, "`p` must be from 0 to 1") }
    }

    override func listens(to event: TrainingEvent) -> Bool {
        [.trainBegin, .trainBatchBegin, .validBegin, .epochEnd, .fitEnd].contains(event)
    }

    override func handle(_ event: TrainingEvent, _ training: TrainingContext) throws {
        switch event {
        case .trainBegin:
            original = training.lossFunction
            training.lossFunction = mixedLoss
        case .trainBatchBegin: try mix(training)
        default:
            if !original.isNull { training.lossFunction = original }
            (original, partners) = (.null, nil)
        }
    }

    /// The loss of the fit for the own targets and for those of what was pasted.
    private var mixedLoss: Value {
        .builtin(
            Builtin("cutmix_loss", namespace: "cutmix", [.value("input"), .value("target")]) { [unowned self] args in
                let own = try args.context.call(original, [Argument(args["input"]), Argument(args["target"])])
                guard let partners, partners.share > 0, let own = own.asTensor else { return own }
                let other = try args.context.call(original, [Argument(args["input"]), Argument(partners.targets)])
                guard let other = other.asTensor else { return other }
                let share = try Tensor(scalar: .double(partners.share))
                return .tensor(try own.mul(Tensor(scalar: .double(1 - partners.share))).add(other.mul(share)))
            })
    }

    private func mix(_ training: TrainingContext) throws {
        partners = nil
        guard let images = training.input.asTensor, images.dimensions == 4, let target = training.target.asTensor,
            target.shape.first == images.shape[0]
        else {
            throw WorkbenchError(
                .type, "luz_callback_cutmix() takes batches of images [N, C, H, W] with a target for each")
        }
        let random = training.session.random
        guard random.uniform() < (try number("p")) else { return }
        let (height, width) = (images.shape[2], images.shape[3])
        let order = try training.session.tensors.generator.randperm(images.shape[0])
        let alpha = try number("alpha")
        let side = (1 - random.beta(alpha, alpha)).squareRoot()
        let rows = box(height, side, random.uniform())
        let columns = box(width, side, random.uniform())
        training.input = .tensor(try paste(images, try images.indexSelect(0, order), rows, columns))
        partners = (
            .tensor(try target.indexSelect(0, order)),
            Double(rows.count * columns.count) / Double(max(1, height * width))
        )
    }

    override func visitReferences(_ visit: (Value) -> Void) {
        super.visitReferences(visit)
        visit(original)
    }

    /// A stretch of `size` with this share of its length around a random centre, cut off at the borders.
    private func box(_ size: Int, _ share: Double, _ place: Double) -> Range<Int> {
        let half = Int((Double(size) * share / 2).rounded())
        let centre = min(size - 1, Int(Double(size) * place))
        return max(0, centre - half)..<min(size, centre + half)
    }

    private func paste(_ images: Tensor, _ others: Tensor, _ rows: Range<Int>, _ columns: Range<Int>) throws -> Tensor {
        let result = try images.clone()
        guard !rows.isEmpty, !columns.isEmpty else { return result }
        func part(_ tensor: Tensor) throws -> Tensor {
            try tensor.narrow(2, from: rows.lowerBound, length: rows.count)
                .narrow(3, from: columns.lowerBound, length: columns.count)
        }
        _ = try part(result).copy_(part(others))
        return result
    }
}

enum CutMixPlugin: Plugin {
    static let name = "cutmix"

    static func register(in registry: Registry) {
        let cutmix = registry.namespace("cutmix")
        cutmix.callback(
            "luz_callback_cutmix",
            [
                .value("alpha", 1, help: "both parameters of the beta distribution that the box's size is drawn from"),
                .dots, .value("p", 1, help: "probability that a batch is mixed"),
            ], help: "Pastes boxes of other images into the images of a batch, and mixes the losses"
        ) { args in try CutMix(args) }
        // How it is tried before it is loaded: in a fit of images.
        cutmix.trial("luz_callback_cutmix", "luz_callback_cutmix(alpha = 0.5)", input: [4, 3, 8, 8])
    }
}

@c(workbench_plugin)
public func entry(_ host: UnsafeMutableRawPointer, _ abi: Int32) -> Int32 {
    load(CutMixPlugin.self, into: host, abi: abi)
}
