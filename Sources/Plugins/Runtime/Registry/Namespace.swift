/// A named set of functions and objects that plug-ins fill; `library(NAME)` attaches it.
public final class Namespace: @unchecked Sendable {
    /// Name, as in `library(name)` and `name::f`.
    public let name: String
    /// Its variables.
    public let environment: Environment
    /// Attached from the start, as base, stats and utils are.
    public var isAttachedAtStart = false
    /// Whether names that begin with a dot are attached too; those of plug-ins written in R stay inside.
    public internal(set) var exportsDotNames = true
    private unowned let registry: Registry

    init(_ name: String, registry: Registry) {
        self.name = name
        self.registry = registry
        environment = Environment(parent: nil, name: name == "base" ? "base" : "package:\(name)")
    }

    /// Adds a function.
    ///
    /// - Parameters:
    ///   - name: R name.
    ///   - parameters: Parameters in order; the source of matching, help and completion.
    ///   - help: First line is the summary.
    ///   - dispatch: How arguments with a class are handled first.
    ///   - visible: Whether the result is printed at the prompt.
    ///   - direct: Fast entry for plain calls with one argument (the second is `.missing`) or two.
    ///   - implementation: What it does.
    @discardableResult
    public func function(
        _ name: String, _ parameters: [Parameter], help: String = "", dispatch: Builtin.Dispatch = .none,
        visible: Bool = true, direct: Builtin.Direct? = nil, _ implementation: @escaping Builtin.Implementation
    ) -> Builtin {
        let builtin = Builtin(
            name, namespace: self.name, parameters, help: help, dispatch: dispatch, visible: visible, direct: direct,
            implementation)
        registry.own(builtin)
        add(Symbol.named(name), .builtin(builtin), .function)
        return builtin
    }

    /// Adds a keyword of the language: a function that gets its call as written.
    public func keyword(_ name: String, help: String = "", _ special: @escaping Builtin.Special) {
        let builtin = Builtin(name, namespace: self.name, [.promiseDots], help: help, special: special) { _ in .null }
        registry.own(builtin)
        add(Symbol.named(name), .builtin(builtin), .function)
    }

    /// Adds a function made by ``maker(_:_:help:visible:finish:_:)`` under its name.
    public func define(_ function: Builtin, _ kind: Registration.Kind = .function) {
        add(function.name, .builtin(function), kind)
    }

    /// Adds a function that lives in environments or code and is no variable, so that saved sessions find it.
    public func inner(_ name: String, _ function: Builtin) {
        registry.innerFunctions.add("\(self.name) \(name)", function)
    }

    /// Adds a function whose results are functions written in Swift: a saved session makes them again by calling it with
    /// the same arguments, so it must have no other effect.
    public func functionMaker(
        _ name: String, _ parameters: [Parameter], help: String = "",
        _ make: @escaping (Arguments) throws -> Builtin
    ) {
        let maker = function(name, parameters, help: help) { args in
            let made = try make(args)
            let given = zip(args.function.parameters, args.values).filter {
                $0.0.name !== Symbol.dots && !$0.1.isMissing
            }
            made.origin = .result(of: args.function, given.map { Argument($0.1, name: $0.0.name) } + args.dots)
            return .builtin(made)
        }
        maker.makesFunctions = true
    }

    /// Adds another name for something already there.
    public func alias(_ name: String, of original: String) {
        guard let value = environment.local(Symbol.named(original)) else { return }
        add(Symbol.named(name), value, .function)
    }

    /// Marks a function as the present plug-in's.
    func adopt(_ builtin: Builtin) { registry.own(builtin) }

    /// The makers of all namespaces.
    var makers: Makers { registry.makers }

    /// Adds an object that is no function.
    ///
    /// - Parameter kind: What it is, if the value does not tell.
    public func object(_ name: String, _ value: Value, _ kind: Registration.Kind? = nil) {
        var found = kind ?? .object
        if kind == nil, case .object(let object) = value { found = object.registrationKind }
        add(Symbol.named(name), value, found)
    }

    /// Adds an S3 method and, under its full name, a function of this namespace.
    @discardableResult
    public func method(
        _ generic: String, for className: String, _ parameters: [Parameter], help: String = "", visible: Bool = true,
        _ implementation: @escaping Builtin.Implementation
    ) -> Builtin {
        let builtin = Builtin(
            "\(generic).\(className)", namespace: name, parameters, help: help, visible: visible, implementation)
        registry.addMethod(generic, for: className, .builtin(builtin))
        add(builtin.name, .builtin(builtin), .function)
        return builtin
    }

    /// Says what the prompt offers after `object$` for a class whose `$` method is registered here.
    public func members(of className: String, _ list: @escaping MemberLists.List) {
        registry.memberLists.add(className, list)
    }

    private func add(_ symbol: Symbol, _ value: Value, _ kind: Registration.Kind) {
        registry.note(symbol, in: self, kind)
        environment.define(symbol, value)
    }

    // MARK: What is said about names

    private var documentation: [Symbol: Documentation] = [:]

    /// Adds what help says about a name whose value says nothing itself: functions written in R.
    public func document(_ name: String, _ documentation: Documentation) {
        self.documentation[Symbol.named(name)] = documentation
    }

    /// What was said about a name with ``document(_:_:)``.
    public func documentation(of symbol: Symbol) -> Documentation? { documentation[symbol] }

    /// How the checks are to try what was registered under a name, where the defaults of its parameters do not do.
    ///
    /// - Parameters:
    ///   - name: A name of this namespace.
    ///   - code: R code that makes one: `nn_squeeze(8)`, `lr_warm_restarts(optimizer, 4)`. Namespaces `torch`, `luz`,
    ///     `torchvision` and this one are attached; `optimizer` is one of two groups.
    ///   - input: What a layer or a metric takes, or a batch of the fit in which a callback is tried; the first size is
    ///     the batch. A shape is enough where numbers around 0 will do: `input: [2, 8]`.
    ///   - target: What a metric compares with: `target: .whole([4], in: 1...7)`.
    ///   - metrics: R code of the metrics of the fit in which a callback is tried: `luz_metric_accuracy()`.
    ///   - gradients: False for a layer whose gradients are not those of what it computes, on purpose.
    public func trial(
        _ name: String, _ code: String, input: TrialTensor? = nil, target: TrialTensor? = nil, metrics: String? = nil,
        gradients: Bool = true
    ) {
        registry.trials.add(
            Trial(code: code, input: input, target: target, metrics: metrics, gradients: gradients),
            "\(self.name)::\(name)", of: registry.registeringPlugin)
    }
}

/// What help says about a name, beside its parameters' names and defaults.
public struct Documentation: Sendable {
    /// One line.
    public var title: String
    /// What else there is to say.
    public var details: String
    /// What the parameters mean.
    public var parameters: [(name: String, text: String)]
    /// What is returned.
    public var result: String

    /// Puts it together.
    public init(
        title: String, details: String = "", parameters: [(name: String, text: String)] = [], result: String = ""
    ) {
        self.title = title
        self.details = details
        self.parameters = parameters
        self.result = result
    }
}
