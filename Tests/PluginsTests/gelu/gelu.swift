import PluginAPI
import Tensors

/// A plug-in as a stranger writes it: a layer of its own, `nn_quick_gelu()`, x · σ(1.702 x).
enum QuickGelu: Plugin {
    static let name = "gelu"

    static func register(in registry: Registry) {
        let gelu = registry.namespace("gelu")
        gelu.function("nnf_quick_gelu", [.value("x", help: "a tensor")], help: "x times the sigmoid of 1.702 x") {
            args in
            let x = try args.tensor("x")
            return .tensor(try x * (x * 1.702).sigmoid())
        }
        gelu.layer("nn_quick_gelu", [], help: "x times the sigmoid of 1.702 x") { _, _ in
            { x, _, _ in try x * (x * 1.702).sigmoid() }
        }
        // What it is, said as data: nn_sequential() may compute it together with its neighbours.
        gelu.layer("nn_ramp", [], help: "max(x, 0)") { layer, _ in
            layer.describe { _ in ReluStage() }
            return { x, _, _ in try ReluStage().apply(x) }
        }
    }
}

@c(workbench_plugin)
public func entry(_ host: UnsafeMutableRawPointer, _ abi: Int32) -> Int32 { load(QuickGelu.self, into: host, abi: abi) }
