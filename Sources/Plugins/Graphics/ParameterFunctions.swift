import Diagnostics
import GraphicDevices
import PluginAPI

/// Registers `par` and `layout`.
func registerParameters(_ graphics: Namespace) {
    let par = graphics.function(
        "par", [.dots, .value("no.readonly", false)],
        help:
            "Graphical parameters of the current device: sets those named and returns the old values, or asks for some."
    ) { args in
        args.context.isVisible = true
        let device = try args.context.devices.currentDevice()
        var settings: [(String, Value)] = []
        var asked: [String] = []
        func take(_ name: String?, _ value: Value) throws {
            if let name, !name.isEmpty {
                settings.append((name, value))
            } else if case .list(let list) = value {
                let names = value.names ?? []
                for (index, element) in list.elements.enumerated() {
                    try take(index < names.count ? names[index]?.string : nil, element)
                }
            } else if case .character(let names) = value {
                asked += names.elements.compactMap { $0?.string }
            } else if !value.isNull {
                throw WorkbenchError(.value, "invalid argument passed to par()")
            }
        }
        for dot in args.dots { try take(dot.name?.name, dot.value) }
        if settings.isEmpty, asked.isEmpty, args.dots.isEmpty {
            return .named(GraphicParameters.defaults.map { ($0.0, device.parameters[$0.0] ?? .null) })
        }
        var old: [(String, Value)] = []
        for (name, value) in settings {
            guard let before = device.parameters[name] else {
                try args.context.warn("\"\(name)\" is not a graphical parameter", call: args.call)
                continue
            }
            old.append((name, before))
            try device.parameters.set(name, value)
        }
        if !settings.isEmpty {
            args.context.isVisible = false
            return .named(old)
        }
        if asked.count == 1, let name = asked.first {
            guard let value = device.parameters[name] else {
                try args.context.warn("\"\(name)\" is not a graphical parameter", call: args.call)
                return .null
            }
            return value
        }
        return .named(asked.map { ($0, device.parameters[$0] ?? .null) })
    }
    par.keepsVisibility = true
    graphics.function(
        "layout", [.value("mat"), .value("widths", nil), .value("heights", nil), .value("respect", false)],
        help: "Divides the page as a matrix of plot numbers says.", visible: false
    ) { args in
        let matrix = try args.required("mat")
        guard let dim = matrix.dim, dim.count == 2 else { throw WorkbenchError(.value, "invalid matrix specification") }
        let numbers = try matrix.asIntegers().elements.map { Int($0 ?? 0) }
        try args.context.devices.currentDevice().parameters.setLayout(
            numbers, rows: dim[0], columns: dim[1], widths: try args["widths"].asDoubles().elements,
            heights: try args["heights"].asDoubles().elements)
        return .int(numbers.max() ?? 0)
    }
}
