import Diagnostics

/// A session as code sees it: evaluation, output, options, conditions, random streams. Handed down, never global.
///
/// Everything here is guarded by the session's evaluator lock: whoever evaluates R holds it. What every call touches
/// carries no run-time check for overlapping access.
public final class Context: @unchecked Sendable {
    /// What plug-ins have registered.
    public let registry: Registry
    /// The evaluator.
    public let interpreter: any Interpreter
    /// Where output goes.
    public let console: Console
    /// `globalenv()`
    public let globalEnvironment: Environment
    /// `baseenv()`
    public let baseEnvironment: Environment
    /// Global environment, attached namespaces, base.
    public let searchPath: SearchPath
    /// `options()`
    public var options: Options
    /// Activations of R functions, outermost first.
    @exclusivity(unchecked) public var frames: [Frame] = []
    /// Registered functions running now that R has as closures, outermost first; see ``activating(_:from:_:)``.
    public var builtinActivations: [BuiltinActivation] = []
    /// Handlers in force, innermost last.
    public var handlers: [HandlerGroup] = []
    /// Restarts in force, innermost last.
    public var restarts: [Restart] = []
    /// Warnings kept for the end of the top-level call.
    public var pendingWarnings: [Value] = []
    /// Whether the value just computed is to be printed.
    @exclusivity(unchecked) public var isVisible = true
    /// Evaluations inside each other now.
    @exclusivity(unchecked) public var depth = 0
    /// `getwd()`: session state; the process never changes its own.
    public var workingDirectory: String {
        get { background?.workingDirectory ?? directory }
        set { if let background { background.workingDirectory = newValue } else { directory = newValue } }
    }
    private var directory: String
    /// `commandArgs()`
    public var commandArguments: [String] = ["workbench"]
    /// A person is at the prompt.
    public var isInteractive = false
    /// A top-level call has ended in an error.
    package var hasFailed = false
    /// Where the expression of the top level that is running was written; nil between them.
    public var topLevelSpan: SourceSpan?
    /// The call of the builtin that is running, for warnings.
    @exclusivity(unchecked) public var currentCall: Call?
    /// The environments that may be in cycles.
    public let collector = CycleCollector()
    /// Held by whoever evaluates R in this session.
    public let lock = EvaluatorLock()
    /// Address below which the stack of the evaluating thread must not grow; 0 where that is not known.
    @exclusivity(unchecked) public var stackLimit: UInt = 0
    /// Set by the signal handler, polled by loops and calls.
    @exclusivity(unchecked) public var interruptFlag: UnsafeMutablePointer<Int32>?
    /// Number of the signal that asks the program to end (SIGTERM, SIGHUP), 0 as long as there is none.
    public var endingSignal: () -> Int32 = { 0 }
    /// Above 0 while something runs that ends by itself when asked to, at a moment at which nothing is lost: a fit,
    /// between two batches.
    public var endingDeferrals = 0
    /// The computation in the background that evaluates now, nil for the session itself.
    @exclusivity(unchecked) public internal(set) var background: BackgroundEvaluation?
    /// Folder for what the workbench keeps about running work (`~/.local/state/workbench`), nil where nothing is to be
    /// kept: tests, replays.
    public var stateFolder: String?
    /// Methods registered at run time (`registerS3method`), by full name.
    public var sessionMethods: [Symbol: Value] = [:]

    /// The generic that a registered S3 method of a group was called for (`+` for an Ops method).
    public var methodGeneric: Symbol?

    /// Environments in which loops run.
    package var loopHomes = ActiveHomes()
    /// Environments in which `eval()` and its like run.
    package var evaluationHomes = ActiveHomes()
    /// A variable has let go of its value, which is being changed in place: code that could look at it must not run.
    @exclusivity(unchecked) package var isReplacingInPlace = false

    private var stores: [ObjectIdentifier: AnyObject] = [:]

    /// Makes a session's context; the base namespace and those attached at the start form the search path.
    public init(registry: Registry, interpreter: any Interpreter, console: Console, workingDirectory: String) {
        self.registry = registry
        self.interpreter = interpreter
        self.console = console
        directory = workingDirectory
        baseEnvironment = Environment(parent: nil, name: "base")
        let base = registry.namespace("base").environment
        for symbol in base.names() { if let value = base.local(symbol) { baseEnvironment.define(symbol, value) } }
        globalEnvironment = Environment(parent: baseEnvironment, name: "R_GlobalEnv")
        let attached = registry.namespaces.filter { $0.isAttachedAtStart && $0.name != "base" }
        searchPath = SearchPath(
            [globalEnvironment] + attached.map { Context.copy(of: $0.environment) } + [baseEnvironment])
        options = Options()
    }

    private static func copy(of environment: Environment, withDots: Bool = true) -> Environment {
        let copy = Environment(parent: nil, name: environment.name)
        for symbol in environment.names() where withDots || symbol.name.utf8.first != UInt8(ascii: ".") {
            if let value = environment.local(symbol) { copy.define(symbol, value) }
        }
        return copy
    }

