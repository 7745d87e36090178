/// What `plugin new --swift` writes. `NAME`, `TYPE` and `FUNCTION` are filled in.
struct CompiledTemplate {
    /// The file `NAME.swift`, without its entry function.
    let source: String
    /// Checks in Swift, `tests/checks.swift`.
    let swiftTest: String

    static let entry = """

        /// What `library(NAME)` calls.
        @c(workbench_plugin)
        public func entry(_ host: UnsafeMutableRawPointer, _ abi: Int32) -> Int32 { load(TYPEPlugin.self, into: host, abi: abi) }

        """

    /// A test in Swift whose body has `checks`.
    static func tests(_ body: String) -> String {
        """
        import PluginAPI
        import Tensors

        extension TYPEPlugin {
            /// Run by `workbench plugin test NAME`, in a process of its own.
            static func selfTest(_ checks: Checks) throws {
        \(body.split(separator: "\n", omittingEmptySubsequences: false).map { $0.isEmpty ? "" : "        " + $0 }.joined(separator: "\n"))
            }
        }

        """
    }

    static let layer = CompiledTemplate(
        source: """
            import Diagnostics
            import PluginAPI
            import Tensors

            /// `FUNCTION()`: a weight and a bias for each feature, y = x * weight + bias.
            enum TYPEPlugin: Plugin {
                static let name = "NAME"

                static func register(in registry: Registry) {
                    let SPACE = registry.namespace("NAME")
                    SPACE.layer(
                        "FUNCTION", [.value("features", help: "size of the last dimension")],
                        help: "A weight and a bias for each feature: x * weight + bias"
                    ) { layer, args in
                        let features = try args.int("features")
                        guard (1...1_000_000).contains(features) else {
                            throw WorkbenchError(.value, "`features` must be from 1 to 1000000, not \\(features)")
                        }
                        layer.setParameter("weight", try Tensor.ones([features]).requiresGrad_())
                        layer.setParameter("bias", try Tensor.zeros([features]).requiresGrad_())
                        // Tensors come from the layer that is handed in: a copy has its own.
                        return { x, layer, _ in
                            guard x.shape.last == features else {
                                throw WorkbenchError(.shape, "FUNCTION(\\(features)) takes [..., \\(features)], not \\(x.shape)")
                            }
                            guard let weight = layer.parameter("weight"), let bias = layer.parameter("bias") else {
                                throw WorkbenchError(.value, "FUNCTION() has lost its weights")
                            }
                            return try x.mul(weight).add(bias)
                        }
                    }
                    // How it is tried before it is loaded: in a batch of this shape.
                    SPACE.trial("FUNCTION", "FUNCTION(5)", input: [2, 5])
                }
            }

            """,
        swiftTest: tests(
            """
            guard case .object(let object) = try checks.value(of: "FUNCTION(3)"), let layer = object as? Module else {
                return try checks.expect(false, "FUNCTION(3) makes no module")
            }
            let x = try Tensor([1, 2, 3, 4, 5, 6] as [Float], shape: [2, 3])
            try checks.layer(layer, input: x)
            try checks.expect(layer.parameters.count == 2, "there are \\(layer.parameters.count) parameters")
            """))

    static let transform = CompiledTemplate(
        source: """
            import Diagnostics
            import PluginAPI
            import Tensors

            /// `FUNCTION()`: adds normal noise to an image.
            enum TYPEPlugin: Plugin {
                static let name = "NAME"

                static func register(in registry: Registry) {
                    _ = registry.namespace("NAME")
                    registry.transform(
                        "FUNCTION", in: "NAME", [.value("sd", 0.1, help: "standard deviation of the noise")],
                        help: "Adds noise to an image of numbers from 0 to 1, cut off at both"
                    ) { args in
                        // Once for a chain over a data set; what is returned, for each image.
                        let sd = try args.number("sd")
                        guard sd >= 0, sd.isFinite else { throw WorkbenchError(.value, "`sd` must be 0 or more, not \\(sd)") }
                        return TransformStep { image, streams, _ in
                            guard let pixels = image.asTensor else {
                                throw WorkbenchError(
                                    .type, "FUNCTION() takes a tensor, not a value of type '\\(image.typeName)'",
                                    hint: "transform_to_tensor() comes first")
                            }
                            let noise = try streams.torch.randn(pixels.shape).mul(Tensor(scalar: .double(sd)))
                            return .tensor(try pixels.add(noise).clamp(min: 0, max: 1))
                        }
                    }
                }
            }

            """,
        swiftTest: tests(
            """
            try checks.transform(try checks.value(of: "function(img) FUNCTION(img, sd = 0.5)"), as: "FUNCTION(sd = 0.5)")
            """))

    static let scheduler = CompiledTemplate(
        source: """
            import Diagnostics
            import PluginAPI

            /// `FUNCTION()`: a rate that grows from 0 to its full height, then stays.
            final class TYPEScheduler: Scheduler, @unchecked Sendable {
                private let steps: Int

                init(_ args: Arguments) throws {
                    steps = try args.int("steps")
                    guard steps >= 1 else { throw WorkbenchError(.value, "`steps` must be 1 or more, not \\(steps)") }
                    try super.init(
                        "FUNCTION", try args.optimizer("optimizer"), lastEpoch: try args.int("last_epoch"),
                        verbose: try args.flag("verbose"))
                }

                /// Called once a step, with `lastEpoch` counted up already: 0 when the scheduler is made.
                override func rates(_ context: Context) throws -> [Double] {
                    let share = min(1, Double(lastEpoch + 1) / Double(steps))
                    return baseRates.map { $0 * share }
                }
            }

            enum TYPEPlugin: Plugin {
                static let name = "NAME"

                static func register(in registry: Registry) {
                    let SPACE = registry.namespace("NAME")
                    SPACE.scheduler(
                        "FUNCTION",
                        [
                            .value("optimizer"), .value("steps", help: "steps until the full rate is reached"),
                            .value("last_epoch", -1.0), .value("verbose", false),
                        ], help: "A rate that grows from 0 to its full height, then stays"
                    ) { args in try TYPEScheduler(args) }
                    // How it is tried before it is loaded.
                    SPACE.trial("FUNCTION", "FUNCTION(optimizer, steps = 4)")
                }
            }

            """,
        swiftTest: tests(
            """
            let optimizer = try checks.optimizerOfTwoGroups()
            let made = try checks.value(of: "FUNCTION(optimizer, steps = 4)", [("optimizer", .object(optimizer))])
            guard case .object(let object) = made, let scheduler = object as? Scheduler else {
                return try checks.expect(false, "FUNCTION() makes no scheduler")
            }
            let rates = try scheduler.currentRates()
            try checks.expect(rates == [0.025, 0.0025], "the first rates are \\(rates)")
            """))
}
