import PluginAPI
import Tensors

extension PlainConvolution {
    /// Run by `workbench plugin test`, with the plug-in, in a process of its own.
    static func selfTest(_ checks: Checks) throws {
        for code in ["nn_conv2d(2, 3, 1, bias = FALSE)", "nn_conv2d(4, 6, 3, stride = 2, padding = 1, groups = 2)"] {
            guard case .object(let object) = try checks.value(of: "plainconv::" + code), let layer = object as? Module
            else { return try checks.expect(false, "\(code) makes no module") }
            let channels = code.contains("groups") ? 4 : 2
            let x = try checks.context.tensors.generator.randn([3, channels, 5, 4])
            try checks.layer(layer, input: x, as: code)
        }
    }
}