    /// Attaches the namespace of a name right behind the global environment; what the session changes in it stays in
    /// the session.
    /// - Returns: false if no plug-in opened such a namespace.
    public func attach(_ name: String) -> Bool {
        guard let namespace = registry.existingNamespace(name) else { return false }
        if !isAttached(name) {
            searchPath.attach(Context.copy(of: namespace.environment, withDots: namespace.exportsDotNames))
        }
        return true
    }

    /// Brings what a plug-in has registered anew in a namespace to the copy that is attached.
    public func refresh(_ symbol: Symbol, of namespace: Namespace) {
        guard let value = namespace.environment.local(symbol) else { return }
        let attached = searchPath.environments.first {
            $0.name == "package:\(namespace.name)" || $0.name == namespace.name
        }
        attached?.define(symbol, value)
    }

    /// Whether the namespace of a name is attached.
    public func isAttached(_ name: String) -> Bool {
        searchPath.environments.contains { $0.name == "package:\(name)" || $0.name == name }
    }

    /// What a plug-in remembers in this session; made at first use.
    public func storage<Store: AnyObject>(_ type: Store.Type, make: () -> Store) -> Store {
        if let known = stores[ObjectIdentifier(type)] as? Store { return known }
        let new = make()
        stores[ObjectIdentifier(type)] = new
        return new
    }

    // MARK: Evaluation

    /// Evaluates an expression.
    public func evaluate(_ expression: Value, in environment: Environment) throws -> Value {
        try interpreter.evaluate(expression, in: environment, self)
    }

    /// The value of a promise.
    public func force(_ promise: Promise) throws -> Value {
        if let value = promise.value { return value }
        return try interpreter.force(promise, self)
    }

    /// The value behind a promise or active binding; other values are returned as they are.
    public func forced(_ value: Value) throws -> Value {
        switch value {
        case .promise(let promise): return try force(promise)
        case .activeBinding(let binding): return try call(binding.function, [])
        default: return value
        }
    }

    /// The value of a variable as code sees it, promises forced; nil if there is none.
    public func variable(_ symbol: Symbol, in environment: Environment) throws -> Value? {
        guard let value = environment.lookup(symbol) else { return nil }
        return try forced(value)
    }

    /// Calls a function.
    ///
    /// - Parameters:
    ///   - function: Closure, builtin or callable object.
    ///   - arguments: Values, or promises.
    ///   - call: What `sys.call()` and error messages show; `FUN(...)` if nil.
    ///   - environment: `parent.frame()` of the call; the global environment if nil.
    public func call(
        _ function: Value, _ arguments: [Argument], call: Call? = nil, environment: Environment? = nil
    ) throws -> Value {
        try interpreter.apply(
            function, arguments, call: call ?? Context.anonymousCall, environment: environment ?? globalEnvironment,
            self)
    }

    /// The call of a function that was called without one.
    static let anonymousCall = Call("FUN", [])

    /// Calls a function by name, found from the global environment.
    public func call(_ name: String, _ arguments: [Argument], environment: Environment? = nil) throws -> Value {
        let environment = environment ?? globalEnvironment
        return try call(
            try function(Symbol.named(name), from: environment), arguments,
            call: Call(name, arguments.map { $0.value }),
            environment: environment)
    }

    /// The S3 method's result for an object, or nil if its classes have no method for the generic.
    public func dispatch(
        _ generic: Symbol, on object: Value, _ arguments: [Argument], call: Call, environment: Environment
    ) throws -> Value? {
        try interpreter.dispatch(generic, on: object, arguments, call: call, environment: environment, self)
    }

    /// The function a name stands for in call position: variables that are no functions are passed over.
    /// - Throws: R's `could not find function "f"`, with the nearest names.
    public func function(_ symbol: Symbol, from environment: Environment) throws -> Value {
        var current: Environment? = environment
        while let here = current {
            if let value = here.local(symbol) {
                if value.isMissing {
                    throw WorkbenchError(.value, "argument \"\(symbol.name)\" is missing, with no default")
                }
                let forced = try self.forced(value)
                if forced.isFunction { return forced }
            }
            current = here.parent
        }
        throw unknownFunction(symbol)
    }

    /// The error for a function that does not exist: says which namespace has it, or what is near.
    public func unknownFunction(_ symbol: Symbol) -> WorkbenchError {
        let message = "could not find function \"\(symbol.name)\""
        let homes = registry.namespaces.filter { $0.environment.local(symbol) != nil && !isAttached($0.name) }.map {
            $0.name
        }
        if let home = homes.first { return WorkbenchError(.name, message, hint: "library(\(home)) has it") }
        var names: Set<String> = []
        for environment in searchPath.environments {
            for candidate in environment.names() {
                if let value = environment.local(candidate), value.isFunction { names.insert(candidate.name) }
            }
        }
        let near = didYouMean(symbol.name, among: names)
        if let plugin = registry.whoProvides?(symbol.name) {
            return WorkbenchError(.name, message, hint: "library(\(plugin)) has it, a plug-in that is installed")
        }
        return WorkbenchError(.name, message, hint: near)
    }

