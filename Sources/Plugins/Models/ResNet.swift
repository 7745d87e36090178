import Diagnostics
import PluginAPI
import Tensors

/// `model_resnet18()`, `model_resnet34()`: children and states have torchvision's names.
func registerResNets(_ registry: Registry) {
    registry.savedKinds.add("basic_block") { _, _ in BasicBlock() }
    registry.savedKinds.add("resnet") { _, _ in ResNet() }
    for (name, depths, megabytes, md5) in [
        ("resnet18", [2, 2, 2, 2], 45, "b36d2ea3a4dbf3fbcb27552a410054f9"),
        ("resnet34", [3, 4, 6, 3], 83, "cfd906d8f35b0256e1066ce970f65c50"),
    ] {
        registry.namespace("torchvision").function(
            "model_\(name)",
            [
                .value("pretrained", false, help: "with weights from the cache folder, or fetched"),
                .value("progress", true, help: "no effect"), .dots,
            ],
            help: "ResNet of He, Zhang, Ren, Sun 2015; num_classes = 1000"
        ) { args in
            let settings = try ResNetSettings(args.dots, args.context)
            let net = try ResNet.make(depths, settings, LayerMaker(args))
            if try args.flag("pretrained") {
                let weights = PretrainedWeights(name: name, megabytes: megabytes, md5: md5)
                _ = try net.loadStateDict(try weights.load(args.context))
            }
            return .object(net)
        }
    }
}

/// What `...` of `model_resnet18()` may say.
struct ResNetSettings {
    var classes = 1000
    var zeroesResidual = false

    init(_ dots: [Argument], _ context: Context) throws {
        for argument in dots {
            let number = argument.value.isAtomic ? try argument.value.asDoubles().elements.first : nil
            switch argument.name?.name {
            case "num_classes":
                guard let number, let whole = Int(exactly: number), (1...10_000_000).contains(whole) else {
                    throw WorkbenchError(.value, "num_classes must be a whole number from 1")
                }
                classes = whole
            case "zero_init_residual": zeroesResidual = number == 1
            case let name:
                let text = context.deparse(argument.value).first ?? ""
                throw WorkbenchError(
                    .value, "unused argument (\(name.map { $0 + " = " } ?? "")\(text))",
                    hint: "num_classes and zero_init_residual are known")
            }
        }
    }
}

/// Makes layers through the generators of `torch`, as R code would.
struct LayerMaker {
    private let context: Context
    private let call: Call
    private let environment: Environment

    init(_ args: Arguments) {
        context = args.context
        call = args.call
        environment = args.environment
    }

    var generator: Generator { context.tensors.generator }

    /// A layer of a kind, with named or positional arguments.
    func make(_ name: String, _ arguments: [(String?, Value)] = []) throws -> Module {
        guard case .object(let object)? = context.registry.namespace("torch").environment.local(Symbol.named(name)),
            let generator = object as? ModuleGenerator
        else { throw WorkbenchError(.plugin, "\(name) is needed, and no plug-in provides it") }
        return try generator.make(
            arguments.map { Argument($0.1, name: $0.0.map { Symbol.named($0) }) }, call: call,
            environment: environment, context: context)
    }

    func convolution(_ from: Int, _ to: Int, kernel: Int, stride: Int, padding: Int) throws -> Module {
        try make(
            "nn_conv2d",
            [
                (nil, .int(from)), (nil, .int(to)), ("kernel_size", .int(kernel)), ("stride", .int(stride)),
                ("padding", .int(padding)), ("bias", false),
            ])
    }

    func sequence(_ modules: [Module]) throws -> Module {
        try make("nn_sequential", modules.map { (nil, .object($0)) })
    }
}

/// A module that calls its children by name.
class ComposedNet: Module, @unchecked Sendable {
    /// Runs the child of a name.
    func run(_ name: String, _ x: Tensor, _ context: Context) throws -> Tensor {
        guard let child = child(name) else {
            throw WorkbenchError(.name, "\(displayName) has no child `\(name)` any more")
        }
        do {
            let value = try child.call(
                [Argument(.tensor(x))], call: Call(name, [.symbol(Symbol.named("x"))]),
                environment: context.globalEnvironment, context: context)
            guard let tensor = value.asTensor else {
                throw WorkbenchError(.type, "the child `\(name)` of \(displayName) returned no tensor")
            }
            return tensor
        } catch let error as WorkbenchError {
            throw error.passing("child \(name), \(child.displayName)")
        }
    }

    /// Runs children one after the other, or together where that is known to give the same.
    ///
    /// - Parameter next: A child that the caller runs on the result, for which the last one may prepare it.
    func run(_ names: [String], before next: String? = nil, _ x: Tensor, _ context: Context) throws -> Tensor {
        var y = x
        var rest = names[...]
        while let name = rest.first {
            var modules: [Module] = []
            for name in (rest + [next].compactMap { $0 }).prefix(Fusions.longest) {
                guard let child = child(name) else { break }
                modules.append(child)
            }
            if let run = try Module.fusedRun(modules, atMost: rest.count, on: y) {
                y = run.value
                rest = rest.dropFirst(run.count)
            } else {
                y = try run(name, y, context)
                rest = rest.dropFirst()
            }
        }
        return y
    }

