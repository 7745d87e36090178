import Diagnostics
import RRuntime

func registerDput(_ base: Namespace) {
    base.function(
        "dput",
        [
            .value("x"), .value("file", ""),
            .value("control", code: "c(\"keepNA\", \"keepInteger\", \"niceNames\", \"showAttributes\")"),
        ], help: "Writes code that makes the value.", visible: false
    ) { args in
        let value = try args.required("x")
        let lines = args.context.deparse(value)
        try writeOutput(lines.map { $0 + "\n" }.joined(), to: args["file"], append: false, args)
        return value
    }
    base.function("dget", [.value("file"), .value("keep.source", false)], help: "Runs what dput() wrote.") { args in
        let name = try args.string("file")
        let bytes = try readFile(args.context.resolved(name), shown: name, args.context)
        var result = Value.null
        for expression in try args.context.parse(String(decoding: bytes, as: UTF8.self), file: name) {
            result = try args.context.evaluate(expression, in: args.context.globalEnvironment)
        }
        return result
    }
}
