import Diagnostics
import LanguageValues
import RRuntime

/// The namespace magrittr: pipes, sequences of functions and names for operators.
func registerMagrittr(_ registry: Registry) {
    let magrittr = registry.namespace("magrittr")
    registerPipes(magrittr)
    magrittr.object("freduce", .builtin(PipeSequence.freduce))
    magrittr.function("functions", [.value("fseq")], help: "The functions of a sequence as a list") { args in
        guard let functions = PipeSequence.functions(of: try args.required("fseq")) else {
            throw WorkbenchError(.type, "not a functional sequence")
        }
        return .items(functions)
    }
    magrittr.method("print", for: "fseq", [.value("x"), .dots], help: "Writes the steps of a sequence", visible: false)
    {
        args in
        var text = "Functional sequence with the following components:\n\n"
        let functions = PipeSequence.functions(of: args[0]) ?? []
        for (place, function) in functions.enumerated() {
            guard case .closure(let closure) = function else { continue }
            let lines = args.context.deparse(closure.body)
            text += " \(place + 1). \(lines.joined())\n"
        }
        text += "\nUse 'functions' to extract the individual functions. \n"
        args.context.console.write(text)
        return args[0]
    }
    magrittr.method("[[", for: "fseq", [.value("x"), .dots], help: "One function of a sequence") { args in
        try args.context.call(
            "[[", [Argument(.items(PipeSequence.functions(of: args[0]) ?? []))] + args.dots,
            environment: args.environment)
    }
    magrittr.method("[", for: "fseq", [.value("x"), .dots], help: "Part of a sequence") { args in
        let part = try args.context.call(
            "[", [Argument(.items(PipeSequence.functions(of: args[0]) ?? []))] + args.dots,
            environment: args.environment)
        guard case .list(let functions) = part, case .closure(let closure) = args[0] else { return part }
        return PipeSequence.make(functions.elements, in: closure.environment.parent ?? args.environment, args.context)
    }
    magrittr.method("length", for: "fseq", [.value("x")], help: "Number of functions of a sequence") { args in
        .int(PipeSequence.functions(of: args[0])?.count ?? 1)
    }
    registerAliases(magrittr)
}

/// Names for operators, usable in a pipe: each calls the function of base R that it stands for.
private func registerAliases(_ magrittr: Namespace) {
    let names = [
        "extract": "[", "extract2": "[[", "use_series": "$", "inset": "[<-", "inset2": "[[<-", "add": "+",
        "subtract": "-", "multiply_by": "*", "multiply_by_matrix": "%*%", "divide_by": "/", "divide_by_int": "%/%",
        "mod": "%%", "raise_to_power": "^", "and": "&", "or": "|", "equals": "==", "is_greater_than": ">",
        "is_in": "%in%", "is_less_than": "<", "is_weakly_greater_than": ">=", "is_weakly_less_than": "<=", "not": "!",
        "n'est pas": "!", "set_colnames": "colnames<-", "set_rownames": "rownames<-", "set_names": "names<-",
        "set_class": "class<-", "set_attr": "attr<-", "set_attributes": "attributes<-", "undebug_fseq": "identity",
        "debug_fseq": "identity",
    ]
    for (name, target) in names.ordered(by: { $0.key < $1.key }) {
        magrittr.function(name, [.promiseDots], help: "`\(target)` under a name") { args in
            let arguments = args.dots
            let call = Call(.symbol(Symbol.named(target)), arguments.map { Argument(codeOf($0.value), name: $0.name) })
            return try args.context.call(
                try args.context.function(Symbol.named(target), from: args.environment), arguments, call: call,
                environment: args.environment)
        }
    }
}
