import Diagnostics
import Tensors

extension Checks {
    /// How something that a plug-in registered came out of its check.
    public enum Outcome {
        /// All is well.
        case passed(Report)
        /// It was not tried: no trial was given, and the defaults do not do.
        case untried(name: String, reason: String)
    }

    /// Checks everything that a plug-in registered and that there is a check for.
    ///
    /// Objects are made by the code of ``Namespace/trial(_:_:input:target:metrics:)``; without one by a call with the arguments' defaults,
    /// and 8 for layers' sizes.
    /// - Throws: an error of kind `.plugin` for the first thing that is wrong.
    public func registrations(of plugin: String) throws -> [Outcome] {
        try trials(of: plugin).map { trial in
            switch trial {
            case .passed(let report): return .passed(report)
            case .untried(let name, let reason): return .untried(name: name, reason: reason)
            case .failed(let name, let arguments, let reason):
                return .untried(name: name, reason: "with \(arguments), \(reason)")
            }
        }
    }

    /// How something came out, with what was tried and failed where that refuses nothing.
    package enum Trial {
        /// All is well.
        case passed(Report)
        /// It was not tried.
        case untried(name: String, reason: String)
        /// It failed with `guessed arguments` or with `its defaults`.
        case failed(name: String, arguments: String, reason: String)
    }

    /// The same, and what failed told from what was not tried.
    package func trials(of plugin: String) throws -> [Trial] {
        for name in context.registry.trials.names(of: plugin) {
            let parts = name.split(separator: ":", omittingEmptySubsequences: true).map(String.init)
            guard parts.count == 2, let home = context.registry.existingNamespace(parts[0]),
                home.environment.local(Symbol.named(parts[1])) == nil
            else { continue }
            throw fail(
                parts[1], "there is a trial of it, and nothing of this name is registered in \(parts[0])",
                hint: didYouMean(
                    parts[1], among: context.registry.registrations.filter { $0.plugin == plugin }.map { $0.name }))
        }
        var outcomes: [Trial] = []
        var seen: Set<String> = []
        for registration in context.registry.registrations.reversed() where registration.plugin == plugin {
            guard seen.insert("\(registration.namespace)::\(registration.name)").inserted, isTried(registration) else {
                continue
            }
            do {
                if let outcome = try check(registration) { outcomes.append(outcome) }
            } catch let error as WorkbenchError where isGuessed(registration) {
                let home = context.registry.existingNamespace(registration.namespace)
                let isCalledWithDefaults =
                    home?.environment.local(registration.symbol).map { !hasRequired($0) } ?? false
                outcomes.append(
                    .failed(
                        name: registration.name,
                        arguments: isCalledWithDefaults ? "its defaults" : "guessed arguments",
                        reason: oneLine(of: error)))
            }
        }
        return outcomes.reversed()
    }

    /// What stays inside is not tried, and what stands in the place of another's name only where it is at home.
    private func isTried(_ registration: Registration) -> Bool {
        if context.registry.trials["\(registration.namespace)::\(registration.name)"] != nil { return true }
        guard !registration.name.hasPrefix(".") else { return false }
        guard context.registry.loadedPlugins.plugin(registration.plugin)?.isCompiled == false,
            registration.namespace != registration.plugin
        else { return true }
        return context.registry.existingNamespace(registration.plugin)?.environment.local(registration.symbol) == nil
    }

    /// A plug-in in R cannot say how its functions are to be tried: what fails may be the guess, and refuses nothing.
    private func isGuessed(_ registration: Registration) -> Bool {
        context.registry.trials["\(registration.namespace)::\(registration.name)"] == nil
            && context.registry.loadedPlugins.plugin(registration.plugin)?.isCompiled == false
    }

