import RRuntime

extension Arguments {
    /// Takes the first value out, changes it, and returns it. The caller must hold no copy.
    package mutating func taking0(_ change: (inout Value) -> Void) -> Value {
        var value = take(0)
        change(&value)
        return value
    }
}
