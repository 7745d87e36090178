import Diagnostics
import PluginAPI

/// `nn_module()`: a class of modules written in R.
func registerNNModule(_ torch: Namespace, _ registry: Registry) {
    registry.savedKinds.add("nn_module generator") { parts, _ in
        guard case .character(let names) = parts.saved("names") else {
            throw WorkbenchError(.data, "the saved module class has no names")
        }
        let parent = parts.saved("parent").isNull ? nil : try parts.saved("parent", as: ModuleGenerator.self)
        return ModuleGenerator(
            classNames: names.elements.map { $0?.string ?? "" },
            definition: try ClassDefinition(saved: parts.saved("definition")), parent: parent,
            instantiate: { try ScriptedModule.make($0, $1, $2, $3, $4) })
    }
    registry.savedKinds.add("nn_module") { parts, _ in
        ScriptedModule(generator: try parts.saved("generator", as: ModuleGenerator.self))
    }
    torch.function(
        "nn_module",
        [
            .value("classname", nil, help: "name of the class"),
            .value("inherit", code: "nn_Module", help: "a generator to extend"), .dots,
            .value("private", nil, help: "list of private members"),
            .value("active", nil, help: "list of functions called when a member is read or set"),
            .value("parent_env", code: "parent.frame()", help: "where methods look up names"),
        ], help: "Defines a module: initialize = function(…) { self$x <- … }, forward = function(x) { … }"
    ) { args in
        let className = try args.optionalString("classname")
        var parent: ModuleGenerator?
        switch args["inherit"] {
        case .missing, .null: break
        case .object(let object) where object is ModuleGenerator: parent = object as? ModuleGenerator
        case let value:
            throw WorkbenchError(
                .type, "`inherit` must be a module generator such as nn_linear, not \(args.describe(value))",
                hint: "a generator, without parentheses")
        }
        let definition = try ClassDefinition(
            args, name: className,
            unnamed: WorkbenchError(
                .value, "all members of nn_module() must be named",
                hint: "initialize = function(…) …, forward = function(x) …"))
        let inherited = parent?.classNames ?? []
        return .object(
            ModuleGenerator(
                classNames: (className.map { [$0] } ?? []) + inherited, definition: definition, parent: parent,
                instantiate: { try ScriptedModule.make($0, $1, $2, $3, $4) }))
    }
    torch.function("is_nn_module", [.value("x")], help: "Whether a value is a module; a generator of modules is none") {
        args in
        guard case .object(let object) = args[0] else { return false }
        return .flag(object is Module)
    }
}
