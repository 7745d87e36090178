import Diagnostics
import PluginAPI

/// `accelerator()`: where a fit computes. There is the CPU only, so nothing is ever moved.
final class Accelerator: ForeignObject, @unchecked Sendable {
    let placesModel: Bool

    init(placesModel: Bool) { self.placesModel = placesModel }

    override var classes: [Text] { ["LuzAccelerator", "R6"] }
    override var completions: [Completion] { ["device", "device_placement", "prepare"].map { Completion($0) } }
}

func registerAccelerator(_ luz: Namespace) {
    let accelerator = luz.maker(
        "accelerator",
        [
            .value("device_placement", true), .value("cpu", false),
            .value("cuda_index", nil, help: "accepted and without effect: there is no GPU"),
        ], help: "Where a fit computes: on the CPU"
    ) { args in Accelerator(placesModel: try args.flag("device_placement")) }
    luz.define(accelerator)
    let prepare = Builtin(
        "prepare", namespace: "luz", [.value("self"), .dots],
        help: "Returns models, optimizers and loaders as they are: a list, or the one argument"
    ) { args in
        if args.dots.count == 1 { return args.dots[0].value }
        var list = Value.list(Vector(args.dotValues))
        if args.dots.contains(where: { $0.name != nil }) {
            list = list.withNames(args.dots.map { $0.name?.name ?? "" })
        }
        return list
    }
    luz.method("$", for: "LuzAccelerator", [.value("x"), .value("name")]) { args in
        guard case .object(let object) = args[0], let accelerator = object as? Accelerator else {
            throw WorkbenchError(.type, "an accelerator is expected")
        }
        switch try args.string("name") {
        case "device": return "cpu"
        case "device_placement": return .flag(accelerator.placesModel)
        case "prepare": return .object(BoundMethod(.builtin(prepare), to: args[0]))
        default: return .null
        }
    }
    luz.method("print", for: "LuzAccelerator", [.value("x"), .dots], visible: false) { args in
        args.context.console.write("<accelerator> cpu\n")
        return args[0]
    }
}
