import RRuntime

/// Base R, part "packages": the small packages that extend the language (magrittr, zeallot, purrr, rlang, coro, R6).
public enum BasePackages: Registrant {
    /// Name in `plugins()`.
    public static var name: String { "base-packages" }

    /// Adds the functions.
    public static func register(in registry: Registry) {
        registerMagrittr(registry)
        registerZeallot(registry)
        registerR6(registry)
        registerRlang(registry)
        registerPurrr(registry)
        registerCoro(registry)
    }
}
