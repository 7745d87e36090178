import Diagnostics
import RRuntime

extension Arguments {
    /// An environment given as itself, as a position on the search path or as the name of something attached.
    package func environmentValue(_ name: String) throws -> Environment {
        try asEnvironment(try required(name), from: environment, context)
    }

    /// The environment of a parameter, or the caller's if it was not given.
    package func environmentOrCaller(_ name: String) throws -> Environment {
        has(name) ? try environmentValue(name) : environment
    }
}

/// What `as.environment` makes of a value.
package func asEnvironment(_ value: Value, from caller: Environment, _ context: Context) throws -> Environment {
    switch value {
    case .environment(let environment): return environment
    case .integer, .double:
        let number = try value.asDoubles().elements.first ?? .nan
        let path = context.searchPath.environments
        if number == -1 { return caller }
        guard let place = Int(exactly: number), place >= 1, place <= path.count else {
            throw WorkbenchError(.value, "invalid 'pos' argument")
        }
        return path[place - 1]
    case .character(let names):
        guard let name = names.elements.first ?? nil else { break }
        for environment in context.searchPath.environments where searchName(environment, context) == name.string {
            return environment
        }
        if name == "base" { return context.baseEnvironment }
        throw WorkbenchError(
            .name, "no item called \"\(name)\" on the search list", hint: "search() shows what is attached")
    case .list: return environment(from: value, parent: emptyEnvironment(context))
    case .object(let object):
        if let environment = object.attributes?[Symbol.dotEnvironment], case .environment(let home) = environment {
            return home
        }
    default: break
    }
    throw WorkbenchError(.type, "invalid object for 'as.environment'")
}

/// A new environment with the named elements of a list.
package func environment(from list: Value, parent: Environment) -> Environment {
    let result = Environment(parent: parent)
    guard case .list(let elements) = list, let names = list.names else { return result }
    // The first of two equal names is the one that `$` finds.
    for (place, element) in elements.elements.enumerated().reversed() where place < names.count {
        guard let name = names[place], !name.isEmpty else { continue }
        result.define(Symbol.named(name), element)
    }
    return result
}

/// The name under which `search()` lists an environment.
package func searchName(_ environment: Environment, _ context: Context) -> String {
    if environment === context.globalEnvironment { return ".GlobalEnv" }
    if environment === context.baseEnvironment { return "package:base" }
    return environment.name ?? ""
}

/// What this part of base R remembers in a session.
package final class LanguageState {
    /// `emptyenv()`: found behind base.
    let empty = Environment(parent: nil, name: "R_EmptyEnv")
    /// Evaluations by `eval` in progress, innermost last.
    package var evaluations: [EvaluationScope] = []
    /// `geterrmessage()`
    package var lastErrorMessage = ""
    /// Namespaces whose `library()` was called, in order.
    package var loaded: [String] = []
    /// Parsed sources of functions that this part builds from R text.
    var templates: [String: Value] = [:]

    /// A running `eval`: `on.exit` inside belongs to it.
    package final class EvaluationScope {
        package let environment: Environment
        package let frames: Int
        package var onExit: [Value] = []

        package init(_ environment: Environment, frames: Int) {
            self.environment = environment
            self.frames = frames
        }
    }

    package static func of(_ context: Context) -> LanguageState {
        context.storage(LanguageState.self) { LanguageState() }
    }
}

/// The environment without variables in which lookup ends.
package func emptyEnvironment(_ context: Context) -> Environment { LanguageState.of(context).empty }

/// A function written in R text, made in an environment; the text is parsed once a session.
func function(_ source: String, in environment: Environment, _ context: Context) throws -> Value {
    let state = LanguageState.of(context)
    let code: Value
    if let known = state.templates[source] {
        code = known
    } else {
        code = try context.parse(source).first ?? .null
        state.templates[source] = code
    }
    context.collector.track(environment)
    return try context.evaluate(code, in: environment)
}

/// A function written in R text that sees the variables given, then base.
package func function(_ source: String, seeing variables: [(String, Value)], _ context: Context) throws -> Value {
    let home = Environment(parent: context.baseEnvironment)
    for (name, value) in variables { home.define(Symbol.named(name), value) }
    return try function(source, in: home, context)
}
