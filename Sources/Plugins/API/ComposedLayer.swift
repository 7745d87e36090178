import Diagnostics
import Tensors

/// A layer put together from a set-up and a forward computation; how the built-in layers are written.
///
/// ```swift
/// torch.layer("nn_linear", [.value("in_features"), .value("out_features"), .value("bias", true)]) { layer, args in
///     let weight = try Tensor.empty([try args.int("out_features"), try args.int("in_features")])
///     …
///     layer.setParameter("weight", weight)
///     return { x, layer, context in try x.linear(layer.parameter("weight")!, layer.parameter("bias")) }
/// }
/// ```
/// The arguments of the constructor can be read as fields (`m$in_features`). The computation must take its tensors from
/// the layer it is handed, not from what the set-up saw: a clone has tensors of its own. A layer that can be computed
/// together with its neighbours says in the set-up what it is: `layer.describe { layer in ReluStage() }`.
public final class ComposedLayer: Layer, @unchecked Sendable {
    /// Computes the output of one input.
    public typealias Forward = (Tensor, ComposedLayer, Context) throws -> Tensor

    private let names: [String]
    private var settings: [(name: String, value: Value)]
    private var compute: Forward
    private var description: ((ComposedLayer) -> (any Stage)?)?
    private let setUp: SetUp

    /// Makes a layer's tensors and returns its computation.
    typealias SetUp = (ComposedLayer, inout Arguments) throws -> Forward

    init(names: [String], settings: [(name: String, value: Value)], setUp: @escaping SetUp) {
        self.names = names
        self.settings = settings
        self.setUp = setUp
        compute = { x, _, _ in x }
    }

    /// R class names.
    public override var classNames: [String] { names }

    /// Sets it up with the arguments of its constructor.
    func begin(_ args: inout Arguments) throws { compute = try setUp(self, &args) }

    /// Says what it computes as data, for ``Module/stage``; nil when it cannot just now.
    public func describe(_ description: @escaping (ComposedLayer) -> (any Stage)?) { self.description = description }

    /// What was said with ``describe(_:)``.
    public override var stage: (any Stage)? { description?(self) }

    /// Computes.
    public override func forward(_ x: Tensor, _ context: Context) throws -> Tensor { try compute(x, self, context) }

    /// An argument of the constructor.
    public override func field(_ name: String, context: Context) throws -> Value? {
        settings.first { $0.name == name }?.value
    }

    /// Sets a field; where that is an argument of the constructor, the layer computes with it from now on.
    /// - Throws: what the constructor throws for such a value; nothing has changed then.
    public override func setField(_ name: String, _ value: Value, context: Context) throws {
        try setUpAgain(name, value, context)
        if let place = settings.firstIndex(where: { $0.name == name }) {
            settings[place].value = value
        } else {
            settings.append((name, value))
        }
    }

    /// Takes computation and description from a layer that is set up with the changed argument; its tensors stay, and the
    /// random generator goes on as if there had been none.
    private func setUpAgain(_ name: String, _ value: Value, _ context: Context) throws {
        guard let made = construction, var args = made.arguments(changing: name, to: value, context) else { return }
        let values = args.values
        let model = ComposedLayer(names: names, settings: settings, setUp: setUp)
        let generator = context.tensors.generator.stateBytes
        defer { try? context.tensors.generator.restore(generator) }
        try model.begin(&args)
        (compute, description) = (model.compute, model.description)
        construction = Construction(made.maker, values, dots: made.dots)
    }

    /// Arguments of the constructor.
    public override var fieldNames: [String] { settings.map { $0.name } }

    /// The same settings and computation; the caller copies tensors.
    public override func copy(context: Context) throws -> Module {
        let copy = ComposedLayer(names: names, settings: settings, setUp: setUp)
        copy.compute = compute
        copy.description = description
        return copy
    }

    /// Also the fields as they are now.
    public override func savedState(_ context: Context) throws -> Value {
        TrainingContext.setting(try super.savedState(context), ".settings", .named(settings))
    }

    /// Takes them back.
    public override func restoreState(_ state: Value, _ context: Context) throws {
        try super.restoreState(state, context)
        settings = state.saved(".settings").namedItems
    }

    /// Children and settings.
    public override func visitReferences(_ visit: (Value) -> Void) {
        super.visitReferences(visit)
        for setting in settings { visit(setting.value) }
    }
}

extension Namespace {
    /// Adds a kind of layer: constructor parameters, a set-up that makes its tensors, and the computation it returns.
    public func layer(
        _ name: String, inherits: [String] = [], _ parameters: [Parameter], help: String = "",
        _ setUp: @escaping (ComposedLayer, inout Arguments) throws -> ComposedLayer.Forward
    ) {
        module(name, inherits: inherits, parameters, help: help, kind: .layer) { args in
            let settings = zip(args.function.parameters, args.values).map { (name: $0.name.name, value: $1) }
            let layer = ComposedLayer(
                names: [name] + inherits, settings: settings.filter { !$0.value.isMissing }, setUp: setUp)
            try layer.begin(&args)
            return layer
        }
    }
}

/// A module of several arguments put together in the same way: losses, embeddings, similarities.
public final class ComposedModule: Module, @unchecked Sendable {
    /// Computes from matched arguments.
    public typealias Forward = (inout Arguments, ComposedModule) throws -> Value

