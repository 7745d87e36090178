import Diagnostics
import Tensors

/// A layer, loss or net: parameters, buffers and children by name, and a forward computation.
///
/// R sees it as a function of class `nn_module` with fields: `m(x)` calls ``forward(_:call:environment:context:)``,
/// `m$weight` reads a parameter, `m$fc <- nn_linear(2, 3)` replaces a child. A layer written in Swift derives from
/// ``Layer``; nets written in R are modules as well.
///
/// For those who write one:
/// - Everything is called on the thread that evaluates R, holding the evaluator lock. Kernels run on threads of their own
///   below the tensors' operations; start none.
/// - Parameters are leaves that ask for gradients (`requiresGrad_()`); they are set when the module is made and taken
///   from ``parameter(_:)`` at each call, for optimizers, `$load_state_dict()` and clones put others in their place.
/// - ``isTraining`` says whether to behave as in training. Random numbers come from `context.tensors.generator`.
/// - A subclass overrides ``classNames``, the computation, ``copy(context:)``, and ``visitReferences(_:)`` if it holds R
///   values of its own. Register it with `Namespace.layer` or `Namespace.module`.
/// - Throw `WorkbenchError(.shape, …)` with both shapes for an input that does not fit; never trap.
/// - Check it with ``Checks/layer(_:input:as:)``, at the prompt `check_layer(m, input)`.
open class Module: ForeignObject, @unchecked Sendable {
    /// Parameters in the order of their registration; nil where a layer has none of that name (`bias = FALSE`).
    public final private(set) var parameters: [(name: String, tensor: Tensor?)] = []
    /// Buffers: tensors that belong to the state but are not learned.
    public final private(set) var buffers: [(name: String, tensor: Tensor?, isPersistent: Bool)] = []
    /// Children in the order of their registration.
    public final private(set) var children: [(name: String, module: Module)] = []
    /// Whether it computes as in training (dropout drops, batch normalisation uses the batch).
    public final var isTraining = true

    /// What `fit()` keeps of how the module was trained, so that `fit()` can go on; nil before.
    public final var memory: FitMemory?

    /// R class names, most special first, without `nn_module`.
    open var classNames: [String] { [] }

    /// ``classNames`` and `nn_module`.
    public final override var classes: [Text] { classNames.map { Text($0) } + ["nn_module"] }
    /// A closure to `typeof`, as in R torch.
    open override var typeName: String { "closure" }
    /// Number of children for containers, else 1.
    open override var length: Int { 1 }
    /// A module can stand in call position.
    open override var isCallable: Bool { true }

    /// Computes. Arguments are those of R's call.
    /// - Throws: what the computation throws; a shape error names both shapes.
    open func forward(
        _ arguments: [Argument], call: Call, environment: Environment, context: Context
    ) throws -> Value {
        throw WorkbenchError(
            .unsupported, "the module \(displayName) has no forward method",
            hint: "add forward = function(x) { … } to nn_module()")
    }

    /// Calls ``forward(_:call:environment:context:)``.
    public final override func call(
        _ arguments: [Argument], call: Call, environment: Environment, context: Context
    ) throws -> Value {
        try forward(arguments, call: call, environment: environment, context: context)
    }

    /// Fields that users and plug-ins have set on a module without fields of its own.
    private var extraFields: [(name: String, value: Value)] = []

    /// A field that is no parameter, buffer or child (`m$in_features`), or nil.
    open func field(_ name: String, context: Context) throws -> Value? {
        extraFields.first { $0.name == name }?.value
    }

    /// Sets a field that is no parameter, buffer or child.
    open func setField(_ name: String, _ value: Value, context: Context) throws {
        if let place = extraFields.firstIndex(where: { $0.name == name }) {
            extraFields[place].value = value
        } else {
            extraFields.append((name, value))
        }
    }

    /// Names of fields, for completion.
    open var fieldNames: [String] { extraFields.map { $0.name } }

    /// Fields with their values, for completion.
    open override var completions: [Completion] {
        extraFields.map { field in Completion(field.name) { field.value } }
    }

    /// A copy whose tensors are its own. Layers written in Swift return a new layer with the same settings.
    open func copy(context: Context) throws -> Module {
        throw WorkbenchError(.unsupported, "\(displayName) cannot be cloned")
    }

    /// Called when a copy has been given its tensors and children: who keeps them elsewhere, too, takes them over.
    open func tensorsChanged() {}

    /// What it computes from one tensor, as data, if it has no other effect than that of the stage: `nn_sequential()`
    /// then may compute it together with its neighbours (``Fusions``). Asked for at every call, so that tensors and
    /// ``isTraining`` are those of the moment; nil keeps the layer on its own.
    open var stage: (any Stage)? { nil }

    /// Lets the module's R methods see a variable (`ctx` during a fit); layers written in Swift have no use for it.
    open func expose(_ name: Symbol, _ value: Value) {}

    /// `<nn_linear>`.
    public final var displayName: String { "<\(classNames.first ?? "nn_module")>" }

