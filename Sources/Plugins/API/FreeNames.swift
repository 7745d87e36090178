/// Names that are all different: the second `a` becomes `a#2`.
struct FreeNames {
    private var taken: Set<String> = []

    /// The name itself, or the first variant of it that is free.
    mutating func take(_ name: String) -> String {
        var free = name
        var copy = 1
        while !taken.insert(free).inserted {
            copy += 1
            free = "\(name)#\(copy)"
        }
        return free
    }
}