    private let names: [String]
    private var settings: [(name: String, value: Value)]
    private let function: Builtin
    private var compute: Forward
    private var description: ((ComposedModule) -> (any Stage)?)?
    private let inputs: [Parameter]
    private let setUp: SetUp

    /// Makes a module's tensors and returns its computation.
    typealias SetUp = (ComposedModule, inout Arguments) throws -> Forward

    init(
        names: [String], settings: [(name: String, value: Value)], inputs: [Parameter], setUp: @escaping SetUp
    ) {
        self.names = names
        self.settings = settings
        self.inputs = inputs
        self.setUp = setUp
        function = Builtin("forward", namespace: "torch", inputs) { _ in .null }
        compute = { _, _ in .null }
    }

    private init(copying other: ComposedModule) {
        names = other.names
        settings = other.settings
        function = other.function
        compute = other.compute
        description = other.description
        inputs = other.inputs
        setUp = other.setUp
    }

    /// R class names.
    public override var classNames: [String] { names }

    /// Sets it up with the arguments of its constructor.
    func begin(_ args: inout Arguments) throws { compute = try setUp(self, &args) }

    /// As ``ComposedLayer`` does it: tensors stay, computation and description are those of the changed argument.
    private func setUpAgain(_ name: String, _ value: Value, _ context: Context) throws {
        guard let made = construction, var args = made.arguments(changing: name, to: value, context) else { return }
        let values = args.values
        let model = ComposedModule(names: names, settings: settings, inputs: inputs, setUp: setUp)
        let generator = context.tensors.generator.stateBytes
        defer { try? context.tensors.generator.restore(generator) }
        try model.begin(&args)
        (compute, description) = (model.compute, model.description)
        construction = Construction(made.maker, values, dots: made.dots)
    }

    /// Says what it computes from one tensor as data, for ``Module/stage``; nil when it cannot just now.
    public func describe(_ description: @escaping (ComposedModule) -> (any Stage)?) { self.description = description }

    /// What was said with ``describe(_:)``.
    public override var stage: (any Stage)? { description?(self) }

    /// Matches the arguments to the inputs and computes.
    public override func forward(
        _ arguments: [Argument], call: Call, environment: Environment, context: Context
    ) throws -> Value {
        let compute = compute
        let bound = Builtin(
            names.first ?? "forward", namespace: "torch", function.parameters
        ) { [unowned self] args in try compute(&args, self) }
        return try namingBackward(context) {
            try context.interpreter.apply(
                .builtin(bound), arguments, call: call, environment: environment, context)
        }
    }

    /// An argument of the constructor.
    public override func field(_ name: String, context: Context) throws -> Value? {
        settings.first { $0.name == name }?.value
    }

    /// Sets a field (`reduction` of a loss, say), which the computation may read.
    public override func setField(_ name: String, _ value: Value, context: Context) throws {
        try setUpAgain(name, value, context)
        if let place = settings.firstIndex(where: { $0.name == name }) {
            settings[place].value = value
        } else {
            settings.append((name, value))
        }
    }

    /// A field as text, or nil.
    public func text(_ name: String) -> String? {
        guard case .character(let text)? = settings.first(where: { $0.name == name })?.value else { return nil }
        return text.elements.first??.string
    }

    /// Arguments of the constructor.
    public override var fieldNames: [String] { settings.map { $0.name } }

    /// The same settings and computation.
    public override func copy(context: Context) throws -> Module { ComposedModule(copying: self) }

    /// Also the fields as they are now.
    public override func savedState(_ context: Context) throws -> Value {
        TrainingContext.setting(try super.savedState(context), ".settings", .named(settings))
    }

    /// Takes them back.
    public override func restoreState(_ state: Value, _ context: Context) throws {
        try super.restoreState(state, context)
        settings = state.saved(".settings").namedItems
    }

    /// Children and settings.
    public override func visitReferences(_ visit: (Value) -> Void) {
        super.visitReferences(visit)
        for setting in settings { visit(setting.value) }
    }
}

extension Namespace {
    /// Adds a kind of module of several arguments.
    ///
    /// - Parameter inputs: Parameters of the call `m(input, target)`.
    public func module(
        _ name: String, inherits: [String] = [], _ parameters: [Parameter], inputs: [Parameter], help: String = "",
        _ setUp: @escaping (ComposedModule, inout Arguments) throws -> ComposedModule.Forward
    ) {
        module(name, inherits: inherits, parameters, help: help) { args in
            let settings = zip(args.function.parameters, args.values).map { (name: $0.name.name, value: $1) }
            let made = ComposedModule(
                names: [name] + inherits, settings: settings.filter { !$0.value.isMissing }, inputs: inputs,
                setUp: setUp)
            try made.begin(&args)
            return made
        }
    }
}

extension Construction {
    /// The arguments with one of them changed; nil if there is none of that name.
    fileprivate func arguments(changing name: String, to value: Value, _ context: Context) -> Arguments? {
        guard let place = maker.function.index(of: name), values.indices.contains(place) else { return nil }
        var values = values
        values[place] = value
        return Arguments(
            values: values, dots: dots, function: maker.function, call: Call(maker.function.name.name, []),
            environment: context.globalEnvironment, context: context)
    }
}
