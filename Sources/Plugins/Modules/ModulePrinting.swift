import PluginAPI

/// `print()` of modules and generators, as R torch lays them out.
func registerPrinting(_ torch: Namespace) {
    torch.method("print", for: "nn_module", [.value("x"), .dots], visible: false) { args in
        if case .object(let object) = args[0], let generator = object as? ModuleGenerator {
            args.context.console.write(generatorText(generator, args.context))
        } else {
            args.context.console.write(moduleText(try args.module("x"), args.context.console.width))
        }
        return args[0]
    }
    torch.method("format", for: "nn_module", [.value("x"), .dots]) { args in
        .string(try args.module("x").displayName)
    }
    torch.method("str", for: "nn_module", [.value("object"), .dots], visible: false) { args in
        let module = try args.module("object")
        args.context.console.write("\(module.displayName) with \(thousands(module.parameterCount)) parameters\n")
        return .null
    }
}

private func moduleText(_ module: Module, _ width: Int) -> String {
    var text = "An `nn_module` containing \(thousands(module.parameterCount)) parameters.\n"
    func part(_ title: String, _ lines: [String]) {
        guard !lines.isEmpty else { return }
        let rule = "── \(title) "
        let fill = String(repeating: "─", count: max(0, width - rule.unicodeScalars.count))
        text += "\n\(rule)\(fill)\n" + lines.map { "• \($0)\n" }.joined()
    }
    part(
        "Modules",
        module.children.map {
            "\($0.name): \(($0.module as? any AbsentThing)?.absentText ?? $0.module.displayName) #\(thousands($0.module.parameterCount)) parameters"
        })
    part(
        "Parameters", module.parameters.compactMap { entry in entry.tensor.map { "\(entry.name): \($0.summaryText)" } })
    part("Buffers", module.buffers.compactMap { entry in entry.tensor.map { "\(entry.name): \($0.summaryText)" } })
    return text
}

private func generatorText(_ generator: ModuleGenerator, _ context: Context) -> String {
    let name = generator.classNames.first ?? "unnamed"
    var text = "<\(name)> object generator\n  Inherits from: <inherit>\n  Public:\n"
    text += "    .classes: \((generator.classNames + ["nn_module"]).joined(separator: " "))\n"
    switch generator.kind {
    case .native(let constructor, _):
        text += "    initialize: " + functionLine(constructor.formals, context) + "\n"
        text += "    forward: function (input) \n"
        text += generatorEnd(context.globalEnvironment)
    case .scripted(let definition, _):
        for member in definition.publicMethods {
            if case .closure(let closure) = member.value {
                text += "    \(member.name.name): " + functionLine(closure.formals, context) + "\n"
            }
        }
        for member in definition.publicFields { text += "    \(member.name.name): \(member.value.typeName)\n" }
        text += generatorEnd(definition.environment)
    }
    return text
}

private func generatorEnd(_ environment: Environment) -> String {
    let address = UInt(bitPattern: ObjectIdentifier(environment).hashValue)
    return """
            clone: function (deep = FALSE, ..., replace_values = TRUE) 
          Private:
            .__clone_r6__: function (deep = FALSE) 
          Parent env: <environment: 0x\(String(address & 0xffff_ffff_ffff, radix: 16))>
          Locked objects: FALSE
          Locked class: FALSE
          Portable: TRUE

        """
}

/// `function (x, y = 2) `: the first line of the function's code as R writes it, which ends behind 60 letters.
private func functionLine(_ formals: Formals, _ context: Context) -> String {
    var line = "function ("
    for (place, name) in formals.names.enumerated() {
        let value = formals.defaults[place]
        line += value.isMissing ? name.name : "\(name.name) = \(context.deparse(value).joined(separator: " "))"
        guard place + 1 < formals.names.count else { break }
        line += ", "
        if line.utf8.count > 60 { return line }
    }
    return line + ") "
}

/// 11,689,512.
func thousands(_ number: Int) -> String {
    var digits = Array(String(number))
    var place = digits.count - 3
    while place > 0 {
        digits.insert(",", at: place)
        place -= 3
    }
    return String(digits)
}
