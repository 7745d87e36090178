// swift-tools-version: 6.1
import PackageDescription

// Imports go one way, from top to bottom of this file; `swift build --explicit-target-dependency-import-check error`
// (scripts/test) holds every target to the list it declares here.

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// A plug-in opened with dlopen binds to the types inside the running program, so the program exports them.
let exportsSymbols: [LinkerSetting] = [
    .unsafeFlags(["-Xlinker", "--export-dynamic"], .when(platforms: [.linux]))
]

func system(_ name: String, pkgConfig: String, apt: String) -> Target {
    .systemLibrary(name: name, path: "Sources/Kernels/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

func kernels(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/Kernels/\(name)", swiftSettings: settings)
}

/// A built-in plug-in sees what any other plug-in sees: the API, and nothing of the shell.
func plugin(_ name: String, _ dependencies: [Target.Dependency] = [], path: String? = nil) -> Target {
    .target(
        name: name, dependencies: ["PluginAPI", "Tensors", "Diagnostics"] + dependencies,
        path: "Sources/Plugins/\(path ?? name)", swiftSettings: settings)
}

func workbench(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/Workbench/\(name)", swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], tables: [String] = []) -> Target {
    .testTarget(
        name: name, dependencies: dependencies + ["TestSupport"], exclude: tables, swiftSettings: settings,
        linkerSettings: exportsSymbols)
}

let builtins: [Target.Dependency] = [
    "BaseVectors", "BaseSubsetting", "BaseArithmetic", "BaseMatrices", "BaseStrings", "BaseFormatting", "BasePrinting",
    "BaseFiles", "BaseLanguage", "BaseFunctional", "BaseSession", "BasePackages", "BaseData", "BaseTime",
    "BaseSerialization", "BaseFrames", "BaseStatistics", "BaseModels", "BaseGeneralized", "BaseInference",
    "Graphics", "Plots", "Torch", "TensorFunctions", "Modules", "Layers", "Losses", "Optimizers", "Schedulers",
    "Transforms", "Datasets", "Models", "Metrics", "Callbacks", "Training", "Runs",
]

let package = Package(
    name: "workbench",
    products: [.executable(name: "workbench", targets: ["workbench"])],
    targets: [
        // Kernels: system libraries, C, and the tensors over them.
        system("COpenBLAS", pkgConfig: "openblas", apt: "libopenblas-dev"),
        system("CPNG", pkgConfig: "libpng", apt: "libpng-dev"),
        system("CJPEG", pkgConfig: "libjpeg", apt: "libjpeg62-turbo-dev"),
        system("CArchive", pkgConfig: "libarchive", apt: "libarchive-dev"),
        system("CCairo", pkgConfig: "cairo", apt: "libcairo2-dev"),
        system("CPCRE2", pkgConfig: "libpcre2-8", apt: "libpcre2-dev"),
        system("CCurl", pkgConfig: "libcurl", apt: "libcurl4-openssl-dev"),
        system("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev"),
        system("CCrypto", pkgConfig: "libcrypto", apt: "libssl-dev"),
        system("CSQLite", pkgConfig: "sqlite3", apt: "libsqlite3-dev"),
        kernels("Diagnostics"),
        kernels("CNumberFormat"),
        .target(
            name: "CKernels", dependencies: ["COpenBLAS", "CZlib"], path: "Sources/Kernels/CKernels",
            swiftSettings: settings, linkerSettings: [.linkedLibrary("z")]),
        kernels("CImages", ["CPNG", "CJPEG"]),
        kernels("CDownload", ["CCurl"]),
        // LAPACK, which comes with OpenBLAS, as R calls it.
        kernels("CLapack", ["COpenBLAS", "CKernels"]),
        kernels("Tensors", ["CKernels", "Diagnostics"]),
        kernels("Images", ["CImages", "CDownload", "CArchive", "CCrypto", "Diagnostics"]),

        // Plugins: the contract, and the plug-ins that come in the box.
        .target(
            name: "PluginAPI", dependencies: ["Tensors", "Diagnostics", "CNumberFormat"], path: "Sources/Plugins/API",
            swiftSettings: settings),
        // Types of vectors and their order, coercion, names, dimensions: what the four plug-ins below share.
        plugin("VectorValues", path: "Base/VectorValues"),
        plugin("BaseVectors", ["VectorValues"], path: "Base/Vectors"),
        plugin("BaseSubsetting", ["VectorValues"], path: "Base/Subsetting"),
        plugin("BaseArithmetic", ["VectorValues"], path: "Base/Arithmetic"),
        plugin("BaseMatrices", ["VectorValues", "CLapack"], path: "Base/Matrices"),
        // Elements as texts, their encodings and width on a terminal, patterns: what the plug-ins for texts and for the
        // language share.
        plugin("TextValues", ["CPCRE2"], path: "Base/TextValues"),
        plugin("BaseStrings", ["TextValues"], path: "Base/Strings"),
        // Elements as printing and formatting show them: what the three plug-ins below share.
        plugin("FormatValues", ["TextValues"], path: "Base/FormatValues"),
        plugin("BaseFormatting", ["TextValues", "FormatValues"], path: "Base/Formatting"),
        plugin("BasePrinting", ["TextValues", "FormatValues"], path: "Base/Printing"),
        plugin("BaseFiles", ["TextValues", "FormatValues"], path: "Base/Files"),
        // Environments, calls and code as arguments, elements of whatever is gone through: what the four plug-ins below
        // share.
        plugin("LanguageValues", ["TextValues"], path: "Base/LanguageValues"),
        plugin("BaseLanguage", ["LanguageValues"], path: "Base/Language"),
        plugin("BaseFunctional", ["LanguageValues"], path: "Base/Functional"),
        plugin("BaseSession", ["LanguageValues"], path: "Base/Session"),
        plugin("BasePackages", ["LanguageValues"], path: "Base/Packages"),
        // Factors, data frames and keys as values: what the plug-ins for data and for models share.
        plugin("BaseValues", path: "Base/Values"),
        plugin("BaseData", ["BaseValues"], path: "Base/Data"),
        plugin("BaseTime", ["BaseValues"], path: "Base/Time"),
        plugin("BaseSerialization", ["BaseValues", "CZlib"], path: "Base/Serialization"),
        plugin("BaseFrames", ["BaseValues"], path: "Base/Frames"),
        plugin("BaseStatistics", ["BaseValues"], path: "Base/Statistics"),
        // Formulas, model frames, matrices, least squares: what the three plug-ins below share.
        plugin("ModelValues", ["BaseValues"], path: "Base/ModelValues"),
        plugin("BaseModels", ["BaseValues", "ModelValues"], path: "Base/Models"),
        plugin("BaseGeneralized", ["BaseValues", "ModelValues"], path: "Base/Generalized"),
        plugin("BaseInference", ["BaseValues", "ModelValues"], path: "Base/Inference"),
        // Devices, colours, coordinates and the drawing of figures: what the two plug-ins below share.
        plugin("GraphicDevices", ["Images", "CCairo"]),
        plugin("Graphics", ["GraphicDevices"]),
        plugin("Plots", ["GraphicDevices"]),
        // How operations of tensors register, and gradients written in R: what the two plug-ins below share.
        plugin("TensorCalls"),
        plugin("Torch", ["TensorCalls"]),
        plugin("TensorFunctions", ["TensorCalls"]),
        plugin("Modules"),
        plugin("Layers"),
        plugin("Losses"),
        plugin("Optimizers"),
        plugin("Schedulers"),
        plugin("Transforms", ["CImages"]),
        plugin("Datasets", ["Images", "CImages", "CZlib"]),
        plugin("Models", ["Images"]),
        plugin("Metrics"),
        // What state files of fits hold, and the files: apart from the callbacks that write and read them.
        plugin("FitStates"),
        plugin("Callbacks", ["FitStates"]),
        plugin("Training"),
        plugin("Runs", ["CSQLite"]),

        // Workbench: the language, the session and the terminal.
        workbench("Language", ["PluginAPI", "Diagnostics"]),
        workbench("Evaluator", ["Language", "PluginAPI", "Diagnostics"]),
        workbench("Session", ["Evaluator", "Language", "PluginAPI", "Tensors", "Diagnostics", "CCrypto", "CTraps"]),
        .target(name: "CTraps", path: "Sources/Workbench/CTraps"),
        .target(
            name: "CLineEditor", path: "Sources/Workbench/CLineEditor", linkerSettings: [.linkedLibrary("edit")]),
        workbench("Shell", ["Session", "Evaluator", "Language", "PluginAPI", "Diagnostics", "CLineEditor"]),
        .executableTarget(
            name: "workbench", dependencies: ["Shell", "Session", "PluginAPI"] + builtins,
            path: "Sources/Workbench/Main", swiftSettings: settings, linkerSettings: exportsSymbols),

        // Tests
        .target(
            name: "CPseudoTerminal", path: "Tests/CPseudoTerminal",
            linkerSettings: [.linkedLibrary("util", .when(platforms: [.linux]))]),
        .target(
            name: "TestSupport",
            dependencies: ["Shell", "Session", "Evaluator", "Language", "PluginAPI", "Tensors", "Diagnostics"]
                + builtins,
            path: "Tests/TestSupport", swiftSettings: settings),
        // A bundle depends on what it imports and no more: one that named a plug-in would be built again with it.
        tests("KernelsTests", ["CKernels", "Tensors", "Diagnostics"]),
        tests("ImagesTests", ["Images", "CArchive", "Diagnostics"]),
        tests("GraphicsTests", ["GraphicDevices", "Graphics", "Plots", "Images", "Session", "PluginAPI"]),
        tests(
            "LanguageTests", ["Language", "PluginAPI", "Diagnostics"],
            tables: ["Grammar", "Deparse", "Hints", "Reports"]),
        tests(
            "BaseVectorsTests",
            ["BaseSubsetting", "BaseArithmetic", "Session", "PluginAPI", "Diagnostics"]),
        tests("BaseTextTests", ["TextValues", "BaseFormatting"]),
        tests("BaseLanguageTests", []),
        tests("DataTests", ["Datasets", "Transforms", "Images", "CImages", "Session", "PluginAPI", "Tensors"]),
        tests(
            "TrainingTests",
            [
                "FitStates", "Callbacks", "Runs", "CPseudoTerminal", "Images", "Session", "PluginAPI", "Tensors",
                "Diagnostics",
            ],
            tables: ["Files"]),
        tests("PluginsTests", ["Session", "PluginAPI", "Tensors", "Diagnostics"], tables: ["gelu"]),
        tests("PluginToolTests", ["Shell", "Session", "PluginAPI"], tables: ["broken", "doors"]),
        tests("SessionTests", ["CPseudoTerminal", "Shell", "Session", "PluginAPI", "Tensors"]),
    ]
)

// `scripts/fuzz readers` only: all targets with the counters of libFuzzer, and a program that feeds the readers. The
// variable holds the path of compiler-rt's libclang_rt.fuzzer_no_main.
if let fuzzer = Context.environment["WORKBENCH_FUZZER"] {
    for target in package.targets where target.type != .system && target.type != .test {
        target.swiftSettings = (target.swiftSettings ?? []) + [.unsafeFlags(["-sanitize=fuzzer"])]
        target.cSettings = (target.cSettings ?? []) + [.unsafeFlags(["-fsanitize=fuzzer-no-link"])]
    }
    package.targets += [
        .systemLibrary(name: "CFuzzer", path: "Tests/Fuzzing/CFuzzer"),
        .executableTarget(
            name: "fuzz-readers",
            dependencies: ["CFuzzer", "TestSupport", "Session", "PluginAPI", "Tensors", "Diagnostics"],
            path: "Tests/Fuzzing", exclude: ["CFuzzer", "corpus"], swiftSettings: settings,
            linkerSettings: [.unsafeFlags([fuzzer, "-lstdc++"])]),
    ]
}
