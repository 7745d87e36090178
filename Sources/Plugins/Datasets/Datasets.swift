import PluginAPI

/// Data sets and loaders of `library(torch)` and `library(torchvision)`.
public enum Datasets: Plugin {
    /// Name in `plugins()`.
    public static var name: String { "datasets" }

    /// One line a file.
    public static func register(in registry: Registry) {
        registry.addSavedLoaders()
        registerDatasetClasses(registry)
        registerTensorDataset(registry)
        registerDatasetSubset(registry)
        registerSamplers(registry)
        registerDataloader(registry)
        registerLoaderMethods(registry)
        registerEnumeration(registry)
        registerBaseLoader(registry)
        let folder = registerImageFolder(registry)
        registerTinyImageNet(registry, folder)
        registerShapes(registry, folder)
        registerIdxDatasets(registry)
        registry.optionChecks.add("workbench.keep_images") { value, _ in _ = try KeptImages.size(value) }
        _ = registry.namespace("torchdatasets")
    }
}
