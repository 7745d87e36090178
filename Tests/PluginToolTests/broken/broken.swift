import Diagnostics
import Glibc
import PluginAPI
import Tensors

/// A plug-in that breaks its contract in the way the variable BROKEN says.
enum Broken: Plugin {
    static let name = "broken"

    static var how: String { getenv("BROKEN").map { String(cString: $0) } ?? "" }

    static func register(in registry: Registry) {
        if how == "traps in register" { fatalError("no good") }
        let broken = registry.namespace("broken")
        broken.layer("nn_broken", [.value("size", 1)], help: "Gives back what it gets, if it is well") { layer, args in
            layer.setParameter("weight", try Tensor.ones([1]).requiresGrad_())
            let captured = layer.parameter("weight")
            return { x, layer, _ in
                let weight = try (how == "captured" ? captured : layer.parameter("weight")) ?? Tensor.ones([1])
                switch how {
                case "traps in forward": fatalError("out of luck with \(x.shape)")
                case "wild pointer": UnsafeMutablePointer<Int>(bitPattern: 8)?.pointee = 1
                case "loops": while true {}
                case "exits": exit(0)
                case "lets go":
                    for descriptor in [1, 2, 3] as [Int32] { close(descriptor) }
                    while true {}
                case "memory":
                    UnsafeMutableRawPointer.allocate(byteCount: 16 << 30, alignment: 16).storeBytes(of: 1, as: Int.self)
                case "shapes": return try x.mul(weight).sum(dims: [0])
                case "batch": return try x.shape[0] == 3 ? x.mul(weight).sum(dims: [-1]) : x.mul(weight)
                case "nan": return try x.mul(weight).div(Tensor(scalar: .double(0)))
                case "late": if x.shape[0] == 128 { fatalError("a batch of 128") }
                case "late exit": if x.shape[0] == 128 { exit(0) }
                case "late stack": if x.shape[0] == 128 { print(deep(x.shape[0])) }
                case "throws":
                    throw WorkbenchError(.shape, "nn_broken() does not like \(x.shape)", hint: "nothing helps")
                case "in place":
                    _ = try x.detached().add_(Tensor(scalar: .double(1)))
                    return try x.mul(weight)
                case "random":
                    return try x.mul(weight).add(
                        Tensor.empty([1]).uniform_(0, 1, Generator(seed: UInt64.random(in: 0...99_999))))
                case "gradient":
                    let y = try withoutGradients { try x.mul(weight) }
                    return Tensor(op: "WrongBackward", y, from: [x, weight]) { dy in
                        [try dy.mul(Tensor(scalar: .double(2))), try dy.sum().reshape([1])]
                    }
                case "backward throws", "backward shape":
                    let throwing = how == "backward throws"
                    return try Tensor(op: "OddBackward", withoutGradients { try x.mul(weight) }, from: [x, weight]) {
                        dy in
                        if throwing { throw WorkbenchError(.shape, "no way back from \(dy.shape)") }
                        return [try Tensor.ones([7]), try Tensor.ones([7])]
                    }
                case "history": return try withoutGradients { try x.mul(weight) }
                default: break
                }
                return try x.mul(weight)
            }
        }
        if how == "takes a name" {
            registry.namespace("torch").layer("nn_linear", [.value("size", 1)], help: "") { _, _ in { x, _, _ in x } }
        }
        if how == "registers more" { broken.function("more", [], help: "") { _ in .null } }
        if how == "registers elsewhere" { registry.namespace("other").function("more", [], help: "") { _ in .null } }
        broken.trial("nn_broken", "nn_broken()", input: [2, 3])
    }
}

/// Never comes back, and is no loop: something is done after each call.
func deep(_ number: Int) -> Int { deep(number &+ 1) ^ Int(getpid()) }

@c(workbench_plugin)
public func entry(_ host: UnsafeMutableRawPointer, _ abi: Int32) -> Int32 {
    load(Broken.self, into: host, abi: Broken.how == "other API" ? abi + 1 : abi)
}
