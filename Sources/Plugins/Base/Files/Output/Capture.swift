import Diagnostics
import RRuntime

/// The targets of `sink`, innermost last.
private final class Sinks {
    var targets: [Connection?] = []
}

func registerCapture(_ base: Namespace, _ utils: Namespace) {
    utils.function(
        "capture.output",
        [.promiseDots, .value("file", nil), .value("append", false), .value("type", "output"), .value("split", false)],
        help: "The lines that code prints, as a character vector."
    ) { args in try captureOutput(args) }
    base.function(
        "sink", [.value("file", nil), .value("append", false), .value("type", "output"), .value("split", false)],
        help: "Sends output to a file or connection; without one, back again.", visible: false
    ) { args in try sink(args) }
    base.function("sink.number", [.value("type", "output")], help: "How many sinks are in force.") { args in
        .int(args.context.storage(Sinks.self) { Sinks() }.targets.count)
    }
}

private func captureOutput(_ args: Arguments) throws -> Value {
    let context = args.context
    func run() throws {
        for argument in args.dots {
            context.isVisible = true
            guard case .promise(let promise) = argument.value else {
                try context.print(argument.value, environment: args.environment)
                continue
            }
            let value: Value
            if let known = promise.value {
                value = known
            } else {
                value = try context.evaluate(promise.expression, in: promise.environment ?? args.environment)
            }
            if context.isVisible { try context.print(value, environment: args.environment) }
        }
    }
    let type = try args.string("type")
    let text = type == "message" ? try context.console.capturingMessages(run) : try capturing(run, context)
    context.isVisible = true
    if try args.flag("split") { context.console.write(text) }
    if !args["file"].isNull {
        try writeOutput(text, to: args["file"], append: try args.flag("append"), args)
        context.isVisible = false
        return .null
    }
    return .strings(splitLines(text))
}

/// Collects output as one more sink, so that `sink()` in the code ends it; the one below then ends with the code, as in R.
private func capturing(_ run: () throws -> Void, _ context: Context) throws -> String {
    let sinks = context.storage(Sinks.self) { Sinks() }
    let depth = sinks.targets.count
    sinks.targets.append(nil)
    defer {
        if sinks.targets.count > depth {
            for target in sinks.targets[depth...] { target?.close() }
            sinks.targets.removeSubrange(depth...)
        } else if let below = sinks.targets.popLast() {
            _ = context.console.endCapture()
            below?.close()
        }
    }
    return try context.console.capturing(run)
}

private func sink(_ args: Arguments) throws -> Value {
    let context = args.context
    let sinks = context.storage(Sinks.self) { Sinks() }
    let isMessages = try args.string("type") == "message"
    if args["file"].isNull {
        if isMessages {
            context.console.redirectMessages(to: nil)
        } else if sinks.targets.isEmpty {
            try context.warn("no sink to remove", call: args.call)
        } else {
            _ = context.console.endCapture()
            sinks.targets.removeLast()?.close()
        }
        return .null
    }
    let connection: Connection
    var owned: Connection?
    switch args["file"] {
    case .character(let v):
        guard v.count == 1, let name = v[0] else { throw args.invalid("file") }
        connection = Connection(.file(path: context.resolved(name.string)), title: name.string, mode: "w")
        try connection.open(try args.flag("append") ? "a" : "w", context)
        owned = connection
    case .object(let object):
        guard let known = object as? Connection else { throw args.invalid("file") }
        connection = known
        try connection.checkUsable()
        if !connection.isOpen { try connection.open("w", context) }
    default: throw args.invalid("file")
    }
    // Writing to standard output from inside a sink would come back here.
    switch connection.kind {
    case .output, .error:
        if isMessages {
            context.console.redirectMessages(to: nil)
            return .null
        }
    default: break
    }
    let split = try args.flag("split")
    let writer: Console.Writer = { [unowned context] text in
        try? connection.write(text, context)
    }
    if isMessages {
        context.console.redirectMessages(to: writer)
    } else {
        context.console.beginRedirection(split: split, to: writer)
        sinks.targets.append(owned)
    }
    return .null
}
