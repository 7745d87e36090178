import RRuntime

/// Base R, part "matrices": construction, binding, products, decompositions, margins.
public enum BaseMatrices: Registrant {
    /// Name in `plugins()`.
    public static var name: String { "base-matrices" }

    /// Adds the functions.
    public static func register(in registry: Registry) {
        let base = registry.attachedNamespace("base")
        registerMatrix(base)
        registerBind(base)
        registerProducts(base)
        registerLinearSystems(base)
        registerQR(base)
        registerTriangles(base)
        registerEigen(base)
        registerSingularValues(base)
        registerNorms(base)
        registerDiagonals(base)
        registerMargins(base)
        registerSlices(base)
        registerApply(base)
        // R's names of what the generics do without a method: calls in messages bear them.
        for name in ["rowsum", "chol", "qr", "solve"] {
            base.alias(name + ".default", of: name)
        }
    }
}
