import Diagnostics
import Tensors

/// Parameters that are updated with the same settings.
public final class ParameterGroup: @unchecked Sendable {
    /// The tensors; frozen ones are passed over while they have no gradient.
    public var parameters: [Tensor]
    /// Settings by name in R's order: `lr`, `betas`, `weight_decay`, …
    public var options: [(name: String, value: Value)]

    /// Makes a group.
    public init(_ parameters: [Tensor], options: [(name: String, value: Value)]) {
        self.parameters = parameters
        self.options = options
    }

    /// A setting, or nil.
    public subscript(name: String) -> Value? {
        get { options.first { $0.name == name }?.value }
        set {
            let place = options.firstIndex { $0.name == name }
            if let newValue {
                if let place { options[place].value = newValue } else { options.append((name, newValue)) }
            } else if let place {
                options.remove(at: place)
            }
        }
    }

    /// A number among the settings (the first of a vector).
    /// - Throws: when it is missing, no number or NaN, with which one step would make NaN of every parameter.
    public func number(_ name: String, at place: Int = 0) throws -> Double {
        let value = self[name] ?? .null
        let isNumeric = value.isAtomic && value.typeName != "character"
        guard isNumeric, let numbers = try? value.asDoubles().elements, place < numbers.count, !numbers[place].isNaN
        else {
            throw WorkbenchError(.value, "the optimizer's setting `\(name)` is not a number")
        }
        return numbers[place]
    }

    /// A truth value among the settings; false if missing.
    public func flag(_ name: String) -> Bool {
        guard let value = self[name], let first = try? value.asLogicals().elements.first else { return false }
        return first ?? false
    }

    /// As R sees it: `list(params = , lr = , …)`.
    public var asValue: Value {
        Value.list(
            Vector(
                [.list(Vector(parameters.map { .object(TensorObject($0, role: .parameter)) }))]
                    + options.map { $0.value })
        ).withNames(["params"] + options.map { $0.name })
    }
}

/// Moves parameters against their gradients: class `torch_optimizer`.
///
/// An optimizer written in Swift overrides ``update(_:state:in:)``, which is called for each parameter that has a
/// gradient, with gradients not recorded. What it must remember of a parameter goes into the state, so that checkpoints
/// and `$state_dict()` hold it.
///
/// For those who write one:
/// - ``update(_:gradient:state:in:)`` runs on the thread that evaluates, for one parameter after another; parameter,
///   gradient and state tensors have the same shape. It changes the parameter in place (`add_`, `copy_`) and reads its
///   settings from the group each time, because schedulers change them.
/// - State holds tensors and numbers by name (``State/tensor(_:like:)``, ``State/next(_:)``), nothing else.
/// - An optimizer that looks at all gradients together overrides ``step(_:)``; one that evaluates the loss itself,
///   ``step(closure:_:)``.
/// - Check arguments in the initializer's caller; `Namespace.optimizer` registers it.
/// - Check it with ``Checks/optimizer(_:steps:as:)``, at the prompt `check_optimizer(function(params) optim_…(params))`.
open class Optimizer: ForeignObject, @unchecked Sendable {
    /// What is remembered of one parameter: tensors and numbers by name.
    public final class State: @unchecked Sendable {
        /// Entries in order.
        public var entries: [(name: String, value: Value)] = []

        /// Makes an empty state.
        public init() {}

        /// An entry, or nil.
        public subscript(name: String) -> Value? {
            get { entries.first { $0.name == name }?.value }
            set {
                let place = entries.firstIndex { $0.name == name }
                if let newValue {
                    if let place { entries[place].value = newValue } else { entries.append((name, newValue)) }
                } else if let place {
                    entries.remove(at: place)
                }
            }
        }

        /// A tensor of the parameter's kind, zero when first asked for.
        public func tensor(_ name: String, like parameter: Tensor) throws -> Tensor {
            if let known = self[name]?.asTensor { return known }
            let made = try parameter.detached().zerosLike()
            self[name] = .tensor(made)
            return made
        }

        /// A count, 0 at first; returns it after adding one.
        public func next(_ name: String) -> Int {
            let count = ((try? self[name]?.asDoubles().elements.first ?? 0) ?? 0) + 1
            self[name] = .number(count)
            return Int(count)
        }
    }

    /// Groups in order.
    public final var groups: [ParameterGroup] = []
    /// Settings that groups have unless they say otherwise.
    public final var defaults: [(name: String, value: Value)]
    private var states: [ObjectIdentifier: State] = [:]
    private let names: [String]

    /// Makes an optimizer.
    ///
    /// - Parameters:
    ///   - className: R class, `optim_adam`.
    ///   - parameters: Tensors, or R's list of groups `list(list(params = , lr = ), …)`.
    ///   - defaults: Settings in R's order.
    /// - Throws: for what is no tensor, for a tensor that is computed, and for no tensors at all.
    public init(_ className: String, _ parameters: Value, defaults: [(name: String, value: Value)]) throws {
        let family = className.hasPrefix("optim_ignite_") ? ["optim_ignite", "OptimizerIgnite"] : []
        names = [className] + family + ["torch_optimizer", "R6"]
        self.defaults = defaults
        super.init()
        try setParameters(parameters)
    }

