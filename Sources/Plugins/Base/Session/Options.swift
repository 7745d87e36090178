import Diagnostics
import RRuntime

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
            try context.setOption(name, value)
        }
        context.isVisible = settings.contains { $0.value == nil }
        return Value.list(Vector(before)).withNames(settings.map { $0.name })
    }
    base.function("getOption", [.value("x"), .promise("default")], help: "The value of an option") { args in
        if let value = args.context.options[try args.string("x")] { return value }
        return args.has("default") ? try args.forced("default") : .null
    }
}
