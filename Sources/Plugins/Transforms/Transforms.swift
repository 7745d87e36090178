import PluginAPI

/// The transforms of `library(torchvision)`.
public enum Transforms: Plugin {
    /// Name in `plugins()`.
    public static var name: String { "transforms" }

    /// One line a file.
    public static func register(in registry: Registry) {
        registerPipes(registry.namespace("torchvision"), all: false)
        registerConversion(registry)
        registerNormalization(registry)
        registerSizing(registry)
        registerPadding(registry)
        registerFlips(registry)
        registerAffine(registry)
        registerRandomAffine(registry)
        registerRandomCrops(registry)
        registerColor(registry)
        registerChoices(registry)
        registerGrids(registry)
        registerDisplay(registry)
    }
}

/// Registers a transform of `torchvision`; short for what every file here does.
func transform(
    _ registry: Registry, _ name: String, _ parameters: [Parameter], help: String, _ make: @escaping Transform.Make
) {
    registry.transform(name, in: "torchvision", parameters, help: help, make)
}
