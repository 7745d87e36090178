import Diagnostics
import PluginAPI
import Tensors

/// `options` and `getOption`.
func registerOptions(_ base: Namespace) {
    base.function("options", [.dots], help: "Sets options; returns their former values, or all options") { args in
        let context = args.context
        if args.dots.isEmpty {
            let names = context.options.names
            return Value.list(Vector(names.map { context.options[$0] ?? .null })).withNames(names)
        }
        var settings: [(name: String, value: Value?)] = []
        for argument in args.dots {
            if let name = argument.name, !name.name.isEmpty {
                settings.append((name.name, argument.value))
            } else {
                switch argument.value {
                case .list(let list):
                    guard let names = argument.value.names else {
                        if list.isEmpty { continue }
                        throw WorkbenchError(.value, "list argument has no valid names")
                    }
                    for (place, element) in list.elements.enumerated() {
                        settings.append((names[place]?.string ?? "", element))
                    }
                case .character(let names):
                    for name in names.elements { settings.append((name?.string ?? "NA", nil)) }
                case .null: continue
                default: throw WorkbenchError(.value, "invalid argument")
                }
            }
        }
        let before = settings.map { context.options[$0.name] ?? .null }
        for (name, value) in settings {
            guard let value else { continue }
            try set(name, value, context)
        }
        context.isVisible = settings.contains { $0.value == nil }
        return Value.list(Vector(before)).withNames(settings.map { $0.name })
    }
    base.function("getOption", [.value("x"), .value("default", nil)], help: "The value of an option") { args in
        args.context.options[try args.string("x")] ?? args["default"]
    }
}

/// Sets an option whose values must make sense.
private func set(_ name: String, _ value: Value, _ context: Context) throws {
    func number(_ range: ClosedRange<Int>) throws -> Int {
        guard let first = try? value.asIntegers().elements.first, let whole = first, range.contains(Int(whole)),
            value.length == 1
        else {
            let got = context.deparse(value).first ?? ""
            throw WorkbenchError(
                .value, "invalid '\(name)' parameter, allowed \(range.lowerBound)...\(range.upperBound)",
                hint: "got \(got)")
        }
        return Int(whole)
    }
    /// TRUE (also for NULL) or FALSE.
    func flag(_ meaning: String, otherwise: Bool = true) throws -> Bool {
        if value.isNull { return otherwise }
        guard value.length == 1, let first = try? value.asLogicals().elements.first, let flag = first else {
            throw WorkbenchError(
                .value, "invalid value for '\(name)'",
                hint: otherwise ? "TRUE (the default) or FALSE: \(meaning)" : "FALSE (the default) or TRUE: \(meaning)")
        }
        return flag
    }
    switch name {
    case "digits": context.options[name] = .int(try number(0...22))
    case "width":
        let width = try number(10...10000)
        context.options[name] = .int(width)
        context.console.width = width
    case "scipen":
        guard let first = try? value.asIntegers().elements.first, let whole = first else {
            throw WorkbenchError(.value, "invalid value for '\(name)'")
        }
        context.options[name] = .int(Int(whole))
    case "max.print":
        guard value.length == 1, let first = try? value.asIntegers().elements.first, let whole = first, whole > 0 else {
            throw WorkbenchError(.value, "invalid value for 'max.print'")
        }
        context.options[name] = .int(Int(whole))
    case "error":
        switch value {
        case .null, .call, .symbol, .expression: break
        case let function where function.isFunction: break
        default:
            throw WorkbenchError(
                .value, "invalid value for 'error'", hint: "code or a function: options(error = quote(traceback()))")
        }
        context.options[name] = value
    case "warn":
        guard case .null = value else {
            guard value.length == 1, let first = try? value.asDoubles().elements.first, !first.isNaN else {
                throw WorkbenchError(.value, "invalid value for 'warn'")
            }
            context.options[name] = value
            return
        }
        throw WorkbenchError(.value, "invalid value for 'warn'")
    case "workbench.winograd":
        context.tensors.kernels.winograd = try flag("exact 3×3 convolutions")
        context.options[name] = value
    case "workbench.fusion":
        context.tensors.kernels.fusion = try flag("layers one after the other")
        context.options[name] = value
    case "workbench.explain_kernels":
        let isOn = try flag("say which kernel computes what", otherwise: false)
        let console = context.console
        context.tensors.kernels.explain = isOn ? { console.writeError($0 + "\n") } : nil
        context.options[name] = value
    default:
        try context.registry.optionChecks.check(name, value, context)
        context.options[name] = value
    }
}
