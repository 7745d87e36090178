import Diagnostics
import Evaluator
import Language
import PluginAPI

/// One running workbench: plug-ins, variables, options, console.
public final class Session: @unchecked Sendable {
    /// What code sees of the session.
    public let context: Context
    private let evaluator: Evaluator

    /// How a piece of program ended.
    public enum Outcome: Equatable, Sendable {
        /// All of it ran.
        case finished
        /// An error ended it; it has been reported.
        case failed
        /// Ctrl-C ended it.
        case interrupted
        /// `q()` was called.
        case quit(status: Int32)
        /// The text ends too early: nothing ran.
        case incomplete
    }

    /// Starts a session.
    ///
    /// - Parameters:
    ///   - plugins: Built-ins, in order; each registers through the public door.
    ///   - console: Where output goes.
    ///   - workingDirectory: `getwd()` at the start.
    ///   - pluginFolders: Where `library()` looks for plug-ins that do not come in the box.
    public init(
        plugins: [any Registrant.Type], console: Console, workingDirectory: String,
        pluginFolders: PluginFolders = PluginFolders()
    ) {
        let registry = Registry()
        evaluator = Evaluator()
        BaseKeywords(evaluator).register(in: registry)
        for plugin in plugins { registry.register(plugin) }
        context = Context(
            registry: registry, interpreter: evaluator, console: console, workingDirectory: workingDirectory)
        context.pluginFolders = pluginFolders
        registry.findPlugin = { [weak context] name, override in
            guard let context else { return false }
            return try context.pluginFolders.load(name, override: override, into: context)
        }
        registry.whoProvides = { [weak context] function in context?.pluginProviding(function) }
    }

    /// Runs a body on a thread with a deep stack that holds the evaluator lock, and waits for it.
    ///
    /// - Parameter stackBytes: Size of the stack; memory is used only as far as recursion goes.
    public func onDeepStack<Result>(stackBytes: Int = 512 << 20, _ body: @escaping () -> Result) -> Result {
        runOnDeepStack(bytes: stackBytes) { [context] in
            context.lock.acquire()
            defer { context.lock.release() }
            context.stackLimit = EvaluatorThread.stackLimit(bytes: stackBytes)
            return body()
        }
    }

    /// Runs a program text: each top-level expression in turn, visible values printed, until an error.
    ///
    /// Expressions before a syntax error run first, as R does.
    public func run(_ text: String, file: String? = nil) -> Outcome {
        let expressions: [ParsedExpression]
        var failure: WorkbenchError?
        switch parse(SourceText(text, file: file)) {
        case .complete(let all): expressions = all
        case .incomplete(let all, let error), .failure(let all, let error): (expressions, failure) = (all, error)
        }
        // Comments are recorded with the expressions between which they stand.
        if let first = expressions.first { recordComments(first.span.source, 1..<first.lines.first) }
        let outcome = run(expressions)
        guard outcome == .finished else { return outcome }
        if let failure {
            report(failure)
            return .failed
        }
        if let last = expressions.last {
            recordComments(last.span.source, (last.lines.last + 1)..<(last.span.source.lineStarts.count + 1))
        }
        return outcome
    }

    /// Runs parsed expressions until one fails; what `record()` asked to is recorded, line by line.
    public func run(_ expressions: [ParsedExpression]) -> Outcome {
        var rest = expressions[...]
        while let first = rest.first {
            let lines = first.lines
            var last = lines.last
            let group = rest.prefix { expression in
                guard expression.lines.first <= last else { return false }
                last = max(last, expression.lines.last)
                return true
            }
            rest = rest.dropFirst(group.count)
            let wasRecording = context.recorder.isOn
            context.recorder.begin(width: width)
            var outcome = Outcome.finished
            for expression in group {
                outcome = run(expression)
                guard outcome == .finished else { break }
            }
            // The calls that begin and end a recording are no part of it.
            if wasRecording, context.recorder.isOn {
                context.console.flush()
                record(first.span.source, lines.first...last, outcome)
            }
            guard outcome == .finished else { return outcome }
            if let next = rest.first?.lines.first, next > last { recordComments(first.span.source, (last + 1)..<next) }
            // Asked to end while the expression ran, and the expression did not notice.
            let signal = context.endingSignal()
            if signal != 0 { return .quit(status: 128 + signal) }
        }
        return .finished
    }

    /// Columns of outputs.
    private var width: Int { context.options.int("width", context.console.width) }

    /// Adds lines that hold a comment alone to a recording that is under way.
    public func record(comments lines: [String]) {
        guard context.recorder.isOn else { return }
        recording { for line in lines { try context.recorder.add(comment: line) } }
    }

    private func recordComments(_ source: SourceText, _ lines: Range<Int>) {
        guard context.recorder.isOn, !lines.isEmpty else { return }
        record(comments: lines.map { source.line($0) })
    }

    private func recording(_ body: () throws -> Void) {
        do { try body() } catch let error as WorkbenchError {
            report(error)
        } catch {
            report(WorkbenchError(.fault, "\(error)"))
        }
    }

