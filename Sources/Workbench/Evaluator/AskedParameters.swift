import RRuntime

/// Parameters for which R's functions ask `missing()` before they look: `f <- function(x, n) sample(x, n)` may be called
/// without an `n`. All others are looked at, and a parameter of the caller that was not given is an error there.
enum AskedParameters {
    private static let byFunction: [Symbol: Set<Symbol>] = [
        "as.Date": ["format"], "diag": ["nrow", "ncol"], "factor": ["levels", "labels"], "log": ["base"],
        "ls": ["name"], "rep": ["times", "each", "length.out"], "round": ["digits"], "sample": ["size"],
        "seq": ["by", "along.with"], "seq.int": ["by", "along.with"], "signif": ["digits"],
        "subset": ["subset", "select"], "subset.data.frame": ["subset", "select"],
    ].reduce(into: [:]) { table, entry in
        table[Symbol.named(entry.key)] = Set(entry.value.map { Symbol.named($0) })
    }

    /// Whether R's function asks.
    static func contains(_ place: Int, of builtin: Builtin) -> Bool {
        guard place > 0, builtin.parameters.indices.contains(place), let asked = byFunction[builtin.name] else {
            return false
        }
        return asked.contains(builtin.parameters[place].name)
    }
}