    private func check(_ registration: Registration) throws -> Trial? {
        let name = registration.name
        let given = context.registry.trials["\(registration.namespace)::\(name)"]
        guard
            let value = context.registry.existingNamespace(registration.namespace)?.environment.local(
                registration.symbol)
        else { return nil }
        let code = given?.code ?? call(name, value, registration.kind)
        func untried(_ reason: String) -> Trial { .untried(name: name, reason: reason) }
        /// What the code makes; nil where only a guess failed, which is ``why``.
        var why = ""
        func made(_ variables: [(name: String, value: Value)] = []) throws -> Value? {
            note("\(code): make")
            switch try attempt(code, { try self.value(of: code, variables) }) {
            case .success(let value): return value
            case .failure(let error):
                if given != nil { throw error }
                why = reason(error, code)
                return nil
            }
        }
        func cannotBeMade() -> Trial { untried("\(code) cannot be called: \(why)") }
        /// What failed may be the guess, where arguments were guessed.
        func guessed(_ tried: Result<Report, WorkbenchError>) throws -> Trial {
            switch tried {
            case .success(let report): return .passed(report)
            case .failure(let error):
                if given != nil || !hasRequired(value) { throw error }
                return .failed(name: name, arguments: "guessed arguments", reason: oneLine(of: error))
            }
        }
        switch registration.kind {
        case .function, .object, .dataset:
            guard given != nil else { return nil }
            _ = try made()
            return .passed(Report(subject: code, facts: ["runs"]))
        case .layer, .module:
            guard let value = try made() else { return cannotBeMade() }
            guard case .object(let object) = value, let module = object as? Module else {
                return untried("\(code) makes no module")
            }
            // Of nets written in R those are layers that are called so.
            let isLayer =
                registration.kind == .layer || module is Layer
                || name.hasPrefix("nn_")
                    && isGuessed(registration)
            guard isLayer || given?.input != nil else { return nil }
            let (report, failure) = try layer(module, code, given?.input, gradients: given?.gradients ?? true)
            if let report { return .passed(report) }
            return untried(failure.map { oneLine(of: $0) } ?? "\(code) takes none of the usual shapes")
        case .transform:
            let function = try self.value(of: "function(img) \(code)")
            return try guessed(attempt(code) { try transform(function, as: code) })
        case .scheduler:
            // Made once outside, so that a call that cannot be made is told from a scheduler that fails.
            guard try made([("optimizer", .object(try optimizerOfTwoGroups()))]) != nil else {
                return cannotBeMade()
            }
            return try guessed(
                attempt(code) {
                    try scheduler(
                        { optimizer in
                            try object(
                                try self.value(of: code, [("optimizer", .object(optimizer))]), Scheduler.self, code)
                        }, as: code)
                })
        case .optimizer:
            let probe = Value.tensors([try Tensor.zeros([2]).requiresGrad_()])
            guard try made([("params", probe)]) != nil else { return cannotBeMade() }
            return try guessed(
                attempt(code) {
                    try optimizer(
                        { parameters in
                            try object(try self.value(of: code, [("params", parameters)]), Optimizer.self, code)
                        }, as: code)
                })
        case .callback:
            guard let value = try made() else { return cannotBeMade() }
            let made = try object(value, Callback.self, code)
            let metrics = try given?.metrics.map { try self.value(of: "list(\($0))") } ?? .null
            let tried = try attempt(code) {
                try callback(made, input: given?.input?.shape, metrics: metrics, as: code)
            }
            switch tried {
            case .success(let report): return .passed(report)
            case .failure(let error):
                if given != nil { throw error }
                return untried("it fails in the usual fit: \(reason(error, code))")
            }
        case .metric:
            guard let value = try made() else { return cannotBeMade() }
            let made = try object(value, MetricGenerator.self, code)
            var batches: MetricTrial?
            if let input = given?.input {
                guard let target = given?.target else {
                    throw fail(
                        code, "its trial has an input and no target", hint: "trial(…, input: [4, 7], target: [4, 7])")
                }
                batches = try self.given((input, target), code)
            }
            switch try triedMetric(made, batches, code) {
            case .success(let report): return .passed(report)
            case .failure(let error):
                if batches != nil { throw error }
                return untried("it takes none of the usual batches: \(reason(error, code))")
            }
        }
    }

    /// Why something could not be tried, in one line.
    private func reason(_ error: WorkbenchError, _ code: String) -> String {
        let message =
            error.message.hasPrefix(code + ": ") ? error.message.dropFirst(code.count + 2) : error.message[...]
        return message.split(separator: "\n").joined(separator: " ") + place(of: error)
    }

    /// An error with its subject, and where it is in the plug-in's file.
    private func oneLine(of error: WorkbenchError) -> String {
        error.message.split(separator: "\n").joined(separator: " ") + place(of: error)
    }

    /// `, at own.R:7`; nothing for code that is in no file.
    private func place(of error: WorkbenchError) -> String {
        guard let span = error.span, let file = span.source.file?.split(separator: "/").last else { return "" }
        return ", at \(file):\(span.position.line)"
    }

    private func object<Kind>(_ value: Value, _ kind: Kind.Type, _ code: String) throws -> Kind {
        if case .object(let object) = value, let found = object as? Kind { return found }
        throw fail(
            code,
            "it makes a value of type '\(value.typeName)', not \(Kind.self == Optimizer.self ? "an" : "a") \(Kind.self)"
        )
    }

    /// What the checks give, and what is no guess.
    private static let known: Set<String> = ["img", "optimizer", "params"]

    /// Whether an argument with such a default has to be given.
    private func isRequired(_ fallback: Value) -> Bool {
        if case .object(let object) = fallback { return object is RequiredSetting }
        return fallback.isMissing
    }

    /// Whether a function has more arguments without a default than what the checks give it.
    private func hasRequired(_ value: Value) -> Bool {
        let formals = value.formals ?? .none
        return zip(formals.names, formals.defaults).contains { name, fallback in
            isRequired(fallback) && name !== Symbol.dots && !Checks.known.contains(name.name)
        }
    }

    /// A call with the defaults, and numbers that usually do for what has none.
    private func call(_ name: String, _ value: Value, _ kind: Registration.Kind) -> String {
        let formals = value.formals ?? .none
        let arguments = zip(formals.names, formals.defaults).compactMap { symbol, fallback -> String? in
            guard isRequired(fallback), symbol !== Symbol.dots else { return nil }
            switch (kind, symbol.name) {
            case (.optimizer, "lr"): return "lr = 0.01"
            case (_, "optimizer"): return "optimizer"
            case (_, "params"): return "params"
            case (.transform, "img"): return "img"
            default: return "\(symbol.name) = 8"
            }
        }
        return "\(name)(\(arguments.joined(separator: ", ")))"
    }

    /// The check on what was given, or on the first of the usual shapes that it takes.
    private func layer(
        _ module: Module, _ code: String, _ input: TrialTensor?, gradients: Bool
    ) throws -> (report: Report?, failure: WorkbenchError?) {
        guard let input else { return try triedLayer(module, as: code, gradients: gradients) }
        guard isSmall(input.shape, sizes: 1...4096, elements: 1 << 20) else {
            throw fail(
                code,
                "its input must have sizes from 1 to 4096 and at most 1048576 elements, not the shape \(text(input.shape))"
            )
        }
        let x = try running(code) { try input.tensor(context) }
        return (try layer(module, input: x, as: code, gradients: gradients), nil)
    }
}