    // MARK: Registration

    /// Adds or replaces a parameter; in place if the name is there already.
    public final func setParameter(_ name: String, _ tensor: Tensor?) {
        if let place = parameters.firstIndex(where: { $0.name == name }) {
            parameters[place].tensor = tensor
        } else {
            parameters.append((name, tensor))
        }
    }

    /// Adds or replaces a buffer.
    public final func setBuffer(_ name: String, _ tensor: Tensor?, isPersistent: Bool = true) {
        if let place = buffers.firstIndex(where: { $0.name == name }) {
            buffers[place].tensor = tensor
            buffers[place].isPersistent = isPersistent
        } else {
            buffers.append((name, tensor, isPersistent))
        }
    }

    /// Adds or replaces a child; a replaced one leaves its place to the new one.
    public final func setChild(_ name: String, _ module: Module) {
        if let place = children.firstIndex(where: { $0.name == name }) {
            children[place].module = module
        } else {
            children.append((name, module))
        }
    }

    /// Replaces all children (containers that insert or remove).
    public final func setChildren(_ new: [(name: String, module: Module)]) { children = new }

    /// The parameter of a name, or nil.
    public final func parameter(_ name: String) -> Tensor? {
        parameters.first { $0.name == name }?.tensor
    }

    /// The buffer of a name, or nil.
    public final func buffer(_ name: String) -> Tensor? { buffers.first { $0.name == name }?.tensor }

    /// The child of a name, or nil.
    public final func child(_ name: String) -> Module? { children.first { $0.name == name }?.module }

    // MARK: Saved sessions

    /// Parameters, buffers, children, mode and fields.
    open override func savedState(_ context: Context) throws -> Value {
        func tensor(_ tensor: Tensor?) -> Value { tensor.map { .tensor($0) } ?? .null }
        return .named([
            (".training", .flag(isTraining)), (".parameters", .named(parameters.map { ($0.name, tensor($0.tensor)) })),
            (".buffers", .named(buffers.map { ($0.name, tensor($0.tensor)) })),
            (".persistent", .logical(Vector(buffers.map { $0.isPersistent }))),
            (".children", .named(children.map { ($0.name, .object($0.module)) })),
            (".fields", .named(extraFields)), (".memory", memory.map { .object($0) } ?? .null),
        ])
    }

    /// Takes all of that back, in the place of what the layer made for itself.
    open override func restoreState(_ state: Value, _ context: Context) throws {
        isTraining = state.savedFlag(".training")
        parameters = state.saved(".parameters").namedItems.map { ($0.name, $0.value.asTensor) }
        guard case .logical(let persistent) = state.saved(".persistent") else {
            throw WorkbenchError(.data, "the saved state of \(displayName) is not a module's")
        }
        buffers = zip(state.saved(".buffers").namedItems, persistent.elements).map {
            ($0.name, $0.value.asTensor, $1 ?? true)
        }
        children = try state.saved(".children").namedItems.map { child in
            guard case .object(let object) = child.value, let module = object as? Module else {
                throw WorkbenchError(.data, "the saved child `\(child.name)` of \(displayName) is no module")
            }
            return (child.name, module)
        }
        extraFields = state.saved(".fields").namedItems
        memory = state.saved(".memory").isNull ? nil : try state.saved(".memory", as: FitMemory.self)
    }

    // MARK: References

    /// Children; fields are a subclass's own business (it calls super).
    open override func visitReferences(_ visit: (Value) -> Void) {
        for child in children { visit(.object(child.module)) }
        for field in extraFields { visit(field.value) }
        if let memory { visit(.object(memory)) }
    }

    /// Lets go of the children.
    open override func dropReferences() {
        children = []
        extraFields = []
        memory = nil
    }
}

/// A module of one tensor: what most layers are.
///
/// The first size of input and output is the batch's, and no output depends on the size of the batch. The computation
/// consists of operations of `Tensor`, which record how to differentiate them; one that is new is a value and its
/// pullback, `Tensor(op:_:from:saving:pullback:)`. See ``Module`` for the rest of the contract.
open class Layer: Module, @unchecked Sendable {
    /// Computes the output of one input.
    /// - Throws: a shape error that names both shapes.
    open func forward(_ x: Tensor, _ context: Context) throws -> Tensor {
        throw WorkbenchError(.unsupported, "\(displayName) computes nothing")
    }

    /// Takes the one tensor and computes.
    public final override func forward(
        _ arguments: [Argument], call: Call, environment: Environment, context: Context
    ) throws -> Value {
        guard arguments.count == 1 else {
            throw WorkbenchError(
                .value, "\(displayName) takes one tensor, not \(arguments.count) arguments")
        }
        guard let x = arguments[0].value.asTensor else {
            throw WorkbenchError(
                .type, "\(displayName) takes a tensor, not a value of type '\(arguments[0].value.typeName)'",
                hint: "torch_tensor() makes a tensor of R numbers")
        }
        return try namingBackward(context) { .tensor(try forward(x, context)) }
    }
}
