import Diagnostics
import LanguageValues
import RRuntime

/// The namespace R6: `R6Class`, `is.R6`, `is.R6Class`.
func registerR6(_ registry: Registry) {
    let namespace = registry.namespace("R6")
    namespace.function(
        "R6Class",
        [
            .value("classname", nil), .value("public", .items([])), .value("private", nil), .value("active", nil),
            .promise("inherit"), .value("lock_objects", true), .value("class", true), .value("portable", true),
            .value("lock_class", false), .value("cloneable", true), .value("parent_env", code: "parent.frame()"),
            .value("lock"),
        ], help: "Makes a class whose objects are references, with public, private and active members"
    ) { args in
        try checkMembers(args)
        return .environment(try makeGenerator(args))
    }
    namespace.function("is.R6", [.value("x")], help: "Whether it is an object of an R6 class") { args in
        .flag(args[0].inherits("R6"))
    }
    namespace.function("is.R6Class", [.value("x")], help: "Whether it is an R6 class") { args in
        .flag(args[0].inherits("R6ClassGenerator"))
    }
    registerR6Printing(namespace)
    namespace.inner("new", newObject)
    namespace.inner("get_inherit", inheritedClass)
    namespace.inner("set", setMember)
    namespace.inner("clone", cloneObject)
}

/// Members of a list by name.
private func members(_ value: Value) -> [ClassDefinition.Member] {
    guard case .list(let list) = value, let names = value.names else { return [] }
    return zip(names, list.elements).map { (Symbol.named($0 ?? ""), $1) }
}

private func checkMembers(_ args: Arguments) throws {
    var seen: Set<String> = []
    var all: [String] = []
    for part in ["public", "private", "active"] {
        switch args[part] {
        case .null: continue
        case .list(let list):
            if list.isEmpty { continue }
            guard let names = args[part].names, names.allSatisfy({ $0?.isEmpty == false }) else {
                throw WorkbenchError(.value, "All elements of public, private, and active must be named.")
            }
            all += names.map { $0?.string ?? "NA" }
        default: throw WorkbenchError(.type, "'\(part)' must be a list of members, not \(args[part].typeName)")
        }
    }
    for name in all where !seen.insert(name).inserted {
        throw WorkbenchError(
            .value, "All items in public, private, and active must have unique names.", hint: "`\(name)` is there twice"
        )
    }
    if seen.contains("clone") { throw WorkbenchError(.value, "Cannot add a member with reserved name 'clone'.") }
    if !seen.isDisjoint(with: ["self", "private", "super"]) {
        throw WorkbenchError(.value, "Items cannot use reserved names 'self', 'private', and 'super'.")
    }
    let hidden = members(args["private"]) + members(args["active"])
    if hidden.contains(where: { $0.name === Symbol.initialize }) {
        throw WorkbenchError(.value, "'initialize' is not allowed in private or active.")
    }
    guard members(args["active"]).allSatisfy({ $0.value.isFunction }) else {
        throw WorkbenchError(.value, "All items in active must be functions.")
    }
}

private let generatorSymbol = Symbol.named("generator")

