import Diagnostics
import PluginAPI

/// What a callback class written in R inherits when its parent comes in the box: `luz_callback("mine", inherit =
/// luz_callback_early_stopping, on_epoch_end = function() { …; super$on_epoch_end() })`.
///
/// The parent's object is made by `initialize` (its own, or `super$initialize(…)`); hooks that the class does not write
/// itself, and `super$on_…()`, go to it, as do members the class does not have.
final class NativeParent {
    private let constructor: Builtin
    /// The object of the class written in R.
    weak var owner: ForeignObject?
    /// The parent's object, once it is initialized.
    var callback: Callback?
    /// The fit it belongs to.
    weak var training: TrainingContext?

    init(_ constructor: Builtin) { self.constructor = constructor }

    /// The class at the top of the chain.
    func definition() -> ClassDefinition {
        let initialize = Builtin("initialize", namespace: "luz", [.dots], visible: false) { [weak self] args in
            try self?.make(args)
            return .null
        }
        let owner: () -> ForeignObject? = { [weak self] in self?.owner }
        initialize.origin = .method(of: owner, "initialize")
        let hooks = TrainingEvent.allCases.map { event -> ClassDefinition.Member in
            let method = Builtin(event.rawValue, namespace: "luz", [], visible: false) { [weak self] _ in
                guard let self, let training, let callback, callback.listens(to: event) else { return .null }
                try callback.handle(event, training)
                return .null
            }
            method.origin = .method(of: owner, event.rawValue)
            return (event.symbol, .builtin(method))
        }
        return ClassDefinition(
            name: nil, public: [(Symbol.initialize, .builtin(initialize))] + hooks,
            environment: Environment(parent: nil, name: "R_EmptyEnv"))
    }

    private func make(_ args: Arguments) throws {
        let made = try args.context.call(
            .builtin(constructor), args.dots, call: args.call, environment: args.environment)
        guard case .object(let object) = made, let callback = object as? Callback else {
            throw WorkbenchError(.type, "\(constructor.name.name)() makes no callback")
        }
        self.callback = callback
    }

    /// Lets it check its settings before the fit.
    func prepare(_ training: TrainingContext) throws {
        guard let callback else {
            throw WorkbenchError(
                .value, "the callback that inherits from \(constructor.name.name) was not initialized",
                hint: "initialize must call super$initialize(…)")
        }
        self.training = training
        try callback.prepare(training)
    }
}
