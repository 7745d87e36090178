import PluginAPI

/// Settings of layers written in Swift, such as the `p` of a dropout, which a callback may change while a fit runs.
struct LayerSettings {
    private let context: Context
    /// Prints of the settings when the fit began, by path of the layer and name.
    private var begun: [String: [String: String]] = [:]

    /// Looks at the layers of a fit that is about to begin.
    init(_ training: TrainingContext, _ references: References) throws {
        context = training.session
        for (path, _, settings) in try LayerSettings.all(training, references) {
            begun[path] = Dictionary(
                try settings.map { ($0.name, try FieldPrints.print($0.value, context)) }, uniquingKeysWith: { $1 })
        }
    }

    private typealias Layer = (path: String, module: Module, settings: [(name: String, value: Value)])

    /// The layers of a net that have settings which are plain values.
    private static func all(_ training: TrainingContext, _ references: References) throws -> [Layer] {
        try training.allModules.compactMap { path, module in
            let settings = try module.savedState(training.session).saved(".settings").namedItems.filter {
                references.kind(of: $0.value) == .plain
            }
            return settings.isEmpty ? nil : (path, module, settings)
        }
    }

    /// What the fit has changed, a list for each layer.
    func changed(_ training: TrainingContext, _ references: References) throws -> [Value] {
        try LayerSettings.all(training, references).compactMap { path, _, settings in
            let changed = try settings.filter {
                try begun[path]?[$0.name] != FieldPrints.print($0.value, context)
            }
            guard !changed.isEmpty else { return nil }
            return .named([("path", .string(path)), ("changed", .named(changed.map { ($0.name, $0.value) }))])
        }
    }

    /// Sets what ``changed(_:_:)`` gave; layers that are not there any more are passed over.
    static func restore(_ entries: [Value], _ training: TrainingContext, _ references: References) throws {
        guard !entries.isEmpty else { return }
        let layers = try all(training, references)
        for entry in entries {
            guard let layer = layers.first(where: { $0.path == entry.savedText("path") }) else { continue }
            for item in entry.saved("changed").namedItems where references.kind(of: item.value) == .plain {
                try layer.module.setField(item.name, item.value, context: training.session)
            }
        }
    }
}
