import PluginAPI
import Tensors

extension Squeeze {
    /// Run by `workbench plugin test`, with the plug-in, in a process of its own.
    static func selfTest(_ checks: Checks) throws {
        for (channels, reduction) in [(1, 16), (6, 4), (32, 16)] {
            let code = "nn_squeeze_excitation(\(channels), \(reduction))"
            guard case .object(let object) = try checks.value(of: code), let layer = object as? Module else {
                return try checks.expect(false, "\(code) makes no module")
            }
            let x = try checks.context.tensors.generator.randn([3, channels, 4, 3])
            try checks.layer(layer, input: x, as: code)
            try checks.expect(
                layer.parameter("weight1")?.shape == [max(1, channels / reduction), channels],
                "\(code): the first layer has the wrong size")
        }
    }
}