    /// Takes one tensor.
    final override func forward(
        _ arguments: [Argument], call: Call, environment: Environment, context: Context
    ) throws -> Value {
        guard arguments.count == 1, let x = arguments[0].value.asTensor else {
            throw WorkbenchError(.type, "\(displayName) takes one tensor [N, C, H, W]")
        }
        return .tensor(try compute(x, context))
    }

    func compute(_ x: Tensor, _ context: Context) throws -> Tensor { x }
}

/// Two 3 × 3 convolutions and a way around them.
final class BasicBlock: ComposedNet, @unchecked Sendable {
    override var classNames: [String] { ["basic_block"] }

    static func make(_ from: Int, _ to: Int, stride: Int, downsample: Module?, _ maker: LayerMaker) throws -> BasicBlock
    {
        let block = BasicBlock()
        block.setChild("conv1", try maker.convolution(from, to, kernel: 3, stride: stride, padding: 1))
        block.setChild("bn1", try maker.make("nn_batch_norm2d", [(nil, .int(to))]))
        block.setChild("relu", try maker.make("nn_relu", [("inplace", true)]))
        block.setChild("conv2", try maker.convolution(to, to, kernel: 3, stride: 1, padding: 1))
        block.setChild("bn2", try maker.make("nn_batch_norm2d", [(nil, .int(to))]))
        if let downsample { block.setChild("downsample", downsample) }
        return block
    }

    override func compute(_ x: Tensor, _ context: Context) throws -> Tensor {
        var y = try run(["conv1", "bn1", "relu", "conv2"], before: "bn2", x, context)
        let around = child("downsample") == nil ? x : try run("downsample", x, context)
        if let norm = child("bn2")?.stage, let relu = child("relu")?.stage,
            let joined = try Fusions.run([norm, AddStage(around), relu], on: y), joined.count == 3
        {
            return joined.value
        }
        y = try run("bn2", y, context)
        return try run("relu", try y.add(around), context)
    }

    override func copy(context: Context) throws -> Module { BasicBlock() }
    override var savedKind: String? { "basic_block" }
}

/// A residual net.
final class ResNet: ComposedNet, @unchecked Sendable {
    override var classNames: [String] { ["resnet"] }

    /// Makes the layers in torchvision's order, so that the draws for the initial weights are its draws; of all
    /// convolutions only the first is drawn once more, as in R torchvision.
    static func make(_ depths: [Int], _ settings: ResNetSettings, _ maker: LayerMaker) throws -> ResNet {
        let net = ResNet()
        let first = try maker.convolution(3, 64, kernel: 7, stride: 2, padding: 3)
        net.setChild("conv1", first)
        net.setChild("bn1", try maker.make("nn_batch_norm2d", [(nil, .int(64))]))
        net.setChild("relu", try maker.make("nn_relu", [("inplace", true)]))
        net.setChild(
            "maxpool",
            try maker.make("nn_max_pool2d", [("kernel_size", .int(3)), ("stride", .int(2)), ("padding", .int(1))]))
        var channels = 64
        for (place, depth) in depths.enumerated() {
            let width = 64 << place
            let stride = place == 0 ? 1 : 2
            var blocks: [Module] = []
            for number in 0..<depth {
                let step = number == 0 ? stride : 1
                var downsample: Module?
                if step != 1 || channels != width {
                    downsample = try maker.sequence([
                        try maker.convolution(channels, width, kernel: 1, stride: step, padding: 0),
                        try maker.make("nn_batch_norm2d", [(nil, .int(width))]),
                    ])
                }
                blocks.append(try BasicBlock.make(channels, width, stride: step, downsample: downsample, maker))
                channels = width
            }
            net.setChild("layer\(place + 1)", try maker.sequence(blocks))
        }
        net.setChild("avgpool", try maker.make("nn_adaptive_avg_pool2d", [(nil, .ints([1, 1]))]))
        net.setChild("fc", try maker.make("nn_linear", [(nil, .int(512)), (nil, .int(settings.classes))]))
        if let weight = first.parameter("weight") {
            try Initializers.kaimingNormal(weight, .relu, fan: .out, maker.generator)
        }
        if settings.zeroesResidual {
            for entry in net.modules() where entry.module is BasicBlock {
                try withoutGradients { _ = try entry.module.child("bn2")?.parameter("weight")?.zero_() }
            }
        }
        return net
    }

    override func compute(_ x: Tensor, _ context: Context) throws -> Tensor {
        let children = ["conv1", "bn1", "relu", "maxpool", "layer1", "layer2", "layer3", "layer4", "avgpool"]
        return try run("fc", try run(children, x, context).flatten(1), context)
    }

    override func copy(context: Context) throws -> Module { ResNet() }
    override var savedKind: String? { "resnet" }
}