    /// Makes an optimizer whose parameters come later (a class written in R calls `super$initialize`).
    public init(classNames: [String]) {
        names = classNames + ["torch_optimizer", "R6"]
        defaults = []
        super.init()
    }

    /// Takes parameters and defaults, for an optimizer made without.
    public final func begin(_ parameters: Value, defaults: [(name: String, value: Value)]) throws {
        self.defaults = defaults
        groups = []
        try setParameters(parameters)
    }

    /// R classes.
    public final override var classes: [Text] { names.map { Text($0) } }

    /// What it remembers besides the states of parameters and the settings of groups, by name; a checkpoint gives it back.
    /// Set with what was got.
    open var memory: [(name: String, value: Value)] {
        get { [] }
        set {}
    }

    /// Moves one parameter that has a gradient.
    open func update(_ parameter: Tensor, gradient: Tensor, state: State, in group: ParameterGroup) throws {}

    /// One step; an optimizer that evaluates the loss itself (L-BFGS) calls the closure as often as it needs.
    /// - Returns: The loss the closure gave, or nil without one.
    open func step(closure: (() throws -> Value)?, _ context: Context) throws -> Value? {
        let loss = try closure.map { closure in try withGradients { try closure() } }
        try step(context)
        return loss
    }

    /// A member that is no method of all optimizers (fields of a class written in R), or nil.
    open func field(_ name: String, context: Context) throws -> Value? { nil }

    /// Sets a member.
    open func setField(_ name: String, _ value: Value, context: Context) throws {
        throw WorkbenchError(
            .name, "`\(name)` of an optimizer cannot be set",
            hint: "$param_groups[[1]]$\(name) <- …, if it is a setting")
    }

    /// One step of all parameters that have a gradient.
    open func step(_ context: Context) throws {
        try naming(context) {
            try withoutGradients {
                for group in groups {
                    for parameter in group.parameters {
                        guard let gradient = parameter.grad else { continue }
                        try update(parameter, gradient: gradient, state: state(of: parameter), in: group)
                    }
                }
            }
        }
    }

    /// What is remembered of a parameter.
    public final func state(of parameter: Tensor) -> State {
        if let known = states[ObjectIdentifier(parameter)] { return known }
        let made = State()
        states[ObjectIdentifier(parameter)] = made
        return made
    }

    /// What is remembered of a parameter, or nil if it was never moved.
    public final func existingState(of parameter: Tensor) -> State? { states[ObjectIdentifier(parameter)] }

    /// Replaces what is remembered of a parameter.
    public final func setState(_ state: State, of parameter: Tensor) { states[ObjectIdentifier(parameter)] = state }

    /// Sets gradients to zero, as R torch does.
    public final func zeroGradients() throws {
        for group in groups {
            for parameter in group.parameters {
                if let gradient = parameter.grad { _ = try gradient.detached().zero_() }
            }
        }
    }

    // MARK: Groups

    private func setParameters(_ value: Value) throws {
        if let tensor = value.asTensor {
            try addGroup(.named([("params", .list(Vector([.tensor(tensor)])))]))
            return
        }
        guard case .list(let list) = value else {
            throw WorkbenchError(
                .type, "params must be a tensor, a list of tensors or a list of groups",
                hint: "usually model$parameters")
        }
        guard let first = list.elements.first else {
            throw WorkbenchError(
                .value, "optimizer got an empty parameter list", hint: "does the module have parameters?")
        }
        if first.isTensor {
            try addGroup(Value.list(Vector([.list(Vector(list.elements))])).withNames(["params"]))
        } else {
            for element in list.elements { try addGroup(element) }
        }
    }

    /// Adds a group: `list(params = , lr = , …)`; settings left out are the defaults.
    /// - Throws: as the initializer; and for a parameter that is in a group already.
    public final func addGroup(_ value: Value) throws {
        guard case .list(let list) = value, let names = value.names,
            let place = names.firstIndex(of: Text("params"))
        else { throw WorkbenchError(.type, "a parameter group must be a list with an element `params`") }
        var tensors: [Tensor] = []
        let given: [Value]
        if case .list(let inner) = list[place] { given = inner.elements } else { given = [list[place]] }
        for element in given {
            guard let tensor = element.asTensor else {
                throw WorkbenchError(.type, "optimizers take tensors, not a value of type '\(element.typeName)'")
            }
            guard tensor.isLeaf else { throw WorkbenchError(.value, "can't optimize a non-leaf Tensor") }
            guard !groups.contains(where: { $0.parameters.contains { $0 === tensor } }) else {
                throw WorkbenchError(.value, "some parameters appear in more than one parameter group")
            }
            tensors.append(tensor)
        }
        var options = defaults
        for (name, setting) in zip(names, list.elements) {
            guard let name = name?.string, name != "params" else { continue }
            if let known = options.firstIndex(where: { $0.name == name }) {
                options[known].value = setting
            } else {
                options.append((name, setting))
            }
        }
        for option in options {
            if case .object(let object) = option.value, object is RequiredSetting {
                throw WorkbenchError(
                    .value, "parameter group didn't specify a value of required optimization parameter \(option.name)",
                    hint: "give \(option.name) = …")
            }
        }
        groups.append(ParameterGroup(tensors, options: options))
    }