    private func record(_ source: SourceText, _ lines: ClosedRange<Int>, _ outcome: Outcome) {
        let end: SessionRecorder.End
        switch outcome {
        case .failed: end = .failed
        case .interrupted: end = .interrupted
        default: end = .finished
        }
        recording { try context.recorder.add(lines.map { source.line($0) }, end, width: width) }
    }

    /// Begins to record, as `record(path)` does.
    /// - Throws: `.data` if the script cannot be made.
    public func record(to path: String) throws { try context.recorder.start(path, appending: false, context.console) }

    /// Runs one top-level expression: evaluates, prints, then reports warnings or the error.
    public func run(_ expression: ParsedExpression) -> Outcome {
        let depth = context.savedDepth()
        defer { context.restore(depth) }
        let outer = context.topLevelSpan
        context.topLevelSpan = expression.span
        defer { context.topLevelSpan = outer }
        var outcome = Outcome.finished
        do {
            do {
                context.isVisible = true
                try context.withGradMode {
                    let value = try context.evaluate(expression.value, in: context.globalEnvironment)
                    if context.isVisible {
                        if value.isMissing { context.console.write("\n") } else { try context.print(value) }
                    }
                    keepLastValue(value)
                }
            } catch let error as WorkbenchError {
                var located = error
                if located.span == nil { located.span = expression.span }
                throw try context.raise(located, call: nil)
            }
        } catch let error as UncaughtError {
            context.restore(depth)
            context.baseEnvironment.define(Symbol.named(".Traceback"), traceback(error))
            context.console.writeError(ErrorReport(context).text(error, inside: expression.span))
            outcome = runErrorOption() ?? .failed
        } catch is Interrupt {
            context.restore(depth)
            context.console.writeError("\n")
            outcome = .interrupted
        } catch let quit as QuitRequest {
            outcome = .quit(status: quit.status)
        } catch let flow as ControlFlow {
            context.restore(depth)
            outcome = reportStray(flow)
        } catch is RestartUnwind, is ConditionUnwind {
            context.restore(depth)
            outcome = .failed
        } catch let stop as StopTraining {
            context.restore(depth)
            report(
                WorkbenchError(
                    .plugin,
                    "a plug-in asks for the end of a fit, and none runs\(stop.message.map { ": \($0)" } ?? "")",
                    hint: "StopTraining is for handle(_:_:) of callbacks; elsewhere throw a WorkbenchError"))
            outcome = .failed
        } catch {
            context.restore(depth)
            report(WorkbenchError(.fault, "\(error)", hint: "this is a bug of the workbench"))
            outcome = .failed
        }
        if outcome == .failed { context.hasFailed = true }
        runHooks(context.registry.sessionHooks.afterTopLevelCall)
        reportWarnings(afterError: outcome == .failed)
        return outcome
    }

    /// What `traceback()` shows: the calls that were active, innermost first.
    private func traceback(_ error: UncaughtError) -> Value {
        .items(error.traceback.reversed().map { .strings(context.deparse(.call($0))) })
    }

    /// Lets plug-ins say what a person should know first; call it before the first prompt.
    public func greet() { runHooks(context.registry.sessionHooks.beforeFirstPrompt) }

    /// Lets plug-ins complete what is open (files of graphics devices); call it before the program ends.
    public func finish() { runHooks(context.registry.sessionHooks.atEnd) }

    private func runHooks(_ hooks: [(Context) throws -> Void]) {
        for hook in hooks {
            do {
                try hook(context)
            } catch let error as WorkbenchError {
                report(error)
            } catch {
                report(WorkbenchError(.fault, "\(error)", hint: "this is a bug of the workbench"))
            }
        }
    }

    private func keepLastValue(_ value: Value) {
        context.baseEnvironment.define(Symbol.named(".Last.value"), value)
    }

    private func reportStray(_ flow: ControlFlow) -> Outcome {
        switch flow {
        case .returnValue: report(WorkbenchError(.value, "no function to return from, jumping to top level"))
        case .breakLoop, .nextIteration:
            report(WorkbenchError(.value, "no loop for break/next, jump to top level"))
        }
        return .failed
    }

    // MARK: Reports

    /// Writes an error to standard error: R's line, then the place, then the hint.
    public func report(_ error: UncaughtError) {
        context.console.writeError(ErrorReport(context).text(error))
    }

    /// Writes an error that is no R condition (a syntax error, mostly).
    public func report(_ error: WorkbenchError) {
        context.console.writeError(ErrorReport(context).text(error))
    }

    private func reportWarnings(afterError: Bool) {
        let warnings = context.pendingWarnings
        context.pendingWarnings = []
        guard !warnings.isEmpty else { return }
        context.baseEnvironment.define(Symbol.named("last.warning"), .list(Vector(warnings)))
        context.console.writeError(WarningReport(context).text(warnings, afterError: afterError))
    }
}

extension ParsedExpression {
    /// First and last line it stands on, from 1.
    fileprivate var lines: (first: Int, last: Int) {
        let range = span.range
        let last = span.source.position(of: max(range.lowerBound, range.upperBound - 1)).line
        return (span.position.line, last)
    }
}
