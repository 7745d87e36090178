/// What `plugin new` writes for a kind, with `NAME`, `TYPE` and `FUNCTION` to be filled in.
struct PluginTemplate {
    /// `NAME.R`, without its heading.
    let scripted: String
    /// `NAME.swift` and its checks.
    let compiled: CompiledTemplate
    /// The session script of both tiers.
    let test: String

    static func of(_ kind: PluginKind) -> PluginTemplate {
        switch kind {
        case .layer:
            return PluginTemplate(
                scripted: ScriptedTemplate.layer, compiled: CompiledTemplate.layer, test: TemplateTest.layer)
        case .transform:
            return PluginTemplate(
                scripted: ScriptedTemplate.transform, compiled: CompiledTemplate.transform, test: TemplateTest.transform
            )
        case .scheduler:
            return PluginTemplate(
                scripted: ScriptedTemplate.scheduler, compiled: CompiledTemplate.scheduler, test: TemplateTest.scheduler
            )
        case .callback:
            return PluginTemplate(
                scripted: ScriptedTemplate.callback, compiled: CompiledTemplate.callback, test: TemplateTest.callback)
        case .optimizer:
            return PluginTemplate(
                scripted: ScriptedTemplate.optimizer, compiled: CompiledTemplate.optimizer, test: TemplateTest.optimizer
            )
        case .metric:
            return PluginTemplate(
                scripted: ScriptedTemplate.metric, compiled: CompiledTemplate.metric, test: TemplateTest.metric)
        case .dataset:
            return PluginTemplate(
                scripted: ScriptedTemplate.dataset, compiled: CompiledTemplate.dataset, test: TemplateTest.dataset)
        case .model:
            return PluginTemplate(
                scripted: ScriptedTemplate.model, compiled: CompiledTemplate.model, test: TemplateTest.model)
        }
    }
}