    /// A function given as itself, as a string or as a symbol (`match.fun`).
    public func matchFunction(_ value: Value, environment: Environment) throws -> Value {
        if value.isFunction { return value }
        if case .character(let names) = value, names.count == 1, let name = names[0] {
            do {
                return try function(Symbol.named(name), from: environment)
            } catch var error as WorkbenchError {
                error.message = "object '\(name)' of mode 'function' was not found"
                throw error
            }
        }
        if case .symbol(let symbol) = value { return try function(symbol, from: environment) }
        throw WorkbenchError(
            .type, "'\(deparse(value).first ?? "value")' is not a function, character or symbol")
    }

    /// Expressions of a text.
    public func parse(_ text: String, file: String? = nil) throws -> [Value] {
        try interpreter.parse(text, file: file)
    }

    /// Source lines of a value.
    public func deparse(_ value: Value, _ options: DeparseOptions = DeparseOptions()) -> [String] {
        interpreter.deparse(value, options)
    }

    /// Elements as text, as `as.character` gives them: list elements that are no single strings, and code, deparsed.
    public func asCharacters(_ value: Value) throws -> CharacterVector {
        switch value {
        case .list(let list), .expression(let list):
            return Vector(
                try list.elements.map { element in
                    if element.isAtomic, element.length == 1 { return try element.asCharacters()[0] }
                    if case .symbol(let symbol) = element { return symbol.text }
                    return Text(deparse(element).joined(separator: "\n"))
                })
        case .call(let call):
            return Vector(
                call.parts.map { part in
                    switch part.value {
                    case .symbol(let symbol): return symbol.text
                    case .character(let text) where text.count == 1: return text[0]
                    default: return Text(deparse(part.value).joined(separator: "\n"))
                    }
                })
        default: return try longTexts(value) ?? value.asCharacters()
        }
    }

    /// Prints a value as the prompt does: by its class's `print` method.
    public func print(_ value: Value, environment: Environment? = nil) throws {
        _ = try call("print", [Argument(value)], environment: environment ?? globalEnvironment)
    }

    /// Throws ``Interrupt`` if Ctrl-C was pressed, and ``QuitRequest`` if the program has been asked to end; long
    /// computations call it now and then. Lets other threads evaluate that wait to.
    public func pollInterrupt() throws {
        if lock.isWanted { giveWay() }
        guard let flag = interruptFlag, flag.pointee != 0 else { return }
        if endingSignal() != 0 {
            if endingDeferrals == 0 { try endIfAsked() }
            return
        }
        flag.pointee = 0
        try signal(makeCondition("", call: nil, classes: ["interrupt", "condition"]))
        throw Interrupt()
    }

    /// Throws ``QuitRequest`` with the status 128 + signal if the program has been asked to end.
    public func endIfAsked() throws {
        let signal = endingSignal()
        if signal != 0 { throw QuitRequest(status: 128 + signal) }
    }

    // MARK: Unwinding

    /// How deep frames, handlers and evaluation are now; ``restore(_:)`` goes back there after a caught error.
    public struct Depth {
        let frames: Int
        let handlers: [HandlerGroup]
        let restarts: [Restart]
        let depth: Int
        let call: Call?
    }

    /// The present depth.
    public func savedDepth() -> Depth {
        Depth(frames: frames.count, handlers: handlers, restarts: restarts, depth: depth, call: currentCall)
    }

    /// Goes back to an earlier depth.
    public func restore(_ saved: Depth) {
        if frames.count > saved.frames { frames.removeSubrange(saved.frames...) }
        handlers = saved.handlers
        restarts = saved.restarts
        depth = saved.depth
        currentCall = saved.call
    }
}

/// `options()`: values by name, in the order of the names.
public struct Options {
    private var values: [String: Value] = [
        "digits": .int(7), "width": .int(80), "OutDec": "." as Value, "scipen": .int(0), "warn": .int(0),
        "expressions": .int(5000), "stringsAsFactors": false, "max.print": .int(99999),
        "encoding": "native.enc" as Value,
        "keep.source": false, "prompt": "> " as Value, "continue": "+ " as Value, "digits.secs": .null,
        "warning.length": .int(1000), "useFancyQuotes": true, "browserNLdisabled": false, "echo": false,
        "deparse.max.lines": .null, "nwarnings": .int(50), "timeout": .int(60),
    ]

    init() {}

    /// The value of an option, or nil.
    public subscript(name: String) -> Value? {
        get {
            guard let value = values[name], !value.isNull else { return nil }
            return value
        }
        set { values[name] = newValue ?? .null }
    }

    /// All names that have a value, sorted.
    public var names: [String] { values.filter { !$0.value.isNull }.keys.inByteOrder() }

    /// A whole-number option, or a fallback if it is unset or no number.
    public func int(_ name: String, _ fallback: Int) -> Int {
        guard let value = self[name], let first = try? value.asIntegers().elements.first, let number = first else {
            return fallback
        }
        return Int(number)
    }

    /// A truth-value option; false if unset.
    public func flag(_ name: String) -> Bool {
        guard let value = self[name], let first = try? value.asLogicals().elements.first else { return false }
        return first ?? false
    }
}
