import Diagnostics
import LanguageValues
import RRuntime

/// `methods`, `getS3method`, `registerS3method`, `.S3method`; and the S4 names, which end in one clear line.
func registerMethodTools(_ base: Namespace, _ utils: Namespace, _ methods: Namespace) {
    utils.function(
        "getS3method",
        [.value("f"), .value("class"), .value("optional", false), .value("envir", code: "parent.frame()")],
        help: "The method of a generic for a class"
    ) { args in
        let name = "\(try args.string("f")).\(try args.string("class"))"
        if let method = try s3Method(name, from: try args.environmentOrCaller("envir"), args.context) { return method }
        if try args.flag("optional") { return .null }
        throw WorkbenchError(
            .name, "S3 method '\(name)' not found",
            hint: didYouMean(name, among: args.context.registry.methods.keys.map { $0.name }))
    }
    base.function(
        "registerS3method",
        [.value("genname"), .value("class"), .value("method"), .value("envir", code: "parent.frame()")],
        help: "Makes a function the method of a generic for a class", visible: false
    ) { args in
        var method = try args.required("method")
        if case .character = method { method = try args.context.matchFunction(method, environment: args.environment) }
        guard method.isFunction else { throw WorkbenchError(.type, "bad method") }
        let name = "\(try args.string("genname")).\(try args.string("class"))"
        args.context.sessionMethods[Symbol.named(name)] = method
        return .null
    }
    base.function(
        ".S3method", [.value("generic"), .value("class"), .value("method")],
        help: "Makes a function the method of a generic for a class, and returns it"
    ) { args in
        let name = "\(try args.string("generic")).\(try args.string("class"))"
        var method = args["method"]
        if method.isMissing { method = .string(name) }
        method = try args.context.matchFunction(method, environment: args.environment)
        args.context.sessionMethods[Symbol.named(name)] = method
        return method
    }
    utils.function(
        "methods", [.promise("generic.function"), .value("class")], help: "The methods of a generic, or of a class"
    ) { args in
        let names = try methodNames(args)
        return Value.strings(names).setting(Symbol.classAttribute, "MethodsFunction")
    }
    utils.method("print", for: "MethodsFunction", [.value("x"), .dots], help: "Writes method names", visible: false) {
        args in
        let names = try args[0].asCharacters()
        if names.isEmpty {
            args.context.console.write("no methods found\n")
        } else {
            _ = try args.context.call(
                "print", [Argument(.character(names)), Argument(false, name: "quote")], environment: args.environment)
            args.context.console.write("see '?methods' for accessing help and source code\n")
        }
        return args[0]
    }
    for name in unsupportedNames {
        methods.function(name, [.promiseDots], help: "Not supported: S4 and reference classes") { args in
            throw WorkbenchError(
                .unsupported, "S4 classes and reference classes are not supported: \(name)()",
                hint: "S3 classes (structure(x, class = …), UseMethod) and R6::R6Class are")
        }
    }
    methods.function("is", [.value("object"), .value("class2")], help: "Whether an object is of a class") { args in
        let classes = args[0].classes + args[0].dispatchClasses
        guard args.has("class2") else { return .character(Vector(args[0].classes.map { $0 })) }
        return .flag(classes.contains(Text(try args.string("class2"))))
    }
}

private let unsupportedNames = [
    "setClass", "setGeneric", "setMethod", "setValidity", "setRefClass", "setClassUnion", "setReplaceMethod", "new",
    "validObject", "isVirtualClass", "slot", "slot<-", "slotNames", "showMethods", "callNextMethod", "getMethod",
    "existsMethod", "hasMethod", "selectMethod", "getGenerics", "initialize",
]

private func s3Method(_ name: String, from environment: Environment, _ context: Context) throws -> Value? {
    let symbol = Symbol.named(name)
    if let value = try context.variable(symbol, in: environment), value.isFunction { return value }
    return context.sessionMethods[symbol] ?? context.registry.methods[symbol]
}

private func methodNames(_ args: Arguments) throws -> [String] {
    var names = Set(args.context.registry.methods.keys.map { $0.name })
    names.formUnion(args.context.sessionMethods.keys.map { $0.name })
    for environment in args.context.searchPath.environments {
        for symbol in environment.names() where symbol.name.contains(".") {
            if let value = environment.local(symbol), value.isFunction { names.insert(symbol.name) }
        }
    }
    if args.has("generic.function") {
        var generic: String
        switch args.expression("generic.function") {
        case .symbol(let symbol): generic = symbol.name
        default: generic = try args.forced("generic.function").asCharacters().elements.first??.string ?? ""
        }
        generic += "."
        return inOrder(names.filter { Text($0).hasPrefix(generic) })
    }
    let suffix = "." + (try args.string("class"))
    return inOrder(names.filter { $0.hasSuffix(suffix) && $0 != suffix })
}

/// R lists methods without regard to case, whatever the locale.
private func inOrder(_ names: Set<String>) -> [String] {
    names.ordered { (Text($0.lowercased()), Text($0)) < (Text($1.lowercased()), Text($1)) }
}
