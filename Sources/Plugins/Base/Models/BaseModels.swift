import RRuntime

/// Base R, part "models": formulas, linear models and what describes them; fills the namespace stats.
public enum BaseModels: Registrant {
    /// Name in `plugins()`.
    public static var name: String { "base-models" }

    /// Adds the functions.
    public static func register(in registry: Registry) {
        let stats = registry.attachedNamespace("stats")
        registerFormulas(stats)
        registerModelMatrix(stats)
        registerContrasts(stats)
        registerLinearModel(stats)
        registerExtractors(stats)
        registerLinearSummary(stats)
        registerCoefficientTable(stats)
        registerPrediction(stats)
        registerVarianceAnalysis(stats)
        registerVariance(stats)
        registerDesigns(stats, registry.namespace("base"))
        // R's names of what the generics do without a method: calls in messages bear them.
        for name in [
            "deviance", "nobs", "sigma", "formula", "fitted", "residuals", "coef", "update", "df.residual", "weights",
        ] {
            stats.alias(name + ".default", of: name)
        }
    }
}
