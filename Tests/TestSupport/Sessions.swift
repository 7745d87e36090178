import Glibc
import PluginAPI
import Session

/// A fresh session with everything that comes in the box.
///
/// - Parameters:
///   - output: Keeps what it prints.
///   - workingDirectory: `getwd()`; the root of the package if nil.
public func makeSession(
    capturing output: CapturedOutput = CapturedOutput(), workingDirectory: String? = nil
) -> Session {
    Session(
        plugins: languagePlugins + builtinPlugins, console: output.console,
        workingDirectory: workingDirectory ?? packageRoot)
}

/// How a program ended that was run in a session of its own.
public struct ProgramRun: Sendable {
    /// Standard output.
    public let out: String
    /// Standard error.
    public let error: String
    /// Exit status as of `workbench FILE.R`.
    public let status: Int32
}

/// Runs a program as `workbench FILE.R` does, in this process.
public func runProgram(_ text: String, file: String? = nil) -> ProgramRun {
    let output = CapturedOutput()
    let session = makeSession(capturing: output)
    let outcome = session.onDeepStack { session.run(text, file: file) }
    let printed = output.take()
    let status: Int32
    switch outcome {
    case .finished: status = 0
    case .quit(let asked): status = asked
    case .interrupted: status = 130
    case .failed, .incomplete: status = 1
    }
    return ProgramRun(out: printed.out, error: printed.error, status: status)
}

/// A fresh session with everything that comes in the box, on a console of the caller's.
public func session(writingTo console: Console) -> Session {
    Session(plugins: languagePlugins + builtinPlugins, console: console, workingDirectory: packageRoot)
}

/// The built-ins besides R itself.
public let optionalPlugins: [any Registrant.Type] = builtinPlugins

/// A fresh session with R itself and some of the built-ins, on a console and in a folder of the caller's.
public func makeSession(
    with plugins: [any Registrant.Type], console: Console, workingDirectory: String
) -> Session {
    Session(plugins: languagePlugins + plugins, console: console, workingDirectory: workingDirectory)
}

/// A fresh session with R itself and some of the built-ins.
public func makeSession(with plugins: [any Registrant.Type], capturing output: CapturedOutput) -> Session {
    Session(plugins: languagePlugins + plugins, console: output.console, workingDirectory: packageRoot)
}