/// A class is an environment of class `R6ClassGenerator` with R6's fields; `new` and `set` are functions in it.
private func makeGenerator(_ args: Arguments) throws -> Environment {
    let generator = Environment(parent: args.context.baseEnvironment)
    args.context.collector.track(generator)
    func listOf(_ members: [ClassDefinition.Member]) -> Value {
        members.isEmpty ? .null : Value.named(members.map { ($0.name.name, $0.value) })
    }
    var methods = members(args["public"]).filter { $0.value.isFunction }
    if try args.flag("cloneable") { methods.append((Symbol.named("clone"), cloneMethod(args.context))) }
    let hidden = members(args["private"])
    let fields: [(String, Value)] = [
        ("classname", args["classname"]),
        ("public_fields", listOf(members(args["public"]).filter { !$0.value.isFunction })),
        ("public_methods", listOf(methods)),
        ("private_fields", listOf(hidden.filter { !$0.value.isFunction })),
        ("private_methods", listOf(hidden.filter { $0.value.isFunction })),
        ("active", listOf(members(args["active"]))),
        ("inherit", args.has("inherit") ? args.expression("inherit") : .null),
        ("class", args["class"]), ("portable", args["portable"]), ("lock_objects", args["lock_objects"]),
        ("lock_class", args["lock_class"]), ("cloneable", args["cloneable"]),
        ("parent_env", .environment(try args.environmentOrCaller("parent_env"))),
    ]
    for (name, value) in fields { generator.define(Symbol.named(name), value) }
    let home = Environment(parent: args.context.baseEnvironment)
    home.define(generatorSymbol, .environment(generator))
    args.context.collector.track(home)
    func method(_ name: String, _ formals: Formals, _ builtin: Builtin) {
        let arguments =
            [Argument(.symbol(generatorSymbol))]
            + formals.names.map { symbol in
                Argument(.symbol(symbol), name: symbol === Symbol.dots ? nil : symbol)
            }
        generator.define(
            Symbol.named(name), .closure(Closure(formals, .call(Call(.builtin(builtin), arguments)), home)))
    }
    method("new", Formals([Symbol.dots], [.missing]), newObject)
    method("get_inherit", .none, inheritedClass)
    method(
        "set",
        Formals(
            ["which", "name", "value", "overwrite"].map { Symbol.named($0) }, [.null, .null, .missing, .flag(false)]),
        setMember)
    generator.attributes = Attributes.of([(Symbol.classAttribute, "R6ClassGenerator")])
    return generator
}

private func environmentOf(_ value: Value) throws -> Environment {
    guard case .environment(let environment) = value else { throw WorkbenchError(.type, "not an R6 class") }
    return environment
}

/// The class that `inherit = ` names, looked up when it is needed.
private func parentGenerator(_ generator: Environment, _ context: Context) throws -> Environment? {
    guard let code = generator.local(Symbol.named("inherit")), !code.isNull else { return nil }
    guard case .environment(let home)? = generator.local(Symbol.named("parent_env")) else { return nil }
    let value = try context.evaluate(code, in: home)
    if value.isNull { return nil }
    guard case .environment(let parent) = value, value.inherits("R6ClassGenerator") else {
        throw WorkbenchError(.type, "`inherit` must be a R6ClassGenerator.")
    }
    return parent
}

/// The definition that a generator describes now.
private func definition(_ generator: Environment, _ context: Context, depth: Int = 0) throws -> ClassDefinition {
    guard depth < 200 else { throw WorkbenchError(.value, "the class inherits from itself") }
    func field(_ name: String) -> Value { generator.local(Symbol.named(name)) ?? .null }
    let parent = try parentGenerator(generator, context).map { try definition($0, context, depth: depth + 1) }
    let isPortable = (try? field("portable").asLogicals().elements.first) == .some(true)
    if let parent, parent.isPortable != isPortable {
        throw WorkbenchError(.value, "Sub and superclass must both be portable or non-portable.")
    }
    let name = (try? field("classname").asCharacters().elements.first)??.string
    guard case .environment(let home) = field("parent_env") else { throw WorkbenchError(.type, "not an R6 class") }
    return ClassDefinition(
        name: name, public: members(field("public_fields")) + members(field("public_methods")),
        private: members(field("private_fields")) + members(field("private_methods")),
        active: members(field("active")), parent: parent, environment: home, isPortable: isPortable)
}

private let newObject = Builtin(
    "new", namespace: "R6", [.value("generator"), .promiseDots], help: "Makes an object of the class"
) { args in
    let generator = try environmentOf(args[0])
    let definition = try definition(generator, args.context)
    let instance = definition.instantiate(args.context)
    if case .logical(let flag)? = generator.local(Symbol.named("class")), flag.elements.first == true {
        instance.members.attributes = Attributes.of([
            (Symbol.classAttribute, .strings(definition.classNames + ["R6"]))
        ])
    }
    if case .logical(let flag)? = generator.local(Symbol.named("lock_objects")), flag.elements.first == true {
        instance.lock()
    }
    try instance.initialize(args.dots, call: Call("initialize", [.symbol(Symbol.dots)]), args.context)
    args.context.isVisible = true
    return .environment(instance.members)
}

