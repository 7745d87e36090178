import PluginAPI

extension Namespace {
    /// A generic function that draws. What it returns itself is not printed; a method written in R is printed as it says.
    func drawing(
        _ name: String, _ parameters: [Parameter], help: String, _ implementation: @escaping Builtin.Implementation
    ) {
        function(name, parameters, help: help, dispatch: .generic) { args in
            let result = try implementation(&args)
            args.context.isVisible = false
            return result
        }.keepsVisibility = true
    }
}
