/// Names that are all different: the second `a` becomes `a#2`.
public struct FreeNames {
    private var taken: Set<String> = []

    /// None is taken.
    public init() {}

    /// The name itself, or the first variant of it that is free.
    public mutating func take(_ name: String) -> String {
        var free = name
        var copy = 1
        while !taken.insert(free).inserted {
            copy += 1
            free = "\(name)#\(copy)"
        }
        return free
    }
}