    /// Sets groups from R's `$param_groups` list after a change: `opt$param_groups[[1]]$lr <- 0.1`.
    public final func setGroups(_ value: Value) throws {
        guard case .list(let list) = value, list.count == groups.count else {
            throw WorkbenchError(
                .value, "param_groups must keep its \(groups.count) groups", hint: "$add_param_group() adds one")
        }
        for (group, element) in zip(groups, list.elements) {
            guard case .list(let settings) = element, let names = element.names else {
                throw WorkbenchError(.type, "a parameter group must be a named list")
            }
            for (name, setting) in zip(names, settings.elements) {
                guard let name = name?.string else { continue }
                if name != "params" {
                    group[name] = setting
                } else if case .list(let tensors) = setting {
                    group.parameters = tensors.elements.compactMap { $0.asTensor }
                }
            }
        }
    }

    /// Does something while there are so many groups; further ones have the settings of the first and no parameters.
    /// What is done to them is forgotten afterwards.
    func withGroups<Result>(count: Int, _ action: () throws -> Result) rethrows -> Result {
        let whole = groups
        defer { groups = whole }
        groups = (0..<count).map { place in
            let known = place < whole.count ? whole[place] : nil
            let group = ParameterGroup(
                known?.parameters ?? [], options: known?.options ?? whole.first?.options ?? defaults)
            if group["initial_lr"] == nil { group["initial_lr"] = group["lr"] }
            return group
        }
        return try action()
    }

    // MARK: Saved sessions

    /// Groups with their settings, and what is remembered of each parameter.
    open override func savedState(_ context: Context) throws -> Value {
        let groups = groups.map { group -> Value in
            .named([
                (".params", .tensors(group.parameters)), (".options", .named(group.options)),
                (
                    ".states",
                    .items(group.parameters.map { existingState(of: $0).map { .named($0.entries) } ?? .null })
                ),
            ])
        }
        return .named([(".groups", .items(groups)), (".defaults", .named(defaults))])
    }

    /// Takes them back.
    open override func restoreState(_ state: Value, _ context: Context) throws {
        defaults = state.saved(".defaults").namedItems
        states = [:]
        groups = try state.saved(".groups").namedItems.map { group in
            let tensors = group.value.saved(".params").namedItems.compactMap { $0.value.asTensor }
            let remembered = group.value.saved(".states").namedItems
            guard remembered.count == tensors.count else {
                throw WorkbenchError(.data, "the saved groups of an optimizer contradict themselves")
            }
            for (tensor, entries) in zip(tensors, remembered) where !entries.value.isNull {
                let state = State()
                state.entries = entries.value.namedItems
                setState(state, of: tensor)
            }
            return ParameterGroup(tensors, options: group.value.saved(".options").namedItems)
        }
    }

    /// Settings and state as R values.
    open override func visitReferences(_ visit: (Value) -> Void) {
        for group in groups { for option in group.options { visit(option.value) } }
        for option in defaults { visit(option.value) }
    }
}

/// `optim_required()`: a setting that must be given.
public final class RequiredSetting: ForeignObject, @unchecked Sendable {
    /// `optim_required`.
    public override var classes: [Text] { ["optim_required"] }
}

/// What `optim_adam` is: a function that makes optimizers.
public final class OptimizerGenerator: ForeignObject, @unchecked Sendable {
    /// The R name.
    public let name: String
    let constructor: Value

    /// A generator over a function that makes optimizers.
    public init(_ name: String, constructor: Value) {
        self.name = name
        self.constructor = constructor
    }

    /// Its name and `torch_optimizer_generator`.
    public override var classes: [Text] { [Text(name), "torch_optimizer_generator"] }
    /// A closure to `typeof`.
    public override var typeName: String { "closure" }
    /// It can stand in call position.
    public override var isCallable: Bool { true }

    /// Parameters of the constructor.
    public override var formals: Formals? {
        switch constructor {
        case .builtin(let builtin): return builtin.formals
        case .closure(let closure): return closure.formals
        default: return nil
        }
    }

    /// Makes an optimizer.
    public override func call(
        _ arguments: [Argument], call: Call, environment: Environment, context: Context
    ) throws -> Value {
        try context.interpreter.apply(constructor, arguments, call: call, environment: environment, context)
    }

    /// The constructor.
    public override func visitReferences(_ visit: (Value) -> Void) { visit(constructor) }
}

extension Namespace {
    /// Adds an optimizer: `optim_adam(params, …)`.
    public func optimizer(
        _ name: String, _ parameters: [Parameter], help: String = "",
        _ make: @escaping (inout Arguments) throws -> Optimizer
    ) {
        let constructor = maker(name, parameters, help: help) { args in try make(&args) }
        object(name, .object(OptimizerGenerator(name, constructor: .builtin(constructor))), .optimizer)
    }
}