private let inheritedClass = Builtin(
    "get_inherit", namespace: "R6", [.value("generator")], help: "The class inherited from, or NULL"
) { args in
    try parentGenerator(try environmentOf(args[0]), args.context).map { .environment($0) } ?? .null
}

private let setMember = Builtin(
    "set", namespace: "R6",
    [.value("generator"), .value("which", nil), .value("name", nil), .value("value"), .value("overwrite", false)],
    help: "Adds a member to the class; objects made before keep theirs", visible: false
) { args in
    let generator = try environmentOf(args[0])
    if case .logical(let flag)? = generator.local(Symbol.named("lock_class")), flag.elements.first == true {
        throw WorkbenchError(.value, "Can't modify a locked R6 class.")
    }
    let which = try args.string("which")
    guard ["public", "private", "active"].contains(which) else {
        throw WorkbenchError(.value, "`which` must be \"public\", \"private\", or \"active\".")
    }
    let value = try args.required("value")
    let name = Symbol.named(try args.string("name"))
    let groups = ["public_methods", "private_methods", "active", "public_fields", "private_fields"]
    for group in groups {
        let list = members(generator.local(Symbol.named(group)) ?? .null)
        guard list.contains(where: { $0.name === name }) else { continue }
        guard try args.flag("overwrite") else {
            throw WorkbenchError(
                .value, "Can't add \(name.name) because it already present in \(generator.className) generator.",
                hint: "overwrite = TRUE replaces it")
        }
        let rest = list.filter { $0.name !== name }
        generator.define(
            Symbol.named(group), rest.isEmpty ? .null : Value.named(rest.map { ($0.name.name, $0.value) }))
    }
    let target: String
    if which == "active" {
        guard value.isFunction else { throw WorkbenchError(.type, "`value` must be a function for active bindings") }
        target = "active"
    } else {
        target = which + (value.isFunction ? "_methods" : "_fields")
    }
    let list = members(generator.local(Symbol.named(target)) ?? .null) + [(name, value)]
    generator.define(Symbol.named(target), Value.named(list.map { ($0.name.name, $0.value) }))
    return .null
}

extension Environment {
    fileprivate var className: String {
        (try? local(Symbol.named("classname"))?.asCharacters().elements.first)??.string ?? "unnamed"
    }
}

/// `clone(deep = FALSE)`, a method like any other, so that it is re-homed and finds `self`.
private func cloneMethod(_ context: Context) -> Value {
    let deep = Symbol.named("deep")
    let body = Call(.builtin(cloneObject), [Argument(.symbol(Symbol.selfObject)), Argument(.symbol(deep))])
    return .closure(Closure(Formals([deep], [.flag(false)]), .call(body), context.baseEnvironment))
}

private let cloneObject = Builtin(
    "clone", namespace: "R6", [.value("self"), .value("deep", false)], help: "A copy of the object"
) { args in
    guard case .environment(let environment) = args[0], let instance = ClassInstance(environment) else {
        throw WorkbenchError(.type, "clone() must be called from an R6 object.")
    }
    let context = args.context
    guard try args.flag("deep") else { return .environment(try instance.clone(context).members) }
    let custom = instance.privates?.local(Symbol.named("deep_clone"))
    let copy = try instance.clone(context) { name, value in
        if let custom, custom.isFunction {
            return try context.call(
                custom, [Argument(.character(Vector([name.text]))), Argument(value)],
                call: Call("deep_clone", [.symbol(Symbol.named("name")), .symbol(Symbol.named("value"))]))
        }
        guard case .environment(let inner) = value, ClassInstance(inner) != nil,
            let method = inner.local(Symbol.named("clone")), method.isFunction
        else { return value }
        return try context.call(method, [Argument(true, name: "deep")], call: Call("clone", [.flag(true)]))
    }
    return .environment(copy.members)
}
