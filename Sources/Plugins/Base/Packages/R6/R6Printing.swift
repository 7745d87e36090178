import Diagnostics
import LanguageValues
import RRuntime

/// How classes and objects print and format.
func registerR6Printing(_ namespace: Namespace) {
    namespace.method("format", for: "R6", [.value("x"), .dots], help: "Members of an object as text") { args in
        guard case .environment(let object) = args[0] else { return .string("<R6>") }
        if let own = object.local(Symbol.named("format")), own.isFunction {
            return try args.context.call(own, args.dots, call: Call("format", []), environment: args.environment)
        }
        return .string(try objectText(object, args.context))
    }
    namespace.method("print", for: "R6", [.value("x"), .dots], help: "Writes an object", visible: false) { args in
        guard case .environment(let object) = args[0] else { return args[0] }
        if let own = object.local(Symbol.named("print")), own.isFunction {
            return try args.context.call(
                own, args.dots, call: Call(.call(Call(".subset2", [])), []), environment: args.environment)
        }
        let text = try args.context.call(
            "format", [args[0]].map { Argument($0) } + args.dots, environment: args.environment)
        for line in try text.asCharacters().elements { args.context.console.write((line?.string ?? "NA") + "\n") }
        return args[0]
    }
    namespace.method("print", for: "R6ClassGenerator", [.value("x"), .dots], help: "Writes a class", visible: false) {
        args in
        guard case .environment(let generator) = args[0] else { return args[0] }
        args.context.console.write(try generatorText(generator, args.context) + "\n")
        return args[0]
    }
    namespace.method("format", for: "R6ClassGenerator", [.value("x"), .dots], help: "A class as text") { args in
        guard case .environment(let generator) = args[0] else { return .string("<R6ClassGenerator>") }
        return .string(try generatorText(generator, args.context))
    }
    namespace.method("as.list", for: "R6", [.value("x"), .dots], help: "The public members of an object as a list") {
        args in
        guard case .environment(let object) = args[0] else { return .items([]) }
        let symbols = object.names().filter { !$0.name.hasPrefix(".") }
        let values = try symbols.map { try args.context.forced(object.local($0) ?? .null) }
        return Value.list(Vector(values)).withNames(symbols.map { $0.name })
    }
}

private func objectText(_ object: Environment, _ context: Context) throws -> String {
    let classes = (Value.environment(object).classAttribute ?? ["R6"]).map { $0.string }
    var lines = ["<\(classes.first ?? "R6")>"]
    let own = classes.filter { $0 != "R6" }
    if own.count > 1 { lines.append("  Inherits from: <\(own[1])>") }
    lines.append("  Public:")
    lines += try summaries(of: object, context).map { "    " + $0 }
    if let privates = ClassInstance(object)?.privates {
        lines.append("  Private:")
        lines += try summaries(of: privates, context).map { "    " + $0 }
    }
    return lines.joined(separator: "\n")
}

private func summaries(of environment: Environment, _ context: Context) throws -> [String] {
    let symbols = environment.names().filter { $0 !== Symbol.enclosingEnvironment && $0.name != ".__active__" }
        .ordered { $0.text < $1.text }
    return try symbols.map { symbol in
        guard let value = environment.local(symbol) else { return symbol.name }
        if case .activeBinding = value { return "\(symbol.name): active binding" }
        return "\(symbol.name): \(try summary(of: try context.forced(value), context))"
    }
}

/// One line about a member: the head of a function, the elements of a vector, else its class.
private func summary(of value: Value, _ context: Context) throws -> String {
    if value.isFunction {
        let head = Closure(parameters(of: value) ?? .none, .null, context.globalEnvironment)
        return context.deparse(.closure(head)).first ?? "function"
    }
    if value.isNull { return "NULL" }
    if value.isAtomic {
        let text: Value =
            value.isObject
            ? try context.call("as.character", [Argument(value)]) : .character(try context.asCharacters(value))
        let shown = try text.asCharacters().elements.prefix(60).map { $0?.string ?? "NA" }.joined(separator: " ")
        guard shown.unicodeScalars.count > 60 else { return shown }
        return String(String.UnicodeScalarView(shown.unicodeScalars.prefix(56))) + " ..."
    }
    return value.classes.map { $0.string }.joined(separator: ", ")
}

private func generatorText(_ generator: Environment, _ context: Context) throws -> String {
    func field(_ name: String) -> Value { generator.local(Symbol.named(name)) ?? .null }
    func lines(_ name: String) throws -> [String] {
        guard case .list(let list) = field(name), let names = field(name).names else { return [] }
        return try zip(names, list.elements).map { "    \($0?.string ?? ""): \(try summary(of: $1, context))" }
    }
    func flag(_ name: String) -> String { (try? field(name).asCharacters().elements.first)??.string ?? "NULL" }
    let name = (try? field("classname").asCharacters().elements.first)??.string ?? "unnamed"
    var text = ["<\(name)> object generator"]
    if !field("inherit").isNull {
        text.append("  Inherits from: <\(context.deparse(field("inherit")).joined(separator: " "))>")
    }
    text.append("  Public:")
    text += try lines("public_fields") + lines("public_methods")
    if !field("active").isNull {
        text.append("  Active bindings:")
        text += try lines("active")
    }
    if !field("private_fields").isNull || !field("private_methods").isNull {
        text.append("  Private:")
        text += try lines("private_fields") + lines("private_methods")
    }
    var home = "<environment>"
    if case .environment(let environment) = field("parent_env") {
        if let named = environment.name {
            home = "<environment: \(named)>"
        } else {
            home =
                try context.call("format", [Argument(field("parent_env"))]).asCharacters().elements.first??.string
                ?? home
        }
    }
    text.append("  Parent env: \(home)")
    text.append("  Locked objects: \(flag("lock_objects"))")
    text.append("  Locked class: \(flag("lock_class"))")
    text.append("  Portable: \(flag("portable"))")
    return text.joined(separator: "\n")
}
