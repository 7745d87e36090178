extension CompiledTemplate {
    static let callback = CompiledTemplate(
        source: """
            import Diagnostics
            import PluginAPI

            /// `FUNCTION()`: says every few epochs what the loss is.
            final class TYPECallback: SettingsCallback, @unchecked Sendable {
                init(_ args: Arguments) throws {
                    super.init(["NAME_callback"], args)
                    let every = try number("every")
                    guard every >= 1 else { throw WorkbenchError(.value, "`every` must be 1 or more, not \\(every)") }
                }

                override func listens(to event: TrainingEvent) -> Bool { event == .epochEnd }

                override func handle(_ event: TrainingEvent, _ training: TrainingContext) throws {
                    let every = max(1, Int(exactly: try number("every").rounded()) ?? 1)
                    guard training.epoch % every == 0, let metrics = training.metricValues("train", epoch: training.epoch),
                        let loss = metrics.namedItems.first(where: { $0.name == "loss" }),
                        let number = try loss.value.asDoubles().elements.first
                    else { return }
                    let text = formatDouble(number, conversion: "g", precision: 3)
                    training.session.console.write("epoch \\(training.epoch): loss \\(text)\\n")
                }
            }

            enum TYPEPlugin: Plugin {
                static let name = "NAME"

                static func register(in registry: Registry) {
                    registry.namespace("NAME").callback(
                        "FUNCTION", [.value("every", 1, help: "epochs between two lines")],
                        help: "Says every few epochs what the loss is"
                    ) { args in try TYPECallback(args) }
                }
            }

            """,
        swiftTest: tests(
            """
            guard case .object(let object) = try checks.value(of: "FUNCTION(every = 2)"), let callback = object as? Callback
            else { return try checks.expect(false, "FUNCTION() makes no callback") }
            try checks.callback(callback, as: "FUNCTION(every = 2)")
            try checks.expect(!callback.listens(to: .trainBatchEnd), "it is called after each batch and does nothing there")
            """))

    static let optimizer = CompiledTemplate(
        source: """
            import Diagnostics
            import PluginAPI
            import Tensors

            /// `FUNCTION()`: every element moves by `lr` against the sign of its gradient (signSGD, Bernstein et al. 2018).
            final class TYPEOptimizer: Optimizer, @unchecked Sendable {
                /// Called once a step for each parameter that has a gradient, with gradients not recorded.
                override func update(
                    _ parameter: Tensor, gradient: Tensor, state: State, in group: ParameterGroup
                ) throws {
                    _ = try parameter.add_(gradient.sign(), alpha: -(try group.number("lr")))
                }
            }

            enum TYPEPlugin: Plugin {
                static let name = "NAME"

                static func register(in registry: Registry) {
                    let SPACE = registry.namespace("NAME")
                    SPACE.optimizer(
                        "FUNCTION",
                        [.value("params", help: "tensors, or groups of them"), .value("lr", 0.01, help: "length of a step")],
                        help: "Steps of the gradient's sign"
                    ) { args in
                        let rate = try args.number("lr")
                        guard rate >= 0, rate.isFinite else { throw WorkbenchError(.value, "`lr` must be 0 or more, not \\(rate)") }
                        return try TYPEOptimizer("FUNCTION", args["params"], defaults: [("lr", args["lr"])])
                    }
                }
            }

            """,
        swiftTest: tests(
            """
            let p = try Tensor([1, -2, 3] as [Float]).requiresGrad_()
            let made = try checks.value(of: "FUNCTION(params, lr = 0.5)", [("params", .tensors([p]))])
            guard case .object(let object) = made, let optimizer = object as? Optimizer else {
                return try checks.expect(false, "FUNCTION() makes no optimizer")
            }
            try p.mul(p).sum().backward()
            _ = try optimizer.step(closure: nil, checks.context)
            try checks.expect(p.toArray(of: Float.self) == [0.5, -1.5, 2.5], "one step leads to \\(p.toArray(of: Float.self))")
            """))

    static let metric = CompiledTemplate(
        source: """
            import Diagnostics
            import PluginAPI
            import Tensors

            /// `FUNCTION()`: share of answers that are near the target.
            final class TYPEMetric: Metric, @unchecked Sendable {
                private let tolerance: Double
                private var near = 0.0
                private var total = 0.0

                init(tolerance: Double) { self.tolerance = tolerance }

                /// In records and monitors it is called `near`.
                override var abbreviation: String { "Near" }

                override func update(_ predictions: Value, _ target: Value, _ context: Context) throws {
                    guard let predictions = predictions.asTensor, let target = target.asTensor, predictions.shape == target.shape
                    else { throw WorkbenchError(.type, "FUNCTION() takes predictions and targets of one shape") }
                    let distance = try predictions.sub(target).abs()
                    near += try distance.le(Tensor(scalar: .double(tolerance))).to(.float32).sum().item().doubleValue
                    total += Double(predictions.count)
                }

                override func compute(_ context: Context) throws -> Value { .number(near / total) }

                // A fit that goes on in the middle of an epoch goes on counting.
                override func stateDict(_ context: Context) throws -> Value? { .numbers([near, total]) }

                override func loadStateDict(_ state: Value, _ context: Context) throws {
                    let numbers = try state.asDoubles().elements
                    guard numbers.count == 2 else { throw WorkbenchError(.data, "this is no state of FUNCTION()") }
                    (near, total) = (numbers[0], numbers[1])
                }
            }

            enum TYPEPlugin: Plugin {
                static let name = "NAME"

                static func register(in registry: Registry) {
                    registry.namespace("NAME").metric(
                        "FUNCTION", [.value("tolerance", 0.1, help: "how far off an answer may be")],
                        help: "Share of answers that are near the target"
                    ) { args in
                        let tolerance = try args.number("tolerance")
                        guard tolerance >= 0 else {
                            throw WorkbenchError(.value, "`tolerance` must be 0 or more, not \\(tolerance)")
                        }
                        return { _ in TYPEMetric(tolerance: tolerance) }
                    }
                }
            }

            """,
        swiftTest: tests(
            """
            guard case .object(let object) = try checks.value(of: "FUNCTION(0.25)"), let metric = object as? MetricGenerator else {
                return try checks.expect(false, "FUNCTION() makes no metric")
            }
            try checks.metric(metric, as: "FUNCTION(0.25)")
            """))

    static let dataset = CompiledTemplate(
        source: """
            import Diagnostics
            import Glibc
            import PluginAPI
            import Tensors

            /// `FUNCTION()`: points of a spiral with as many arms as classes.
            final class TYPEDataset: Dataset, @unchecked Sendable {
                private let items: Int
                private let arms: Int

                init(items: Int, arms: Int) { (self.items, self.arms) = (items, arms) }

                override var classNames: [String] { ["FUNCTION"] }
                override var count: Int? { items }

                /// Items are counted from 0 here, from 1 in R; classes from 1.
                override func item(_ index: Int, _ context: Context) throws -> Value {
                    guard (0..<items).contains(index) else {
                        throw WorkbenchError(.value, "subscript out of bounds: item \\(index + 1) of \\(items)")
                    }
                    let arm = index % arms
                    let radius = Double(index + 1) / Double(items)
                    let angle = 2 * .pi * (Double(arm) / Double(arms) + radius)
                    let point = [Float(radius * cos(angle)), Float(radius * sin(angle))]
                    // A class is a tensor without dimensions: a batch of them is [N], as nn_cross_entropy_loss() takes it.
                    let y = try Tensor([Int64(arm + 1)], shape: [])
                    return .named([("x", .tensor(try Tensor(point))), ("y", .tensor(y))])
                }
            }

            enum TYPEPlugin: Plugin {
                static let name = "NAME"

                static func register(in registry: Registry) {
                    let SPACE = registry.namespace("NAME")
                    SPACE.dataset(
                        "FUNCTION",
                        [.value("items", 100, help: "how many points"), .value("arms", 3, help: "how many classes")],
                        help: "Points of a spiral: items list(x = [2], y = class from 1)"
                    ) { args in
                        let items = try args.int("items")
                        let arms = try args.int("arms")
                        for (name, number) in [("items", items), ("arms", arms)] where number < 1 {
                            throw WorkbenchError(.value, "`\\(name)` must be 1 or more, not \\(number)")
                        }
                        return TYPEDataset(items: items, arms: arms)
                    }
                    // How it is tried before it is loaded.
                    SPACE.trial("FUNCTION", "FUNCTION(items = 5)[5]")
                }
            }

            """,
        swiftTest: tests(
            """
            let made = try checks.value(of: "FUNCTION(items = 12, arms = 3)")
            let dataset = try checks.context.dataset(made)
            try checks.expect(dataset.count == 12, "it has \\(dataset.count ?? 0) items")
            _ = try dataset.item(11, checks.context)
            """))

    static let model = CompiledTemplate(
        source: """
            import Diagnostics
            import PluginAPI
            import Tensors

            /// `FUNCTION()`: a net of two fully connected layers, relu between them.
            enum TYPEPlugin: Plugin {
                static let name = "NAME"

                static func register(in registry: Registry) {
                    let SPACE = registry.namespace("NAME")
                    SPACE.layer(
                        "FUNCTION",
                        [
                            .value("features", help: "size of an input"), .value("classes", help: "how many scores come out"),
                            .value("hidden", 16, help: "units of the hidden layer"),
                        ], help: "A net of two fully connected layers: input [N, features], output [N, classes]"
                    ) { net, args in
                        var sizes: [Int] = []
                        for name in ["features", "hidden", "classes"] {
                            let size = try args.int(name)
                            guard (1...1_000_000).contains(size) else {
                                throw WorkbenchError(.value, "`\\(name)` must be from 1 to 1000000, not \\(size)")
                            }
                            sizes.append(size)
                        }
                        // Children are modules of any kind: these are torch's own layers, made as R makes them.
                        for (name, from, to) in [("first", sizes[0], sizes[1]), ("second", sizes[1], sizes[2])] {
                            let made = try args.context.call(
                                try linear(args.context), [Argument(.int(from)), Argument(.int(to))])
                            guard case .object(let object) = made, let child = object as? Module else {
                                throw WorkbenchError(.type, "nn_linear() made no module")
                            }
                            net.setChild(name, child)
                        }
                        return { x, net, context in
                            guard let first = net.child("first") as? Layer, let second = net.child("second") as? Layer else {
                                throw WorkbenchError(.value, "FUNCTION() has lost its layers")
                            }
                            return try second.forward(first.forward(x, context).relu(), context)
                        }
                    }
                    // How it is tried before it is loaded: in a batch of this shape.
                    SPACE.trial("FUNCTION", "FUNCTION(4, 2)", input: [3, 4])
                }

                private static func linear(_ context: Context) throws -> Value {
                    let torch = context.registry.existingNamespace("torch")
                    guard let linear = torch?.environment.local(Symbol.named("nn_linear")) else {
                        throw WorkbenchError(.name, "there is no torch::nn_linear()")
                    }
                    return linear
                }
            }

            """,
        swiftTest: tests(
            """
            guard case .object(let object) = try checks.value(of: "FUNCTION(4, 2, hidden = 3)"), let net = object as? Module else {
                return try checks.expect(false, "FUNCTION() makes no module")
            }
            try checks.layer(net, input: try checks.context.tensors.generator.randn([3, 4]), as: "FUNCTION(4, 2, hidden = 3)")
            """))
}
