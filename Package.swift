// swift-tools-version: 6.1
import PackageDescription

// Imports go one way, from top to bottom of this file; `swift build --explicit-target-dependency-import-check error`
// (scripts/test) holds every target to the list it declares here.

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// What works once a call or a batch, not once an element, is compiled for size: it is as fast, and the compiler takes a
/// tenth less time for it.
let forSize: [SwiftSetting] = settings + [.unsafeFlags(["-Osize"], .when(configuration: .release))]

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
func plugin(
    _ name: String, _ dependencies: [Target.Dependency] = [], path: String? = nil, settings: [SwiftSetting] = settings
) -> Target {
    .target(
        name: name, dependencies: ["PluginAPI", "Tensors", "Diagnostics"] + dependencies,
        path: "Sources/Plugins/\(path ?? name)", swiftSettings: settings)
}

/// A plug-in of R itself, which has no tensors.
func base(
    _ name: String, _ dependencies: [Target.Dependency] = [], path: String, settings: [SwiftSetting] = settings
) -> Target {
    .target(
        name: name, dependencies: ["RRuntime", "Diagnostics"] + dependencies, path: "Sources/Plugins/Base/\(path)",
        swiftSettings: settings)
}

func workbench(
    _ name: String, _ dependencies: [Target.Dependency], settings: [SwiftSetting] = settings
) -> Target {
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

        // Plugins: what R's values, sessions and registries are, without tensors; the contract; and the plug-ins that come
        // in the box.
        .target(
            name: "RRuntime", dependencies: ["Diagnostics", "CNumberFormat", "CKernels"],
            path: "Sources/Plugins/Runtime",
            swiftSettings: settings),
        .target(
            name: "PluginAPI", dependencies: ["RRuntime", "Tensors", "Diagnostics"], path: "Sources/Plugins/API",
            swiftSettings: settings),
        // Types of vectors and their order, coercion, names, dimensions: what the four plug-ins below share.
        base("VectorValues", path: "VectorValues"),
        base("BaseVectors", ["VectorValues"], path: "Vectors"),
        base("BaseSubsetting", ["VectorValues"], path: "Subsetting"),
        base("BaseArithmetic", ["VectorValues"], path: "Arithmetic"),
        base("BaseMatrices", ["VectorValues", "CLapack"], path: "Matrices"),
        // Elements as texts, their encodings and width on a terminal, patterns: what the plug-ins for texts and for the
        // language share.
        base("TextValues", ["CPCRE2"], path: "TextValues"),
        base("BaseStrings", ["TextValues"], path: "Strings"),
        // Elements as printing and formatting show them: what the three plug-ins below share.
        base("FormatValues", ["TextValues"], path: "FormatValues"),
        base("BaseFormatting", ["TextValues", "FormatValues"], path: "Formatting"),
        base("BasePrinting", ["TextValues", "FormatValues"], path: "Printing"),
        base("BaseFiles", ["TextValues", "FormatValues"], path: "Files"),
        // Environments, calls and code as arguments, elements of whatever is gone through: what the four plug-ins below
        // share.
        base("LanguageValues", ["TextValues"], path: "LanguageValues"),
        base("BaseLanguage", ["LanguageValues"], path: "Language"),
        base("BaseFunctional", ["LanguageValues"], path: "Functional"),
        base("BaseSession", ["LanguageValues"], path: "Session", settings: forSize),
        base("BasePackages", ["LanguageValues"], path: "Packages", settings: forSize),
        // Factors, data frames and keys as values: what the plug-ins for data and for models share.
        base("BaseValues", path: "Values"),
        base("BaseData", ["BaseValues"], path: "Data"),
        base("BaseTime", ["BaseValues"], path: "Time"),
        // Objects in files may hold tensors.
        plugin("BaseSerialization", ["BaseValues", "CZlib"], path: "Base/Serialization"),
        base("BaseFrames", ["BaseValues"], path: "Frames"),
        base("BaseStatistics", ["BaseValues"], path: "Statistics"),
        // Formulas, model frames, matrices, least squares: what the three plug-ins below share.
        base("ModelValues", ["BaseValues"], path: "ModelValues"),
        base("BaseModels", ["BaseValues", "ModelValues"], path: "Models"),
        base("BaseGeneralized", ["BaseValues", "ModelValues"], path: "Generalized"),
        base("BaseInference", ["BaseValues", "ModelValues"], path: "Inference"),
        // Devices, colours, coordinates and the drawing of figures: what the two plug-ins below share.
        plugin("GraphicDevices", ["Images", "CCairo"], settings: forSize),
        plugin("Graphics", ["GraphicDevices"], settings: forSize),
        plugin("Plots", ["GraphicDevices"], settings: forSize),
        // How operations of tensors register, and gradients written in R: what the two plug-ins below share.
        plugin("TensorCalls", settings: forSize),
        plugin("Torch", ["TensorCalls"], settings: forSize),
        plugin("TensorFunctions", ["TensorCalls"], settings: forSize),
        plugin("Modules", settings: forSize),
        plugin("Layers"),
        plugin("Losses", settings: forSize),
        plugin("Optimizers", settings: forSize),
        plugin("Schedulers", settings: forSize),
        plugin("Transforms", ["CImages"]),
        plugin("Datasets", ["Images", "CImages", "CZlib"]),
        plugin("Models", ["Images"], settings: forSize),
        plugin("Metrics", settings: forSize),
        // What state files of fits hold, and the files: apart from the callbacks that write and read them.
        plugin("FitStates", settings: forSize),
        plugin("Callbacks", ["FitStates"], settings: forSize),
        plugin("Training", settings: forSize),
        plugin("Runs", ["CSQLite"], settings: forSize),

        // Workbench: the language, the session and the terminal.
        workbench("Language", ["RRuntime", "Diagnostics"]),
        workbench("Evaluator", ["Language", "RRuntime", "Diagnostics"]),
        workbench(
            "Session", ["Evaluator", "Language", "PluginAPI", "Tensors", "Diagnostics", "CCrypto", "CTraps"],
            settings: forSize),
        .target(name: "CTraps", path: "Sources/Workbench/CTraps"),
        .target(
            name: "CLineEditor", path: "Sources/Workbench/CLineEditor", linkerSettings: [.linkedLibrary("edit")]),
        workbench(
            "Shell", ["Session", "Evaluator", "Language", "PluginAPI", "Diagnostics", "CLineEditor"], settings: forSize),
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
